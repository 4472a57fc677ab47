#include "ops/gap.h"

#include <algorithm>

#include "telemetry/wording.h"

namespace penstock {
namespace {

constexpr std::size_t kPartitionsNamed = 4;

std::int64_t position_in(const Positions& positions, std::int32_t partition) {
  const auto found = positions.find(partition);
  return found == positions.end() ? 0 : found->second;
}

std::int64_t rows_between(const Positions& from, const Positions& to) {
  std::int64_t rows = 0;
  for (const auto& [partition, head] : to) rows += std::max<std::int64_t>(0, head - position_in(from, partition));
  return rows;
}

}  // namespace

StreamGap StreamGap::of(const StreamReport& report) {
  StreamGap gap;
  gap.stream = report.stream;
  gap.shard = report.shard;
  gap.from = report.positions;
  gap.to = report.heads;
  gap.rows_in_before = report.rows_in;
  gap.redriven_before = report.redriven;
  gap.lost_before = report.lost_rows;
  gap.rows = rows_between(gap.from, gap.to);
  // Where a position is not one row (a byte of a file, say) the source's own count is the better one.
  if (report.behind_rows >= 0) gap.rows = report.behind_rows;
  return gap;
}

void StreamGap::begins(const StreamReport& resumed, bool is_rebuilt) {
  lost_before = 0;                  // counted by each life of its own
  if (resumed.resumed_at.empty()) return;
  const bool dense = rows == rows_between(from, to);
  from = resumed.resumed_at;
  if (dense) rows = rows_between(from, to);
  rows_in_before = resumed.rows_in_then;
  if (is_rebuilt) redriven_before = 0;
}

GapProgress& GapProgress::operator+=(const GapProgress& other) {
  gap_rows += other.gap_rows;
  replayed_rows += other.replayed_rows;
  lost_rows += other.lost_rows;
  doubled_rows += other.doubled_rows;
  is_caught_up = is_caught_up && other.is_caught_up;
  return *this;
}

GapProgress progress_of(const StreamGap& gap, const StreamReport& now) {
  GapProgress progress;
  progress.gap_rows = gap.rows;
  progress.is_caught_up = true;
  std::int64_t passed = 0, all = 0, advanced = 0;
  for (const auto& [partition, head] : gap.to) {
    const std::int64_t from = position_in(gap.from, partition), at = position_in(now.positions, partition);
    all += std::max<std::int64_t>(0, head - from);
    passed += std::clamp<std::int64_t>(at - from, 0, std::max<std::int64_t>(0, head - from));
    if (at < head) progress.is_caught_up = false;
  }
  for (const auto& [partition, at] : now.positions) advanced += std::max<std::int64_t>(0, at - position_in(gap.from, partition));

  progress.lost_rows = std::max<std::int64_t>(0, now.lost_rows - gap.lost_before);
  const bool positions_are_rows = all == gap.rows;
  std::int64_t replayed = passed;
  if (!positions_are_rows) replayed = all == 0 ? gap.rows : static_cast<std::int64_t>(static_cast<double>(gap.rows) * static_cast<double>(passed) / static_cast<double>(all));
  progress.replayed_rows = std::max<std::int64_t>(0, replayed - progress.lost_rows);
  // Positions and rows are committed by the same write: more rows than positions were passed can only be rows taken twice.
  if (positions_are_rows) {
    const std::int64_t came_in = (now.rows_in - gap.rows_in_before) - (now.redriven - gap.redriven_before);
    progress.doubled_rows = std::max<std::int64_t>(0, came_in - (advanced - progress.lost_rows));
  }
  return progress;
}

GapProgress counted_in_tables(const StreamGap& gap, const StreamReport& now, const DeliveredRows& delivered) {
  GapProgress progress = progress_of(gap, now);
  const std::int64_t gone = progress.lost_rows;      // the source no longer held them
  const std::int64_t came_in = (now.rows_in - gap.rows_in_before) - (now.redriven - gap.redriven_before);
  progress.lost_rows += std::max<std::int64_t>(0, came_in - delivered.distinct);
  progress.doubled_rows = delivered.rows - delivered.distinct;
  progress.replayed_rows = delivered.in_gap;
  // A source may have positions that hold no record (Kafka's transaction marks).
  if (progress.lost_rows == gone) progress.gap_rows = progress.replayed_rows + gone;
  return progress;
}

std::string outcome_sentence(const Positions& resumed_at, const GapProgress& counts) {
  std::string at;
  std::size_t named = 0;
  for (const auto& [partition, offset] : resumed_at) {
    if (resumed_at.size() == 1) { at = with_thousands(offset); break; }
    if (named == kPartitionsNamed) { at += " and " + with_thousands(static_cast<std::int64_t>(resumed_at.size() - named)) + " more"; break; }
    at += (named++ ? ", " : "") + std::to_string(partition) + " @ " + with_thousands(offset);
  }
  return "resumed at " + (at.empty() ? "the start" : at) + " · " + with_thousands(counts.replayed_rows) + " of " + with_thousands(counts.gap_rows) +
         " rows · " + with_thousands(counts.lost_rows) + " lost · " + with_thousands(counts.doubled_rows) + " doubled";
}

}  // namespace penstock
