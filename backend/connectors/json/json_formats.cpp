#include "connectors/json/json_formats.h"

#include <simdjson.h>

#include "connectors/json/contract_evolution.h"
#include "connectors/json/debezium_decoder.h"
#include "connectors/json/json_decoder.h"
#include "connectors/json/json_inference.h"
#include "io/dms_decoder.h"

namespace penstock {
namespace {

// Records taken whole into one column.
class WholeDecoder final : public Decoder {
 public:
  explicit WholeDecoder(TypeKind kind) : schema_(std::make_shared<Schema>(std::vector<Field>{{"value", {kind}, true}})) {}

  const SchemaPtr& schema() const override { return schema_; }

  Decoded decode(RawBatch& raw, BatchBuilder& columns) override {
    const bool is_text = (*schema_)[0].type.kind == TypeKind::varchar;
    Decoded decoded;
    for (std::int64_t row = 0; row < raw.rows(); ++row) {
      const RawBatch::Record record = raw[row];
      if (const char* reason = reason_of(record.damage)) decoded.failures.push_back({row, reason});
      else if (is_text && !simdjson::validate_utf8(record.value)) decoded.failures.push_back({row, "the record is not valid UTF-8"});
      const bool failed = !decoded.failures.empty() && decoded.failures.back().row == row;
      if (failed || record.tombstone) columns[0].append_null(); else columns[0].append_bytes(record.value);
    }
    return decoded;
  }

 private:
  SchemaPtr schema_;
};

Result<std::unique_ptr<Decoder>> make_json(const DecoderContext& context) {
  const std::string& contract_path = context.contract_path;
  if (contract_path.empty())
    return Error(ErrorKind::failed_precondition, "format json needs a contract, declared or inferred from the first records");
  PENSTOCK_ASSIGN(const Contract contract, load_contract(contract_path));
  const auto make_rows = [&](const Contract& rows) { return make_json_decoder(rows, context.source_settings.text("framing") == "confluent"); };
  const bool of_dms = context.source_settings.text("envelope") == "dms";
  auto decoder = of_dms ? dms::make_decoder(contract, context.source_settings.list("key"), make_rows) : make_rows(contract);
  if (!decoder.ok() && decoder.error().where.empty()) {
    Error error = decoder.error();
    error.where = contract_path;
    return error;
  }
  return decoder;
}

Result<std::unique_ptr<Decoder>> make_debezium(const DecoderContext& context, const TranslatorFactory& avro) {
  const std::string& path = context.contract_path;
  if (path.empty()) return Error(ErrorKind::failed_precondition, "format debezium needs a contract of the table's columns, declared or inferred from the first changes");
  DebeziumDecoderOptions options;
  PENSTOCK_ASSIGN(options.contract, load_contract(path));
  options.key = context.source_settings.list("key");
  const std::string decimals = context.source_settings.text("decimals", "precise");
  options.decimals = decimals == "precise" ? json::Decimals::precise : decimals == "string" ? json::Decimals::string : json::Decimals::number;
  if (avro && context.registry && context.source_settings.text("framing", "confluent") == "confluent") options.translator = avro(context.registry);
  auto decoder = make_debezium_decoder(std::move(options));
  if (!decoder.ok() && decoder.error().where.empty()) return Error(decoder.error().kind, decoder.error().message, decoder.error().action, path);
  return decoder;
}

DecoderFactory make_whole(TypeKind kind) {
  return [kind](const DecoderContext&) -> Result<std::unique_ptr<Decoder>> {
    return std::unique_ptr<Decoder>(std::make_unique<WholeDecoder>(kind));
  };
}

}  // namespace

void add_json_formats(ConnectorCatalog& catalog, const TranslatorFactory& avro) {
  catalog.add_format("json", make_json);
  catalog.add_inference("json", [](const RawBatch& sample, const Settings&) { return infer_json_contract(sample); });
  catalog.add_evolution("json", [](const DecoderContext& context, const RawBatch& sample, const std::vector<std::string>& fields) {
    return evolve_json_contract(context.contract_path, sample, fields);
  });
  // What a source reads as rows comes as JSON, too: a table's, a Parquet file's.
  for (const char* rows : {"rows", "parquet"}) {
    catalog.add_format(rows, make_json);
    catalog.add_inference(rows, [](const RawBatch& sample, const Settings&) { return infer_json_contract(sample); });
    catalog.add_evolution(rows, *catalog.find_evolution("json"));
  }
  catalog.add_format("debezium", [avro](const DecoderContext& context) { return make_debezium(context, avro); });
  catalog.add_inference("debezium", [](const RawBatch& sample, const Settings&) { return infer_debezium_contract(sample); });
  catalog.add_evolution("debezium", [](const DecoderContext& context, const RawBatch& sample, const std::vector<std::string>& fields) {
    return evolve_debezium_contract(context.contract_path, sample, fields);
  });
  catalog.add_format("text", make_whole(TypeKind::varchar));
  catalog.add_format("bytes", make_whole(TypeKind::blob));
}

}  // namespace penstock
