#include "io/schema_registry.h"

namespace penstock {

const char* name_of(RegisteredSchema::Language language) {
  switch (language) {
    case RegisteredSchema::Language::avro: return "avro";
    case RegisteredSchema::Language::json_schema: return "json";
    case RegisteredSchema::Language::protobuf: return "protobuf";
  }
  return "";
}

Result<std::string> contract_text(const RegisteredSchema& schema) {
  if (schema.references.empty()) return schema.text;
  if (schema.language != RegisteredSchema::Language::avro)
    return Error(ErrorKind::unsupported, std::string("a contract in ") + name_of(schema.language) + " that refers to other schemas is not in this version", "put it into one file");
  std::string list = "[";
  for (const RegisteredSchema::Reference& reference : schema.references) list += reference.text + ",\n";
  return list + schema.text + "]\n";
}

}  // namespace penstock
