#include "engine/contract_check.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "connectors/avro/avro_compatibility.h"
#include "io/json_schema_compatibility.h"

namespace penstock {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(ErrorKind::not_found, "the contract cannot be read", "", path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<std::vector<VersionIncompatibility>> check_avro(const std::vector<std::string>& paths, CompatibilityLevel level) {
  std::vector<std::shared_ptr<const avro::AvroSchema>> versions;
  for (const std::string& path : paths) {
    PENSTOCK_ASSIGN(const std::string text, read_file(path));
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
    PENSTOCK_ASSIGN(std::string text, read_file(path));
    versions.push_back(std::move(text));
  }
  return check_level(level, versions.size(), [&](std::size_t reader, std::size_t writer) { return json_schema_incompatibilities(versions[reader], versions[writer]); });
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
  return Error(ErrorKind::unsupported, "contracts in '" + language + "' cannot be compared in this version", "use .avsc (Avro) or .json (JSON Schema)", paths.empty() ? "" : paths.front());
}

}  // namespace penstock
