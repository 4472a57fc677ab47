#include "store/history_levels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace penstock {
namespace {

constexpr std::size_t kBlock = 60;
constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;

using Means = std::array<float, kBlock>;

std::int64_t span_of(const HistoryLevel& level) { return level.width * static_cast<std::int64_t>(kBlock); }
std::int64_t block_of(const HistoryLevel& level, std::int64_t at) { return at / span_of(level); }

// What never changes is written as one value: most backlogs are 0 for days.
std::string bytes_of(const Means& means) {
  const bool is_constant = std::all_of(means.begin(), means.end(), [&](float one) { return std::memcmp(&one, means.data(), sizeof one) == 0; });
  return {reinterpret_cast<const char*>(means.data()), is_constant ? sizeof(float) : sizeof means};
}

Means means_of(const std::string& bytes) {
  Means means;
  means.fill(std::numeric_limits<float>::quiet_NaN());
  if (bytes.size() == sizeof means) {
    std::memcpy(means.data(), bytes.data(), sizeof means);
  } else if (bytes.size() == sizeof(float)) {
    std::memcpy(means.data(), bytes.data(), sizeof(float));
    means.fill(means[0]);
  }
  return means;
}

}  // namespace

const char* const HistoryLevels::kTable = "CREATE TABLE means (level INTEGER, series INTEGER, block INTEGER, means BLOB NOT NULL, PRIMARY KEY (level, series, block)) WITHOUT ROWID;";

Status HistoryLevels::add(const HistoryLevel& level, const std::vector<Mean>& means) {
  for (std::size_t i = 0; i < means.size();) {
    const std::int64_t series = means[i].series;
    const std::int64_t block = block_of(level, means[i].at);
    Means known = means_of("");
    {
      PENSTOCK_ASSIGN(auto query, database_.query("SELECT means FROM means WHERE level = ? AND series = ? AND block = ?", {std::int64_t{level.number}, series, block}));
      PENSTOCK_ASSIGN(const bool found, query.next());
      if (found) known = means_of(query.text(0));
    }
    for (; i < means.size() && means[i].series == series && block_of(level, means[i].at) == block; ++i)
      known[static_cast<std::size_t>((means[i].at - block * span_of(level)) / level.width)] = static_cast<float>(means[i].value);
    const std::string bytes = bytes_of(known);
    PENSTOCK_TRY(database_.run("INSERT OR REPLACE INTO means (level, series, block, means) VALUES (?, ?, ?, ?)", {std::int64_t{level.number}, series, block, Blob{bytes}}));
  }
  return {};
}

Status HistoryLevels::age(std::int64_t now, std::int64_t most_bytes) {
  PENSTOCK_TRY(hand_on(block_of(kTenSeconds, now - kTenSeconds.keep)));
  PENSTOCK_TRY(database_.run("DELETE FROM means WHERE level = ? AND block < ?", {std::int64_t{kMinutes.number}, block_of(kMinutes, now - kMinutes.keep)}));
  PENSTOCK_TRY(keep_within(most_bytes));
  return database_.run("DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM means WHERE level IN (1, 2) AND series = id) AND id NOT IN (SELECT series FROM fine)");
}

Status HistoryLevels::hand_on(std::int64_t before) {
  std::vector<Mean> minutes;
  constexpr std::size_t kEach = kMinutes.width / kTenSeconds.width;
  {
    PENSTOCK_ASSIGN(auto query, database_.query("SELECT series, block, means FROM means WHERE level = ? AND block < ? ORDER BY series, block", {std::int64_t{kTenSeconds.number}, before}));
    while (true) {
      PENSTOCK_ASSIGN(const bool more, query.next());
      if (!more) break;
      const Means means = means_of(query.text(2));
      for (std::size_t i = 0; i < kBlock; i += kEach) {
        double sum = 0;
        int count = 0;
        for (std::size_t k = i; k < i + kEach; ++k)
          if (!std::isnan(means[k])) sum += means[k], ++count;
        if (count > 0) minutes.push_back({query.integer(0), query.integer(1) * span_of(kTenSeconds) + static_cast<std::int64_t>(i) * kTenSeconds.width, sum / count});
      }
    }
  }
  PENSTOCK_TRY(add(kMinutes, minutes));
  return database_.run("DELETE FROM means WHERE level = ? AND block < ?", {std::int64_t{kTenSeconds.number}, before});
}

Status HistoryLevels::keep_within(std::int64_t most_bytes) {
  while (true) {
    std::int64_t bytes = 0, oldest = 0;
    {
      PENSTOCK_ASSIGN(auto query, database_.query("SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()"));
      PENSTOCK_TRY(query.next());
      bytes = query.integer(0);
    }
    if (bytes <= most_bytes) return {};
    {
      PENSTOCK_ASSIGN(auto query, database_.query("SELECT count(*), min(block) FROM means WHERE level = ?", {std::int64_t{kMinutes.number}}));
      PENSTOCK_TRY(query.next());
      if (query.integer(0) == 0) return {};
      oldest = query.integer(1);
    }
    PENSTOCK_TRY(database_.run("DELETE FROM means WHERE level = ? AND block < ?", {std::int64_t{kMinutes.number}, oldest + kDay / span_of(kMinutes)}));
  }
}

Status HistoryLevels::read(const HistoryLevel& level, std::int64_t series, std::int64_t from, std::int64_t to,
                           const std::function<void(std::int64_t at, double value)>& each) const {
  PENSTOCK_ASSIGN(auto query, database_.query("SELECT block, means FROM means WHERE level = ? AND series = ? AND block BETWEEN ? AND ? ORDER BY block",
                                              {std::int64_t{level.number}, series, block_of(level, from), block_of(level, to - 1)}));
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more) return {};
    const Means means = means_of(query.text(1));
    const std::int64_t begin = query.integer(0) * span_of(level);
    for (std::size_t i = 0; i < kBlock; ++i) {
      const std::int64_t at = begin + static_cast<std::int64_t>(i) * level.width;
      if (!std::isnan(means[i]) && at >= from && at < to) each(at, means[i]);
    }
  }
}

}  // namespace penstock
