#include "io/contract.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/avro_contract.h"
#include "io/json_schema_contract.h"

namespace penstock {

SchemaPtr Contract::schema() const {
  std::vector<Field> columns;
  for (const ContractField& field : fields) {
    const bool may_be_absent = !field.required && !field.fallback;
    columns.push_back({field.name, field.type, field.nullable || may_be_absent});
  }
  return std::make_shared<Schema>(std::move(columns));
}

Result<Contract> load_contract(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(ErrorKind::not_found, "the contract cannot be read", "", path);
  std::ostringstream content;
  content << file.rdbuf();
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".avsc") return parse_avro_contract(content.str(), path);
  if (extension == ".json") return parse_json_schema_contract(content.str(), path);
  return Error(ErrorKind::unsupported, "'" + extension + "' is no kind of contract that we read", "use .avsc (Avro) or .json (JSON Schema)", path);
}

}  // namespace penstock
