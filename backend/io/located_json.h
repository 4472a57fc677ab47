#pragma once

// JSON documents that people write (contracts), read with the line of every value, so that an error can say where.
// Not for data: that is the decoders' work. Thread-safe.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace penstock {

struct LocatedJsonEntry;

struct LocatedJson {
  enum class Kind { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  std::string text;                                          // string: its content; number, boolean: as written
  std::vector<LocatedJson> items;                            // array
  std::vector<LocatedJsonEntry> entries;                     // object, in the order of the file
  int line = 0;                                              // counts from 1

  const LocatedJson* find(std::string_view key) const;       // null when absent or not an object
  bool is_string() const { return kind == Kind::string; }
  bool is_object() const { return kind == Kind::object; }
  bool is_array() const { return kind == Kind::array; }
  // As compact JSON again.
  std::string to_json() const;
};

// No std::pair: it would ask about the members of LocatedJson before they are known.
struct LocatedJsonEntry {
  std::string first;                                         // the key
  LocatedJson second;
};

// Error: invalid_argument with `file:line`. `file` is only named.
Result<LocatedJson> parse_located_json(std::string_view text, const std::string& file);

}  // namespace penstock
