#include "engine/contract_check.h"

#include <filesystem>

#include "connectors/avro/avro_compatibility.h"
#include "connectors/protobuf/proto_compatibility.h"
#include "io/contract_text.h"
#include "io/json_schema_compatibility.h"

namespace penstock {
namespace {

Result<std::vector<VersionIncompatibility>> check_avro(const std::vector<std::string>& paths, CompatibilityLevel level) {
  std::vector<std::shared_ptr<const avro::AvroSchema>> versions;
  for (const std::string& path : paths) {
    PENSTOCK_ASSIGN(const std::string text, read_contract_text(path));
    PENSTOCK_ASSIGN(auto schema, avro::AvroSchema::parse_contract(text, path));
    versions.push_back(std::move(schema));
  }
  return check_level(level, versions.size(), [&](std::size_t reader, std::size_t writer) -> Result<std::vector<Incompatibility>> {
    return avro_incompatibilities(*versions[reader], *versions[writer]);
  });
}

Result<std::vector<VersionIncompatibility>> check_json_schemas(const std::vector<std::string>& paths, CompatibilityLevel level) {
  std::vector<std::string> versions;
  for (const std::string& path : paths) {
    PENSTOCK_ASSIGN(std::string text, read_contract_text(path));
    versions.push_back(std::move(text));
  }
  return check_level(level, versions.size(), [&](std::size_t reader, std::size_t writer) { return json_schema_incompatibilities(versions[reader], versions[writer]); });
}

Result<std::vector<VersionIncompatibility>> check_protobuf(const std::vector<std::string>& paths, CompatibilityLevel level) {
  std::vector<std::shared_ptr<const proto::ProtoSchema>> versions;
  for (const std::string& path : paths) {
    PENSTOCK_ASSIGN(const std::string text, read_contract_text(path));
    PENSTOCK_ASSIGN(auto schema, proto::ProtoSchema::parse(text, path, {}, std::filesystem::path(path).parent_path().string()));
    versions.push_back(std::move(schema));
  }
  return check_level(level, versions.size(), [&](std::size_t reader, std::size_t writer) -> Result<std::vector<Incompatibility>> {
    return protobuf_incompatibilities(*versions[reader], *versions[writer]);
  });
}

}  // namespace

Result<std::vector<VersionIncompatibility>> check_contract_files(const std::vector<std::string>& paths, CompatibilityLevel level) {
  std::string language;
  for (const std::string& path : paths) {
    const std::string extension = std::filesystem::path(path).extension().string();
    if (!language.empty() && extension != language)
      return Error(ErrorKind::invalid_argument, "versions of one contract are of one language, and these are " + language + " and " + extension, "", path);
    language = extension;
  }
  if (language == ".avsc") return check_avro(paths, level);
  if (language == ".json") return check_json_schemas(paths, level);
  if (language == ".proto") return check_protobuf(paths, level);
  return Error(ErrorKind::unsupported, "contracts in '" + language + "' cannot be compared in this version", "use .avsc (Avro), .json (JSON Schema) or .proto (Protobuf)", paths.empty() ? "" : paths.front());
}

}  // namespace penstock
