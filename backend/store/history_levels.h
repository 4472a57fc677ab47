#pragma once

// Private to this folder: what is older than an hour, as means. Ten seconds each for a day, then a minute each for 90 days,
// sixty of them in one row; a value stands in one level only. Not thread-safe.

#include <cstdint>
#include <functional>
#include <vector>

#include "store/database.h"

namespace penstock {

struct HistoryLevel {
  int number;
  std::int64_t width;           // micros of one mean
  std::int64_t keep;            // micros
};
inline constexpr HistoryLevel kTenSeconds{1, 10'000'000, std::int64_t{86'400} * 1'000'000};
inline constexpr HistoryLevel kMinutes{2, 60'000'000, std::int64_t{90} * 86'400 * 1'000'000};

class HistoryLevels {
 public:
  struct Mean {
    std::int64_t series;
    std::int64_t at;            // micros, where its time begins
    double value;
  };

  // The table that they are kept in, for the file's migrations.
  static const char* const kTable;

  explicit HistoryLevels(Database& database) : database_(database) {}

  // `means` are ordered by series and time. Call within a transaction.
  Status add(const HistoryLevel& level, const std::vector<Mean>& means);
  // Hands on what is too old for its level, and forgets what is too old for any; with more than `most_bytes` in the file the
  // oldest days too, and names of which nothing is left. Call within a transaction.
  Status age(std::int64_t now, std::int64_t most_bytes);
  // Those of [from, to), ascending.
  Status read(const HistoryLevel& level, std::int64_t series, std::int64_t from, std::int64_t to, const std::function<void(std::int64_t at, double value)>& each) const;

 private:
  Status hand_on(std::int64_t before);
  Status keep_within(std::int64_t most_bytes);

  Database& database_;
};

}  // namespace penstock
