#pragma once

// The gap of a reset: the positions from the last committed epoch to the source's head at the moment of the reset
// (semantics.md, "Reset"). Measured from reports before and after, so that the outcome is counted and not believed.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "telemetry/report.h"

namespace penstock {

// One shard of a stream at the moment of the reset, as its last report has it.
struct StreamGap {
  std::string stream;
  std::int32_t shard = 0;
  Positions from;                   // committed
  Positions to;                     // heads
  std::int64_t rows = 0;            // that the gap holds
  std::int64_t rows_in_before = 0;
  std::int64_t redriven_before = 0;
  std::int64_t lost_before = 0;

  static StreamGap of(const StreamReport& report);
  // Of the stream's new life: where it really went on, which is behind the last report of the old one, or before it
  // where its state was rebuilt.
  void begins(const StreamReport& resumed, bool is_rebuilt);
};

// What tables hold of the positions from `from` on, up to those of a report: each record is one row of bronze or one dead letter.
struct DeliveredRows {
  bool is_known = false;            // false: no table holds the records as they came
  std::int64_t rows = 0;
  std::int64_t distinct = 0;        // by origin
  std::int64_t in_gap = 0;          // of them, below the head at the reset
};
// Asked with the gap and the report that it is counted up to.
using CountDelivered = std::function<Result<DeliveredRows>(const StreamGap& gap, const Positions& until)>;

// Counts of one stream, or the sum over those of a pod.
struct GapProgress {
  std::int64_t gap_rows = 0;
  std::int64_t replayed_rows = 0;
  std::int64_t lost_rows = 0;       // positions that the source no longer holds
  std::int64_t doubled_rows = 0;    // rows that came in more often than the positions that were passed
  bool is_caught_up = false;        // every partition has passed the head that it had at the reset

  GapProgress& operator+=(const GapProgress& other);
};

// What a stream has replayed of its gap, by its newest report.
GapProgress progress_of(const StreamGap& gap, const StreamReport& now);

// The same, counted in the tables: of what came in up to `now`, what they hold once, not at all, or more than once.
GapProgress counted_in_tables(const StreamGap& gap, const StreamReport& now, const DeliveredRows& delivered);

// "resumed at 88,120,394 · 182,400 of 182,400 rows · 0 lost · 0 doubled"; several partitions: "resumed at 0 @ 120, 1 @ 99 · …".
std::string outcome_sentence(const Positions& resumed_at, const GapProgress& counts);

}  // namespace penstock
