#include "stream/join_state.h"

#include <algorithm>

namespace penstock {

JoinState::JoinState(Options options)
    : options_(std::move(options)),
      watermark_(options_.watermark),
      sides_{JoinSide(options_.sides[kLeft].schema, options_.sides[kLeft].keys, options_.sides[kLeft].time_column),
             JoinSide(options_.sides[kRight].schema, options_.sides[kRight].keys, options_.sides[kRight].time_column)},
      closed_until_(Watermark::kNone),
      forget_before_(Watermark::kNone),
      fresh_newest_{JoinSide::kNoTime, JoinSide::kNoTime} {}

bool JoinState::is_late(std::size_t side, std::int64_t time, const Watermark::Partition& partition, Coming coming) const {
  if (!options_.within_micros) return false;
  if (coming != Coming::rebuilt && time < closed_until_) return true;
  if (options_.sides[side].is_given) return false;
  return coming != Coming::redriven && time < watermark_.watermark_of(partition);
}

// The rows that are kept, by index.
std::vector<std::int64_t> JoinState::sort_out(std::size_t side, const Batch& rows, const std::vector<std::optional<KeyHash>>& keys, Coming coming, std::int64_t now,
                                              Added& added) {
  const ColumnView times = rows.column(sides_[side].time_column());
  const ColumnView sources = *rows.find(origin::source), partitions = *rows.find(origin::partition);
  std::vector<std::int64_t> kept;
  kept.reserve(keys.size());
  // Neighbours mostly come from the same partition.
  PartitionKey of;
  Watermark::Partition none, *partition = options_.sides[side].is_given ? &none : nullptr;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    if (partition == &none) {
      // Its partitions say nothing.
    } else if (!partition || partitions.int32(row) != of.second || sources.bytes(row) != of.first) {
      of = {std::string(sources.bytes(row)), partitions.int32(row)};
      partition = &watermark_.partition(key_of(side, of), now);
    }
    if (!times.is_null(row)) {
      const std::int64_t time = times.int64(row);
      const bool late = is_late(side, time, *partition, coming);
      if (coming != Coming::redriven) watermark_.observe(*partition, time, now);
      if (late) {
        added.late.push_back(row);
        continue;
      }
    }
    const bool matches = keys[static_cast<std::size_t>(row)] && !(options_.within_micros && times.is_null(row));
    (matches ? kept : added.matchless).push_back(row);
  }
  return kept;
}

Result<JoinState::Added> JoinState::add(std::size_t side, const Batch& rows, Coming coming, std::int64_t now, const TakePairs& take) {
  Added added;
  const std::vector<std::optional<KeyHash>> all_keys = key_hashes(rows, sides_[side].keys());
  const std::vector<std::int64_t> kept = sort_out(side, rows, all_keys, coming, now, added);
  if (kept.empty()) return added;
  std::vector<KeyHash> keys;
  keys.reserve(kept.size());
  for (const std::int64_t row : kept) keys.push_back(*all_keys[static_cast<std::size_t>(row)]);
  const RowId first = sides_[side].next();
  keep(side, static_cast<std::int64_t>(kept.size()) == rows.rows() ? rows : rows.take(kept), keys);
  wait_for_match(side, first);

  const JoinSide& others = sides_[1 - side];
  Pairs pairs;
  const auto hand_out = [&] { return take(std::exchange(pairs, {})); };
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const RowId row = first + i;
    const std::int64_t time = sides_[side].time(row);
    for (RowId other = others.newest(keys[i]); other != JoinSide::kNoRow && others.holds(other); other = others.before(other)) {
      if (options_.within_micros && std::abs(time - others.time(other)) > *options_.within_micros) continue;
      pairs.rows[side].push_back(row);
      pairs.rows[1 - side].push_back(other);
      if (pairs.rows[side].size() == static_cast<std::size_t>(kMaxBatchRows)) PENSTOCK_TRY(hand_out());
    }
  }
  if (!pairs.rows[side].empty()) PENSTOCK_TRY(hand_out());
  return added;
}

void JoinState::wait_for_match(std::size_t side, RowId first) {
  if (!keeps(side)) return;
  for (RowId row = first; row < sides_[side].next(); ++row)
    if (closes_at(sides_[side].time(row)) > closed_until_ || closed_until_ == Watermark::kNone) waiting_[side].push({sides_[side].time(row), row});
}

void JoinState::mark(const Pairs& pairs) {
  for (const std::size_t side : {kLeft, kRight}) {
    if (!keeps(side)) continue;
    for (const RowId row : pairs.rows[side])
      if (sides_[side].set_matched(row)) fresh_matched_[side].push_back(row);
  }
}

std::array<std::vector<JoinState::RowId>, 2> JoinState::close(std::int64_t now, Until until) {
  std::array<std::vector<RowId>, 2> told;
  const std::int64_t reached = watermark(now);
  std::int64_t target = reached;
  if (until == Until::closed) target = std::min(reached, closed_until_);
  if (until == Until::all_closed) target = closed_until_;
  std::int64_t closed = std::max(closed_until_, target);
  for (const std::size_t side : {kLeft, kRight}) {
    auto& waiting = waiting_[side];
    for (; !waiting.empty() && (until == Until::all || closes_at(waiting.top().time) <= target); waiting.pop()) {
      const auto [time, row] = waiting.top();
      if (sides_[side].matched(row)) continue;
      told[side].push_back(row);
      closed = std::max(closed, closes_at(time));
    }
  }
  forget_before_ = std::max(forget_before_, until == Until::all ? closed : target);
  close_until(closed);
  return told;
}

void JoinState::close_until(std::int64_t end) {
  if (end <= closed_until_) return;
  closed_until_ = end;
  closed_changed_ = true;
}

void JoinState::forget() {
  if (!options_.within_micros || forget_before_ == Watermark::kNone) return;
  for (JoinSide& side : sides_) side.drop_before(forget_before_ - *options_.within_micros);
}

std::int64_t JoinState::output_watermark() const {
  return closed_until_ == Watermark::kNone ? Watermark::kNone : closed_until_ - options_.within_micros.value_or(0);
}

std::int64_t JoinState::watermark(std::int64_t now) const {
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  for (const std::size_t side : {kLeft, kRight}) lowest = std::min(lowest, options_.sides[side].is_given ? given_[side] : watermark_.lowest(now));
  return lowest == std::numeric_limits<std::int64_t>::max() ? Watermark::kNone : lowest;
}

bool JoinState::due(std::int64_t now) {
  const std::int64_t reached = watermark(now);
  for (const std::size_t side : {kLeft, kRight}) {
    auto& waiting = waiting_[side];
    while (!waiting.empty() && sides_[side].matched(waiting.top().row)) waiting.pop();
    if (!waiting.empty() && closes_at(waiting.top().time) <= reached) return true;
  }
  return false;
}

void JoinState::await(const std::optional<PartitionKey>& partition, std::int64_t now) {
  if (!partition) return watermark_.await_all(now);
  for (const std::size_t side : {kLeft, kRight}) watermark_.await(key_of(side, *partition), now);
}

}  // namespace penstock
