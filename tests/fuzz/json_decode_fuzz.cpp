// Any bytes as a JSON record: decoded or refused with a reason, always one row, never past the record's end.

#include <cstdint>
#include <cstdlib>

#include "connectors/json/json_decoder.h"
#include "fuzz/planted_crash.h"
#include "io/json_schema_contract.h"
#include "io/scalar_text.h"

using namespace penstock;

namespace {

std::unique_ptr<Decoder> make_decoder() {
  const auto contract = parse_json_schema_contract(R"({"type":"object","properties":{
      "i":{"type":["integer","null"]},"s":{"type":"string"},"n":{"type":"number"},"d":{"type":"number","multipleOf":0.01},
      "b":{"type":"boolean"},"t":{"type":"string","format":"date-time"},"y":{"type":"string","format":"date"},
      "x":{"type":"string","contentEncoding":"base64"},"o":{"type":"object"},"a":{},"e":{"type":"string","enum":["q","r"],"pattern":"[qr]"}}})",
                                                   "fuzz");
  auto decoder = make_json_decoder(*contract);
  return std::move(*decoder);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  static const std::unique_ptr<Decoder> decoder = make_decoder();
  const std::string_view record(reinterpret_cast<const char*>(data), size);
  RawBatch raw;
  raw.append({.value = record});
  raw.append({.value = R"({"i":7})"});
  BatchBuilder columns(decoder->schema());
  const Decoded decoded = decoder->decode(raw, columns);
  const Batch rows = columns.finish();
  // The neighbour is untouched, whatever the record holds.
  if (rows.rows() != 2 || rows.column(0).is_null(1) || rows.column(0).int64(1) != 7) std::abort();
  for (const DecodeFailure& failure : decoded.failures)
    if (failure.row != 0 || failure.reason.empty() || !is_utf8(failure.reason)) std::abort();
  return 0;
}
