#include "store/history.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <set>

#include "store/history_levels.h"

namespace penstock {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kSlotSeconds = 10;
constexpr std::int64_t kSlot = kSlotSeconds * kSecond;
constexpr std::int64_t kFineSlots = 3'600 / kSlotSeconds;
constexpr std::int64_t kRollUpEvery = 6;      // slots: once a minute
constexpr std::int64_t kAgeEvery = 60;        // slots: once in ten minutes
constexpr std::size_t kMostNames = 1'000;

constexpr double kHole = std::numeric_limits<double>::quiet_NaN();

// `fine` is ordered by time, so that writing appends; the means by series, so that a day of one is read at once.
const Migration kMigrations[] = {
    {1, R"sql(
CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE fine (slot INTEGER, series INTEGER, seconds BLOB NOT NULL, PRIMARY KEY (slot, series)) WITHOUT ROWID;
CREATE TABLE coarse (series INTEGER, slot INTEGER, mean REAL NOT NULL, PRIMARY KEY (series, slot)) WITHOUT ROWID;
)sql"},
    {2, "DROP TABLE coarse;"},
    {3, HistoryLevels::kTable},
};

std::int64_t floor_div(std::int64_t value, std::int64_t by) { return value >= 0 ? value / by : -((-value + by - 1) / by); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "partition/sales/9" before "partition/sales/10".
struct ByNumbers {
  bool operator()(const std::string& a, const std::string& b) const {
    for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
      const std::size_t from_a = i, from_b = k;
      while (i < a.size() && is_digit(a[i])) ++i;
      while (k < b.size() && is_digit(b[k])) ++k;
      if (i > from_a && k > from_b) {
        if (i - from_a != k - from_b) return i - from_a < k - from_b;
        if (const int order = a.compare(from_a, i - from_a, b, from_b, k - from_b); order != 0) return order < 0;
        continue;
      }
      if (a[from_a] != b[from_b]) return a[from_a] < b[from_b];
      i = from_a + 1;
      k = from_b + 1;
    }
    return a.size() < b.size();
  }
};

}  // namespace

// Where the values of one series are gathered: evenly spaced buckets whose means are the points.
struct History::Buckets {
  std::int64_t start = 0, step = 0;
  std::vector<double> sums;
  std::vector<double> weights;

  std::int64_t end() const { return start + step * static_cast<std::int64_t>(sums.size()); }
  std::int64_t first_slot() const { return floor_div(start, kSlot); }
  std::int64_t last_slot() const { return floor_div(end() - 1, kSlot); }

  void add(std::int64_t at, double value, double weight) {
    if (std::isnan(value) || at < start || at >= end()) return;
    const auto bucket = static_cast<std::size_t>((at - start) / step);
    sums[bucket] += value * weight;
    weights[bucket] += weight;
  }
  void add(std::int64_t slot, const Slot& seconds) {
    for (std::int64_t i = 0; i < kSlotSeconds; ++i) add(slot * kSlot + i * kSecond, seconds[static_cast<std::size_t>(i)], 1);
  }
};

History::History(std::string path, const Clock& clock, std::int64_t most_bytes) : path_(std::move(path)), clock_(clock), most_bytes_(most_bytes) {}

History::~History() {
  const std::lock_guard lock(mutex_);
  if (!reopen_if_deleted().ok() || !flush().ok()) pending_.clear();   // these seconds are lost; nobody is left to tell
}

Result<std::unique_ptr<History>> History::open(const std::string& path, const Clock& clock, std::int64_t most_bytes) {
  std::unique_ptr<History> history(new History(path, clock, most_bytes));
  PENSTOCK_TRY(history->open_file());
  return history;
}

Status History::open_file() {
  database_.reset();
  ids_.clear();
  auto opened = Database::open(path_, Database::Durability::normal, kMigrations);
  if (!opened.ok() && opened.error().kind == ErrorKind::data_loss) {
    // Nothing in it is worth an operator's time: begin again.
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix, ignored);
    opened = Database::open(path_, Database::Durability::normal, kMigrations);
  }
  if (!opened.ok()) return std::move(opened).error();
  database_ = std::move(opened).value();
  return {};
}

