#pragma once

// The gap of a reset: the positions from the last committed epoch to the source's head at the moment of the reset
// (semantics.md, "Reset"). Measured from reports before and after, so that the outcome is counted and not believed.

#include <cstdint>
#include <string>
#include <vector>

#include "telemetry/report.h"

namespace penstock {

// One stream at the moment of the reset, as its last report has it.
struct StreamGap {
  std::string stream;
  Positions from;                   // committed
  Positions to;                     // heads
  std::int64_t rows = 0;            // that the gap holds
  std::int64_t rows_in_before = 0;
  std::int64_t redriven_before = 0;
  std::int64_t lost_before = 0;

  static StreamGap of(const StreamReport& report);
};

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

// "resumed at 88,120,394 · 182,400 of 182,400 rows · 0 lost · 0 doubled"; several partitions: "resumed at 0 @ 120, 1 @ 99 · …".
std::string outcome_sentence(const Positions& resumed_at, const GapProgress& counts);

}  // namespace penstock
