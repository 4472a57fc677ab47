#include "connectors/protobuf/proto_formats.h"

#include <filesystem>

#include "connectors/protobuf/proto_decoder.h"
#include "io/contract_text.h"

namespace penstock {
namespace {

Result<std::unique_ptr<Decoder>> make_protobuf(const DecoderContext& context) {
  const std::string& path = context.contract_path;
  PENSTOCK_ASSIGN(const std::string text, read_contract_of("protobuf", path, ".proto"));

  ProtobufDecoderOptions options;
  PENSTOCK_ASSIGN(options.contract, proto::ProtoSchema::parse(text, path, {}, std::filesystem::path(path).parent_path().string()));
  options.message = context.source_settings.text("message");
  options.framed = context.source_settings.text("framing", context.registry ? "confluent" : "none") == "confluent";
  options.registry = context.registry;
  auto decoder = make_protobuf_decoder(std::move(options));
  if (!decoder.ok() && decoder.error().where.empty()) return Error(decoder.error().kind, decoder.error().message, decoder.error().action, path);
  return decoder;
}

}  // namespace

void add_protobuf_formats(ConnectorCatalog& catalog) { catalog.add_format("protobuf", make_protobuf); }

}  // namespace penstock
