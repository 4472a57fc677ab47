// Any bytes as a change in Debezium's envelope: decoded, skipped or refused with a reason, always one row, never past the record's end.

#include <cstdint>
#include <cstdlib>

#include "connectors/json/debezium_decoder.h"
#include "fuzz/planted_crash.h"
#include "io/json_schema_contract.h"
#include "io/scalar_text.h"

using namespace penstock;

namespace {

// `with_json`: of a table with a column of JSON; without, rows of postgres_cdc are read as they are.
std::unique_ptr<Decoder> make_decoder(bool with_json) {
  auto contract = parse_json_schema_contract(R"({"type":"object","required":["i"],"properties":{
      "i":{"type":"integer"},"s":{"type":["string","null"]},"d":{"type":["number","null"],"x-precision":20,"x-scale":2},
      "t":{"type":["string","null"],"format":"date-time"},"y":{"type":["string","null"],"format":"date"},"a":{}}})",
                                                   "fuzz");
  if (!with_json) contract->fields.pop_back();
  auto decoder = make_debezium_decoder({*contract, {"i"}, json::Decimals::precise});
  return std::move(*decoder);
}

void decode(Decoder& decoder, std::string_view record) {
  RawBatch raw;
  raw.append({.value = record, .key = record, .has_key = true});
  raw.append({.value = R"({"op":"d","before":{"i":7}})"});
  BatchBuilder columns(decoder.schema());
  const Decoded decoded = decoder.decode(raw, columns);
  const Batch rows = columns.finish();
  // The neighbour is untouched, whatever the record holds.
  if (rows.rows() != 2 || rows.column(0).is_null(1) || rows.column(0).int64(1) != 7) std::abort();
  for (const DecodeFailure& failure : decoded.failures)
    if (failure.row != 0 || failure.reason.empty() || !is_utf8(failure.reason)) std::abort();
  // What is inferred can be read as a contract, whatever the record tells of its columns.
  if (const auto inferred = infer_debezium_contract(raw); inferred.ok() && !parse_json_schema_contract(*inferred, "inferred").ok()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  static const std::unique_ptr<Decoder> decoders[] = {make_decoder(true), make_decoder(false)};
  const std::string_view record(reinterpret_cast<const char*>(data), size);
  for (const auto& decoder : decoders) decode(*decoder, record);
  return 0;
}
