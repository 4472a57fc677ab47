#pragma once

// An Avro schema as a tree (Avro 1.11 specification, "Schema Declaration"), of a reader or of a writer. Names are full, so
// that references are pointers; a record may hold itself. Immutable after it was parsed, thread-safe to read.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/located_json.h"
#include "io/schema_registry.h"

namespace penstock::avro {

struct AvroType;

struct AvroField {
  std::string name;
  std::vector<std::string> aliases;
  const AvroType* type = nullptr;
  std::optional<LocatedJson> fallback;       // `default`
  int line = 0;
};

struct AvroType {
  enum class Kind { null, boolean, int32, int64, float32, float64, bytes, string, array, map, fixed, enumeration, record, choice };
  // Those that the specification defines; one that is unknown or does not fit its type is none, as the specification says.
  enum class Logical { none, decimal, date, timestamp_millis, timestamp_micros, uuid };

  Kind kind = Kind::null;
  Logical logical = Logical::none;
  std::uint8_t precision = 0, scale = 0;     // decimal
  std::string name;                          // record, enumeration, fixed: the full name
  std::vector<std::string> aliases;          // full names
  std::vector<AvroField> fields;             // record
  std::vector<std::string> symbols;          // enumeration
  std::optional<std::string> fallback;       // enumeration: for symbols that it does not have
  std::int64_t size = 0;                     // fixed, in bytes
  std::vector<const AvroType*> parts;        // choice: its branches; array, map: what it holds
  int line = 0;

  bool is_named() const { return kind == Kind::record || kind == Kind::enumeration || kind == Kind::fixed; }
};

// "int", "record", "union": the specification's word.
const char* name_of(AvroType::Kind kind);
// The name without its namespace.
std::string_view short_name(std::string_view full);
// Do two named types, or one by an alias of the reader's, have the same name? Namespaces do not count.
bool names_match(const AvroType& writer, const AvroType& reader);

class AvroSchema {
 public:
  // `references` define names that `text` may use. Error: invalid_argument with `file:line`; `file` is only named.
  static Result<std::shared_ptr<const AvroSchema>> parse(std::string_view text, const std::string& file,
                                                         const std::vector<RegisteredSchema::Reference>& references = {});

  // A contract: a list is schemas that the last of them, which is the contract, may use.
  static Result<std::shared_ptr<const AvroSchema>> parse_contract(std::string_view text, const std::string& file);

  const AvroType& root() const { return *root_; }
  // Full names of all records, enums and fixed that it defines.
  std::vector<std::string> names() const;

 private:
  friend class SchemaReader;
  std::deque<AvroType> types_;
  const AvroType* root_ = nullptr;
};

}  // namespace penstock::avro
