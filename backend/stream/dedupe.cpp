#include "stream/dedupe.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstring>

#include "stream/row_key.h"

namespace penstock {
namespace {

// What stands in a logged value, key after key.
struct Entry {
  KeyHash hash;
  std::int64_t time = 0;
};
static_assert(sizeof(Entry) == 24);

constexpr std::size_t kFetchedAhead = 12;          // rows
constexpr std::size_t kSmallSegment = 4096;       // keys
constexpr std::size_t kMergeAfter = 512;          // small segments

Entry entry_at(std::string_view bytes, std::size_t at) {
  Entry entry;
  std::memcpy(&entry, bytes.data() + at, sizeof entry);
  return entry;
}

// The memory of `table` is fetched some entries ahead of their visit.
template <typename Table, typename Visit>
Status visit_entries(std::string_view bytes, const Table& table, Visit visit) {
  if (bytes.size() % sizeof(Entry) != 0) return Error(ErrorKind::data_loss, "a logged set of dedupe keys is damaged");
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Entry)) {
    if (const std::size_t ahead = at + kFetchedAhead * sizeof(Entry); ahead < bytes.size()) table.prefetch(entry_at(bytes, ahead).hash);
    visit(entry_at(bytes, at));
  }
  return {};
}

}  // namespace

struct Dedupe::Table {
  absl::flat_hash_map<KeyHash, std::int64_t> first_times;
};

Dedupe::Dedupe(Options options) : options_(std::move(options)), table_(std::make_unique<Table>()) {}
Dedupe::~Dedupe() = default;

std::size_t Dedupe::keys() const { return table_->first_times.size(); }

std::string Dedupe::segment_key(std::int64_t epoch) const {
  std::string key = options_.state_prefix;
  append_key(epoch, key);
  return key;
}

Status Dedupe::restore(const StateStore& state) {
  return state.scan(options_.state_prefix, [&](std::string_view key, std::string_view value) -> Status {
    Segment segment{read_key(key), 0, value.size() / sizeof(Entry)};
    PENSTOCK_TRY(visit_entries(value, table_->first_times, [&](const Entry& entry) {
      table_->first_times[entry.hash] = entry.time;
      segment.newest_time = std::max(segment.newest_time, entry.time);
    }));
    newest_time_ = std::max(newest_time_, segment.newest_time);
    segments_.push_back(segment);
    return {};
  });
}

std::vector<std::int64_t> Dedupe::first_rows(const Batch& rows) {
  const ColumnView times = rows.column(options_.time_column);

  // All hashes first: then the table's memory is fetched some rows ahead of its use.
  const auto count = static_cast<std::size_t>(rows.rows());
  const std::vector<std::optional<KeyHash>> hashes = key_hashes(rows, options_.key_columns);

  std::vector<std::int64_t> firsts;
  firsts.reserve(count);
  for (std::size_t row = 0; row < count; ++row) {
    if (const std::size_t ahead = row + kFetchedAhead; ahead < count && hashes[ahead]) table_->first_times.prefetch(*hashes[ahead]);
    const auto at = static_cast<std::int64_t>(row);
    if (!hashes[row]) {
      firsts.push_back(at);
      continue;
    }
    const Entry entry{*hashes[row], times.is_null(at) ? newest_time_ : times.int64(at)};
    const auto [found, added] = table_->first_times.try_emplace(entry.hash, entry.time);
    if (!added) {
      if (std::abs(entry.time - found->second) <= options_.within_micros) continue;
      found->second = entry.time;
    }
    fresh_.append(reinterpret_cast<const char*>(&entry), sizeof entry);
    fresh_newest_ = std::max(fresh_newest_, entry.time);
    newest_time_ = std::max(newest_time_, entry.time);
    firsts.push_back(at);
  }
  return firsts;
}

Status Dedupe::log(std::int64_t epoch, const StateStore& state, StateWrite& write) {
  if (!fresh_.empty()) {
    write.put(segment_key(epoch), fresh_);
    segments_.push_back({epoch, fresh_newest_, fresh_.size() / sizeof(Entry)});
    fresh_.clear();
    fresh_newest_ = 0;
  }
  expire(state, write);
  merge_small_segments(epoch, state, write);
  return {};
}

void Dedupe::expire(const StateStore& state, StateWrite& write) {
  const std::int64_t horizon = newest_time_ - 2 * options_.within_micros;
  while (!segments_.empty() && segments_.front().newest_time < horizon) {
    const std::string key = segment_key(segments_.front().epoch);
    const auto bytes = state.get(key);
    // A segment of this very epoch is not stored yet; it cannot be expired, its times being the newest.
    if (!bytes.ok() || !*bytes) return;
    const auto status = visit_entries(**bytes, table_->first_times, [&](const Entry& entry) {
      const auto found = table_->first_times.find(entry.hash);
      if (found != table_->first_times.end() && found->second == entry.time) table_->first_times.erase(found);
    });
    if (!status.ok()) return;
    write.erase(key);
    segments_.pop_front();
  }
}

void Dedupe::merge_small_segments(std::int64_t epoch, const StateStore& state, StateWrite& write) {
  // Only a run of small segments at the end, without this epoch's own, which is not stored yet.
  std::size_t end = segments_.size();
  if (end > 0 && segments_.back().epoch == epoch) --end;
  std::size_t begin = end;
  while (begin > 0 && segments_[begin - 1].keys < kSmallSegment) --begin;
  if (end - begin < kMergeAfter) return;

  std::string merged;
  Segment whole{segments_[begin].epoch, 0, 0};
  for (std::size_t i = begin; i < end; ++i) {
    const auto bytes = state.get(segment_key(segments_[i].epoch));
    if (!bytes.ok() || !*bytes) return;
    merged += **bytes;
    whole.newest_time = std::max(whole.newest_time, segments_[i].newest_time);
    whole.keys += segments_[i].keys;
  }
  for (std::size_t i = begin + 1; i < end; ++i) write.erase(segment_key(segments_[i].epoch));
  write.put(segment_key(whole.epoch), merged);
  segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(begin), segments_.begin() + static_cast<std::ptrdiff_t>(end));
  segments_.insert(segments_.begin() + static_cast<std::ptrdiff_t>(begin), whole);
}

}  // namespace penstock
