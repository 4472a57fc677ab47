#include "connectors/avro/avro_formats.h"

#include "connectors/avro/avro_decoder.h"
#include "connectors/avro/avro_evolution.h"
#include "io/avro_contract.h"
#include "io/contract_text.h"

namespace penstock {
namespace {

Result<std::unique_ptr<Decoder>> make_avro(const DecoderContext& context) {
  const std::string& path = context.contract_path;
  PENSTOCK_ASSIGN(const std::string text, read_contract_of("avro", path, ".avsc"));

  AvroDecoderOptions options;
  PENSTOCK_ASSIGN(options.contract, parse_avro_contract(text, path));
  PENSTOCK_ASSIGN(options.reader, avro::AvroSchema::parse_contract(text, path));
  options.framed = context.source_settings.text("framing", context.registry ? "confluent" : "none") == "confluent";
  options.registry = context.registry;
  auto decoder = make_avro_decoder(std::move(options));
  if (!decoder.ok() && decoder.error().where.empty()) return Error(decoder.error().kind, decoder.error().message, decoder.error().action, path);
  return decoder;
}

}  // namespace

void add_avro_formats(ConnectorCatalog& catalog) {
  catalog.add_format("avro", make_avro);
  catalog.add_evolution("avro", [](const DecoderContext& context, const RawBatch& sample, const std::vector<std::string>& fields) {
    return evolve_avro_contract(context.contract_path, sample, fields, context.registry);
  });
}

}  // namespace penstock
