#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workspace/problem.h"
#include "workspace/spec.h"

namespace penstock {

// Reads the keys of one map with their types. Every key that was asked for is known; finish() reports the others.
// What is wrong becomes a problem and reads as if the key were absent. Thread-compatible; keeps references.
class MapReader {
 public:
  // `what` names the map in messages: "a step". Anything but a map is a problem (null counts as an empty map).
  MapReader(const Setting& map, std::string what, Problems& problems);

  const Setting* find(std::string_view key);           // null when absent or without a value
  std::string text(std::string_view key);              // empty when absent
  std::string required_text(std::string_view key, std::string_view expected);
  std::string name(std::string_view key, bool required);  // letters, digits and _, not starting with a digit
  std::optional<Duration> duration(std::string_view key);
  std::optional<std::int64_t> bytes(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<double> real(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::vector<std::string> names(std::string_view key);   // one text counts as a list of one
  const Setting* map(std::string_view key);
  const Setting* list(std::string_view key);              // one text counts as a list of one
  std::optional<std::size_t> choice(std::string_view key, const std::vector<std::string>& choices);

  // A key of workspace.md that this version does not carry out: a problem where it stands.
  void later(std::string_view key);
  void missing(std::string_view key, std::string_view expected);
  void finish();

  const Location& at() const { return map_.at; }
  const std::string& what() const { return what_; }

 private:
  const Setting* scalar(std::string_view key, std::string_view expected);

  const Setting& map_;
  std::string what_;
  Problems& problems_;
  bool is_map_ = false;
  std::vector<std::string> known_;
};

// Letters, digits and _, not starting with a digit: usable in SQL without quotes.
bool is_name(std::string_view text);
inline constexpr std::string_view kNameExpected = "letters, digits and _, not starting with a digit";

}  // namespace penstock
