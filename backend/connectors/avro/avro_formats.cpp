#include "connectors/avro/avro_formats.h"

#include <fstream>
#include <sstream>

#include "connectors/avro/avro_decoder.h"
#include "io/avro_contract.h"

namespace penstock {
namespace {

Result<std::unique_ptr<Decoder>> make_avro(const DecoderContext& context) {
  const std::string& path = context.contract_path;
  if (path.empty()) return Error(ErrorKind::failed_precondition, "format avro needs a contract", "contract: contracts/….avsc");
  if (!path.ends_with(".avsc")) return Error(ErrorKind::invalid_argument, "format avro needs an Avro contract", "a file that ends with .avsc", path);
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(ErrorKind::not_found, "the contract cannot be read", "", path);
  std::ostringstream text;
  text << file.rdbuf();

  AvroDecoderOptions options;
  PENSTOCK_ASSIGN(options.contract, parse_avro_contract(text.str(), path));
  PENSTOCK_ASSIGN(options.reader, avro::AvroSchema::parse_contract(text.str(), path));
  options.framed = context.source_settings.text("framing", context.registry ? "confluent" : "none") == "confluent";
  options.registry = context.registry;
  auto decoder = make_avro_decoder(std::move(options));
  if (!decoder.ok() && decoder.error().where.empty()) return Error(decoder.error().kind, decoder.error().message, decoder.error().action, path);
  return decoder;
}

}  // namespace

void add_avro_formats(ConnectorCatalog& catalog) { catalog.add_format("avro", make_avro); }

}  // namespace penstock
