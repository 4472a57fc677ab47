// Any bytes as an Avro record, written by the contract's own schema or by another one: decoded or refused with a reason,
// always one row; its neighbour is untouched. The first byte chooses the writer.

#include <cstdint>
#include <cstdlib>

#include "connectors/avro/avro_decoder.h"
#include "fuzz/planted_crash.h"
#include "io/avro_contract.h"
#include "io/scalar_text.h"

using namespace penstock;

namespace {

constexpr const char* kContract = R"({"type":"record","name":"R","fields":[{"name":"i","type":"int"},{"name":"l","type":["null","long"]},{"name":"f","type":"float"},
 {"name":"d","type":"double"},{"name":"b","type":"boolean"},{"name":"s","type":"string"},{"name":"y","type":"bytes"},{"name":"x","type":{"type":"fixed","name":"X","size":3}},
 {"name":"e","type":{"type":"enum","name":"E","symbols":["P","Q"],"default":"P"}},{"name":"m","type":{"type":"bytes","logicalType":"decimal","precision":38,"scale":9}},
 {"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"u","type":{"type":"string","logicalType":"uuid"}},{"name":"a","type":{"type":"int","logicalType":"date"}},
 {"name":"n","type":["null",{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]},{"name":"o","type":{"type":"array","items":["null","string",{"type":"map","values":"E"}]}}]}]}]})";
constexpr const char* kOther = R"({"type":"record","name":"R","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["Z","Q"]}},{"name":"z","type":{"type":"array","items":"null"}},
 {"name":"s","type":"bytes"},{"name":"y","type":"string"},{"name":"i","type":["int","string"]},{"name":"l","type":"int"},{"name":"f","type":"int"},{"name":"d","type":"float"},
 {"name":"b","type":"boolean"},{"name":"x","type":{"type":"fixed","name":"X","size":3}},{"name":"m","type":{"type":"fixed","name":"M","size":20,"logicalType":"decimal","precision":38,"scale":9}},
 {"name":"t","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"u","type":"string"},{"name":"a","type":"int"},
 {"name":"w","type":{"type":"record","name":"W","fields":[{"name":"v","type":["null","W",{"type":"map","values":"W"}]}]}},
 {"name":"n","type":["null",{"type":"record","name":"N","fields":[{"name":"o","type":{"type":"array","items":["string","null",{"type":"map","values":"E"}]}},{"name":"next","type":["null","N"]}]}]}]})";

class TwoSchemas final : public SchemaRegistry {
 public:
  Result<std::shared_ptr<const RegisteredSchema>> by_id(std::int32_t id) override {
    return std::make_shared<const RegisteredSchema>(RegisteredSchema{RegisteredSchema::Language::avro, id == 0 ? kContract : kOther, {}});
  }
  Result<std::shared_ptr<const RegisteredSchema>> of_subject(const std::string&, std::optional<std::int32_t>) override {
    return Error(ErrorKind::unsupported, "not here");
  }
};

std::unique_ptr<Decoder> make_decoder() {
  AvroDecoderOptions options;
  options.contract = *parse_avro_contract(kContract, "fuzz");
  options.reader = *avro::AvroSchema::parse(kContract, "fuzz");
  options.framed = true;
  options.registry = std::make_shared<TwoSchemas>();
  return std::move(*make_avro_decoder(std::move(options)));
}

std::string framed(std::int32_t id, std::string_view value) { return std::string(4, '\0') + static_cast<char>(id) + std::string(value); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  static const std::unique_ptr<Decoder> decoder = make_decoder();
  if (size == 0) return 0;
  static const std::string neighbour = framed(0, std::string("\x0e\x00", 2) + std::string(4 + 8, '\0') + '\1' + std::string("\0\0abc\0", 6) +
                                                     std::string("\x02\x05\x02", 3) + "\x48" "123e4567-e89b-12d3-a456-426614174000" + std::string(2, '\0'));
  const std::string record = framed(data[0] & 1, {reinterpret_cast<const char*>(data) + 1, size - 1});
  RawBatch raw;
  raw.append({.value = record});
  raw.append({.value = neighbour});
  if (decoder->prepare(raw).lacks) std::abort();
  BatchBuilder columns(decoder->schema());
  const Decoded decoded = decoder->decode(raw, columns);
  const Batch rows = columns.finish();
  if (rows.rows() != 2 || rows.column(0).is_null(1) || rows.column(0).int32(1) != 7) std::abort();
  for (const DecodeFailure& failure : decoded.failures)
    if (failure.row != 0 || failure.reason.empty() || !is_utf8(failure.reason)) std::abort();
  return 0;
}
