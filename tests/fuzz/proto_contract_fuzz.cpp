// Any text as a .proto contract: read or refused with a place; what was read can decode a record.

#include <cstdint>
#include <cstdlib>

#include "connectors/protobuf/proto_decoder.h"
#include "fuzz/planted_crash.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  ProtobufDecoderOptions options;
  auto contract = proto::ProtoSchema::parse({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!contract.ok()) {
    if (contract.error().message.empty()) std::abort();
    return 0;
  }
  options.contract = std::move(*contract);
  const auto decoder = make_protobuf_decoder(std::move(options));
  if (!decoder.ok()) return 0;
  RawBatch raw;
  raw.append({.value = "\x08\x07"});
  BatchBuilder columns((*decoder)->schema());
  static_cast<void>((*decoder)->decode(raw, columns));
  if (columns.finish().rows() != 1) std::abort();
  return 0;
}
