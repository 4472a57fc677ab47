#pragma once

// What a file's `stats` say about one column (PROTOCOL.md, "Per-file Statistics").

#include <cstdint>
#include <optional>
#include <string>

namespace penstock::delta {

// The smallest and the largest value of a column; absent when unknown. Times are microseconds, widened to the
// millisecond, because statistics may be cut there.
struct IntegerRange {
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
};
IntegerRange integer_range(const std::string& statistics, const std::string& column);
IntegerRange time_range(const std::string& statistics, const std::string& column);

// Long texts are cut to 32 characters by some writers: a largest value of that length counts as unknown.
struct TextRange {
  std::optional<std::string> least;
  std::optional<std::string> most;
};
TextRange text_range(const std::string& statistics, const std::string& column);

std::optional<std::int64_t> row_count(const std::string& statistics);

}  // namespace penstock::delta
