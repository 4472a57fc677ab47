#pragma once

// What a contract file declares, whatever its language: the columns of a stream's source and how their values are
// written. Immutable after it was loaded.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/schema.h"

namespace penstock {

// What a value must fulfil beside its type.
struct ValueChecks {
  std::vector<std::string> one_of;         // strings: their content; numbers: as written
  std::optional<double> minimum;
  std::optional<double> maximum;
  bool minimum_exclusive = false;
  bool maximum_exclusive = false;
  std::optional<std::int64_t> min_length;  // in characters
  std::optional<std::int64_t> max_length;
  std::string pattern;                     // RE2; found anywhere in the text
  bool uuid = false;

  bool operator==(const ValueChecks&) const = default;
  bool any() const { return *this != ValueChecks{}; }
};

struct ContractField {
  enum class Epoch { none, millis, micros };          // a timestamp may also be a whole number of these
  enum class BytesText { base64, latin1 };            // how bytes are written in text
  enum class Json { any, object, array };             // what a json column must hold

  std::string name;
  Type type;
  bool nullable = false;                   // NULL may be given
  bool required = true;                    // must be there, unless `fallback` says otherwise
  std::optional<std::string> fallback;     // JSON that stands for a missing field
  Epoch epoch = Epoch::none;
  bool date_as_days = false;               // a date may also be a whole number of days since 1970
  bool decimal_as_text = false;            // a decimal may also be a string
  BytesText bytes_text = BytesText::base64;
  Json json = Json::any;
  ValueChecks checks;
};

struct Contract {
  std::vector<ContractField> fields;

  // Its columns in the order of the contract; NULL is allowed where a field may be absent or null.
  SchemaPtr schema() const;
};

// Reads a contract file: `.avsc` is Avro, `.json` JSON Schema (drafts 7 to 2020-12). Errors: not_found; unsupported
// names the keyword that we do not keep, with file and line, because a check that is silently left out is none.
Result<Contract> load_contract(const std::string& path);

}  // namespace penstock
