#pragma once

// May a schema follow the versions before it? The levels and what each compares are Confluent's (Schema Registry documentation,
// "Schema Evolution and Compatibility"); what one schema can read of another is a matter of its language.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

enum class CompatibilityLevel { none, backward, backward_transitive, forward, forward_transitive, full, full_transitive };

// "BACKWARD_TRANSITIVE"
const char* name_of(CompatibilityLevel level);
// In either case of letters; nothing where it is none.
std::optional<CompatibilityLevel> parse_level(std::string_view name);

// Why a reader cannot read what a writer writes.
struct Incompatibility {
  std::string type;            // as Confluent's registry calls it: "READER_FIELD_MISSING_DEFAULT_VALUE"
  std::string path;            // "/fields/1", "#/properties/qty": where it is in the schema
  std::string message;         // one sentence
};

// All that keeps version `reader` from reading what version `writer` has written.
using Reads = std::function<Result<std::vector<Incompatibility>>(std::size_t reader, std::size_t writer)>;

struct VersionIncompatibility {
  Incompatibility what;
  std::size_t reader = 0, writer = 0;      // of the versions
};

// What a level finds wrong with the last of `versions` schemas, which follow each other. `reads` is asked only for what the
// level compares.
Result<std::vector<VersionIncompatibility>> check_level(CompatibilityLevel level, std::size_t versions, const Reads& reads);

}  // namespace penstock
