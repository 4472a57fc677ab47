#pragma once

// What a schema registry answers, and how a schema is kept in a file (Confluent Schema Registry API reference: GET
// /schemas/ids/{id}, GET /subjects/{subject}/versions/{version}). Thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/schema_registry.h"

namespace penstock {

// Another schema by its subject; versions never change.
struct SchemaPointer {
  std::string name;
  std::string subject;
  std::int32_t version = 0;
};

struct RegistryAnswer {
  RegisteredSchema schema;                  // without its references
  std::vector<SchemaPointer> references;
};

// Error: data_loss where it is no such answer; unsupported for a language that we do not read.
Result<RegistryAnswer> parse_registry_answer(std::string_view body);

// What the registry says to a request that it does not carry out: `not_found` only where it says itself that there is no such
// schema, subject or version; `unavailable` where another attempt may help.
Error registry_refusal(int status, std::string_view body, const std::string& what);

// A schema with all its references as one text, and back. Error of reading: data_loss.
std::string kept_schema_text(const RegisteredSchema& schema);
Result<RegisteredSchema> parse_kept_schema(std::string_view text);

}  // namespace penstock
