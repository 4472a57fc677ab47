#pragma once

// A schema registry as decoders and contracts see it: schemas by their ids, and by subject and version, with Confluent's
// meanings (Schema Registry API reference, and "Wire format").

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

struct RegisteredSchema {
  enum class Language { avro, json_schema, protobuf };
  struct Reference {
    std::string name;              // as the schema says it: a full name in Avro, a file in Protobuf, a $ref in JSON Schema
    std::string text;
  };
  Language language = Language::avro;
  std::string text;
  std::vector<Reference> references;   // all that it needs, directly or not; each comes after what it needs itself
};

// The wire format that such schemas are contracts of: "avro", "json", "protobuf".
const char* name_of(RegisteredSchema::Language language);
// A schema as the text of a contract file (io/contract.h). In Avro the schemas that it refers to stand before it, in one list. Error:
// unsupported for references in another language.
Result<std::string> contract_text(const RegisteredSchema& schema);

// Thread-safe. An id means one schema for ever, so ids are kept; subjects are asked each time.
class SchemaRegistry {
 public:
  virtual ~SchemaRegistry() = default;

  // Errors: not_found for an id that the registry does not have; unavailable where the registry does not answer and the
  // id was not seen before; unauthenticated, permission_denied.
  virtual Result<std::shared_ptr<const RegisteredSchema>> by_id(std::int32_t id) = 0;
  // The newest version where none is said.
  virtual Result<std::shared_ptr<const RegisteredSchema>> of_subject(const std::string& subject, std::optional<std::int32_t> version) = 0;
};

// The frame around a value: a zero byte, the schema's id in four bytes, most significant first, then the value.
struct FramedValue {
  std::int32_t schema_id = 0;
  std::string_view payload;
};

// Nothing where the value has no such frame.
inline std::optional<FramedValue> read_frame(std::string_view value) {
  if (value.size() < 5 || value[0] != 0) return std::nullopt;
  std::uint32_t id = 0;
  for (std::size_t i = 1; i < 5; ++i) id = id << 8 | static_cast<unsigned char>(value[i]);
  return FramedValue{static_cast<std::int32_t>(id), value.substr(5)};
}

}  // namespace penstock
