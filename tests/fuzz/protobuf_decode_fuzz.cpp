// Any bytes as a Protobuf record, framed or not (the first byte says): decoded or refused with a reason, always one row; its
// neighbour is untouched.

#include <cstdint>
#include <cstdlib>

#include "connectors/protobuf/proto_decoder.h"
#include "fuzz/planted_crash.h"
#include "io/scalar_text.h"

using namespace penstock;

namespace {

constexpr const char* kContract = R"(syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto"; import "google/protobuf/wrappers.proto";
  message R { int32 i = 1; string s = 2; uint64 u = 3; sint64 z = 4; fixed32 f = 5; double d = 6; bool b = 7; bytes y = 8; E e = 9; google.protobuf.Timestamp t = 10;
    google.protobuf.Duration q = 11; google.protobuf.StringValue w = 12; R r = 13; repeated R many = 14; repeated sint32 packed = 15; map<string, R> m = 16;
    oneof o { string oa = 17; R ob = 18; } optional float p = 19; map<int64, google.protobuf.Duration> n = 20; repeated string far = 70000; enum E { A = 0; B = 1; } })";

std::unique_ptr<Decoder> make_decoder(bool framed) {
  ProtobufDecoderOptions options;
  options.contract = *proto::ProtoSchema::parse(kContract, "fuzz");
  options.framed = framed;
  return std::move(*make_protobuf_decoder(std::move(options)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  static const std::unique_ptr<Decoder> decoders[] = {make_decoder(false), make_decoder(true)};
  if (size == 0) return 0;
  const bool framed = (data[0] & 1) != 0;
  const std::string record = (framed ? std::string(5, '\0') : std::string()) + std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
  RawBatch raw;
  raw.append({.value = record});
  raw.append({.value = framed ? std::string_view("\0\0\0\0\1\0\x08\x07", 8) : std::string_view("\x08\x07")});
  BatchBuilder columns(decoders[framed]->schema());
  const Decoded decoded = decoders[framed]->decode(raw, columns);
  const Batch rows = columns.finish();
  if (rows.rows() != 2 || rows.column(0).is_null(1) || rows.column(0).int32(1) != 7) std::abort();
  for (const DecodeFailure& failure : decoded.failures)
    if (failure.row != 0 || failure.reason.empty() || !is_utf8(failure.reason)) std::abort();
  return 0;
}
