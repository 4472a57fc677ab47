#include "io/contract.h"

#include <filesystem>

#include "io/avro_contract.h"
#include "io/contract_text.h"
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
  PENSTOCK_ASSIGN(const std::string content, read_contract_text(path));
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".avsc") return parse_avro_contract(content, path);
  if (extension == ".json") return parse_json_schema_contract(content, path);
  return Error(ErrorKind::unsupported, "'" + extension + "' is no kind of contract that we read", "use .avsc (Avro) or .json (JSON Schema)", path);
}

}  // namespace penstock
