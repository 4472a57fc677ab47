#pragma once

// The gap of a reset: the positions from the last committed epoch to the source's head at the moment of the reset
// (semantics.md, "Reset"). Measured from reports before and after, so that the outcome is counted and not believed.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "telemetry/report.h"

namespace penstock {

// One stream at the moment of the reset.
struct StreamGap {
  std::string stream;
  Positions from;                   // committed
  Positions to;                     // heads
  std::int64_t rows = 0;            // that the gap holds; -1: unknown (no report)
  std::int64_t lost_before = 0;     // StreamReport::lost_rows
  std::map<std::string, std::int64_t> sink_balance;     // see gap.cpp

  static StreamGap of(const StreamReport& report);
};

struct GapProgress {
  std::int64_t gap_rows = 0;        // of those streams where it is known
  std::int64_t replayed_rows = 0;
  std::int64_t lost_rows = 0;       // positions that the source no longer holds, and rows that a sink never got
  std::int64_t doubled_rows = 0;    // rows that a sink took more often than its step gave them
  bool is_caught_up = false;
  bool is_balanced = false;         // each sink got what its step gave, no more and no less
};

// What a stream has replayed of its gap, by its newest report.
GapProgress progress_of(const StreamGap& gap, const StreamReport& now);

// "resumed at 88,120,394 · 182,400 of 182,400 rows · 0 lost · 0 doubled"; several partitions: "resumed at 0 @ 120, 1 @ 99 · …".
std::string outcome_sentence(const Positions& resumed_at, const GapProgress& counts);

}  // namespace penstock
