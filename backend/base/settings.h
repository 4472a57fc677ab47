#pragma once

// A connector declares its settings as data. The workspace checker, the forms of the console and the
// reference documentation are all made from the same declaration.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace penstock {

enum class SettingType { text, integer, real, boolean, duration, bytes, list, map, connection };

struct SettingSpec {
  std::string name;
  SettingType type = SettingType::text;
  bool required = false;
  std::string fallback;                 // the default, as it would stand in YAML; empty: none
  std::string help;                     // one sentence
  std::vector<std::string> choices;     // text only; empty: any
  std::string unit;                     // of a number: "rows"; durations and sizes are written with theirs
  bool secret = false;                  // only a reference (${secret:name}) may stand there, and no message shows it
  std::vector<SettingSpec> fields;      // map only: its keys; empty: any
};

// Where a value stands in a file of the workspace; line and column count from 1, 0 when unknown.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
  std::string to_string() const;        // "pipelines/sales.yaml:4:3"
};

struct SettingEntry;

// A node of the workspace's YAML with its place kept: text, list or map.
struct Setting {
  enum class Kind { null, text, list, map };
  Kind kind = Kind::null;
  std::string text;
  std::vector<Setting> items;
  std::vector<SettingEntry> entries;                     // in file order
  Location at;
  Location key_at;                                       // of an entry: where its key stands

  const Setting* find(std::string_view key) const;       // null when absent or not a map
};

// No std::pair: it would ask about the members of Setting before they are known.
struct SettingEntry {
  std::string first;                                     // the key
  Setting second;
};

// The settings of one connection, source or sink, already checked against its SettingSpecs. Reads never fail
// on checked settings: a wrong type is an Error that names the place.
class Settings {
 public:
  Settings() = default;
  explicit Settings(Setting root) : root_(std::move(root)) {}

  bool has(std::string_view key) const { return root_.find(key) != nullptr; }
  std::string text(std::string_view key, std::string_view fallback = {}) const;
  Result<std::int64_t> integer(std::string_view key, std::int64_t fallback) const;
  Result<double> real(std::string_view key, double fallback) const;
  Result<bool> boolean(std::string_view key, bool fallback) const;
  Result<std::chrono::microseconds> duration(std::string_view key, std::chrono::microseconds fallback) const;
  Result<std::int64_t> bytes(std::string_view key, std::int64_t fallback) const;
  std::vector<std::string> list(std::string_view key) const;   // one text counts as a list of one
  const Setting& root() const { return root_; }

 private:
  Setting root_;
};

// "500ms", "30s", "10m", "24h", "7d". Error: invalid_argument with what was expected.
Result<std::chrono::microseconds> parse_duration(std::string_view text);
// "64MiB", "4GiB", "1024".
Result<std::int64_t> parse_bytes(std::string_view text);

}  // namespace penstock