Status History::reopen_if_deleted() {
  std::error_code failed;
  if (database_ && std::filesystem::exists(path_, failed)) return {};
  // The write-ahead log of a file that is gone must not be taken for that of the new one.
  database_.reset();
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix, failed);
  return open_file();
}

Result<std::int64_t> History::series_id(const std::string& name) {
  if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
  PENSTOCK_TRY(database_->run("INSERT OR IGNORE INTO series (name) VALUES (?)", {name}));
  PENSTOCK_ASSIGN(auto query, database_->query("SELECT id FROM series WHERE name = ?", {name}));
  PENSTOCK_TRY(query.next());
  return ids_[name] = query.integer(0);
}

Status History::write(std::int64_t at, const std::vector<SeriesSample>& samples) {
  const std::lock_guard lock(mutex_);
  const std::int64_t slot = floor_div(at, kSlot);
  if (slot != pending_slot_) {
    const Status flushed = [&]() -> Status {
      PENSTOCK_TRY(reopen_if_deleted());
      PENSTOCK_TRY(flush());
      return roll_up();
    }();
    pending_.clear();
    pending_slot_ = slot;
    PENSTOCK_TRY(flushed);
  }
  const auto second = static_cast<std::size_t>(floor_div(at, kSecond) - slot * kSlotSeconds);
  for (const SeriesSample& sample : samples) {
    auto [found, is_new] = pending_.try_emplace(sample.name);
    if (is_new) found->second.fill(kHole);
    found->second[second] = sample.value;
  }
  return {};
}

Status History::flush() {
  if (pending_.empty()) return {};
  ids_.clear();     // an id that a rolled back transaction had made must not be remembered
  PENSTOCK_ASSIGN(auto transaction, Transaction::begin(*database_));
  for (const auto& [name, seconds] : pending_) {
    PENSTOCK_ASSIGN(const std::int64_t id, series_id(name));
    const std::string_view bytes(reinterpret_cast<const char*>(seconds.data()), sizeof(Slot));
    PENSTOCK_TRY(database_->run("INSERT OR REPLACE INTO fine (slot, series, seconds) VALUES (?, ?, ?)", {pending_slot_, id, Blob{bytes}}));
  }
  return transaction.commit();
}

Status History::roll_up() {
  const std::int64_t now = floor_div(to_micros(clock_.now()), kSlot);
  const std::int64_t fine_from = now - kFineSlots;
  if (fine_from < rolled_up_to_ + kRollUpEvery) return {};
  std::vector<HistoryLevels::Mean> means;
  PENSTOCK_ASSIGN(auto transaction, Transaction::begin(*database_));
  {
    PENSTOCK_ASSIGN(auto query, database_->query("SELECT series, slot, seconds FROM fine WHERE slot < ? ORDER BY series, slot", {fine_from}));
    while (true) {
      PENSTOCK_ASSIGN(const bool more, query.next());
      if (!more) break;
      Slot seconds;
      const std::string bytes = query.text(2);
      if (bytes.size() != sizeof seconds) continue;
      std::memcpy(seconds.data(), bytes.data(), sizeof seconds);
      Buckets whole{query.integer(1) * kSlot, kSlot, {0}, {0}};
      whole.add(query.integer(1), seconds);
      if (whole.weights[0] > 0) means.push_back({query.integer(0), query.integer(1) * kSlot, whole.sums[0] / whole.weights[0]});
    }
  }
  HistoryLevels levels(*database_);
  PENSTOCK_TRY(levels.add(kTenSeconds, means));
  PENSTOCK_TRY(database_->run("DELETE FROM fine WHERE slot < ?", {fine_from}));
  const bool is_due = now - aged_at_ >= kAgeEvery;
  if (is_due) PENSTOCK_TRY(levels.age(now * kSlot, most_bytes_));
  PENSTOCK_TRY(transaction.commit());
  if (is_due) {
    aged_at_ = now;
    ids_.clear();       // names may have gone
  }
  rolled_up_to_ = fine_from;
  return {};
}

Status History::add_stored(std::int64_t series, Buckets& buckets) const {
  for (const HistoryLevel& level : {kTenSeconds, kMinutes})
    PENSTOCK_TRY(HistoryLevels(*database_).read(level, series, buckets.start, buckets.end(), [&](std::int64_t at, double value) {
      buckets.add(at, value, static_cast<double>(level.width / kSecond));
    }));
  const std::int64_t now = floor_div(to_micros(clock_.now()), kSlot);
  const std::int64_t first = std::max(buckets.first_slot(), now - kFineSlots - 2 * kRollUpEvery);
  for (std::int64_t slot = first; slot <= std::min(buckets.last_slot(), now); ++slot) {
    PENSTOCK_ASSIGN(auto query, database_->query("SELECT seconds FROM fine WHERE slot = ? AND series = ?", {slot, series}));
    PENSTOCK_ASSIGN(const bool found, query.next());
    const std::string bytes = found ? query.text(0) : std::string();
    Slot seconds;
    if (bytes.size() != sizeof seconds) continue;
    std::memcpy(seconds.data(), bytes.data(), sizeof seconds);
    buckets.add(slot, seconds);
  }
  return {};
}

void History::add_pending(const std::string& name, Buckets& buckets) const {
  if (const auto found = pending_.find(name); found != pending_.end()) buckets.add(pending_slot_, found->second);
}

Result<std::vector<std::string>> History::names(const std::string& beginning) const {
  const std::lock_guard lock(mutex_);
  if (!database_) return Error(ErrorKind::unavailable, "history.db is not open", {}, path_);
  std::set<std::string, ByNumbers> found;
  const auto begins = [&](const std::string& name) { return name.compare(0, beginning.size(), beginning) == 0; };
  for (auto one = pending_.lower_bound(beginning); one != pending_.end() && begins(one->first); ++one) found.insert(one->first);
  PENSTOCK_ASSIGN(auto query, database_->query("SELECT name FROM series WHERE name >= ? ORDER BY name", {beginning}));
  while (true) {
    PENSTOCK_ASSIGN(const bool more, query.next());
    if (!more || !begins(query.text(0))) break;
    found.insert(query.text(0));
  }
  std::vector<std::string> names(found.begin(), found.end());
  if (names.size() > kMostNames) names.resize(kMostNames);
  return names;
}

Result<std::vector<Series>> History::read(const std::vector<std::string>& names, std::int64_t from, std::int64_t to, std::int32_t max_points) const {
  if (to <= from) return Error(ErrorKind::invalid_argument, "the end of a series must be after its start");
  const std::int64_t points = max_points > 0 ? max_points : 1'000;
  const std::lock_guard lock(mutex_);
  if (!database_) return Error(ErrorKind::unavailable, "history.db is not open", {}, path_);

  const std::int64_t age = to_micros(clock_.now()) - from;
  const std::int64_t base = age <= kFineSlots * kSlot ? kSecond : age <= kTenSeconds.keep ? kTenSeconds.width : kMinutes.width;
  std::int64_t step = base * std::max<std::int64_t>(1, (to - from + points * base - 1) / (points * base));
  const auto count_of = [&](std::int64_t width) { return floor_div(to - 1, width) - floor_div(from, width) + 1; };
  while (count_of(step) > points && points > 1) step += base;

  std::vector<Series> all;
  for (const std::string& name : names) {
    const auto count = static_cast<std::size_t>(count_of(step));
    Buckets buckets{floor_div(from, step) * step, step, std::vector<double>(count, 0), std::vector<double>(count, 0)};
    PENSTOCK_ASSIGN(auto query, database_->query("SELECT id FROM series WHERE name = ?", {name}));
    PENSTOCK_ASSIGN(const bool known, query.next());
    if (known) PENSTOCK_TRY(add_stored(query.integer(0), buckets));
    add_pending(name, buckets);

    Series series{name, {}, {}};
    for (std::size_t i = 0; i < count; ++i) {
      series.at.push_back(buckets.start + static_cast<std::int64_t>(i) * step);
      series.value.push_back(buckets.weights[i] > 0 ? buckets.sums[i] / buckets.weights[i] : kHole);
    }
    all.push_back(std::move(series));
  }
  return all;
}

}  // namespace penstock
