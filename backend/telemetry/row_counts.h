#pragma once

#include "telemetry/report.h"
#include "telemetry/state.h"

namespace penstock {

// What became of a stream's rows, along its first path: from each source to the first step that reads it, and on to the
// first step (in the file's order) that reads that one, to a step that no other reads. Side branches have counts of their own
// on their edges, and are not mixed into this sum.
//
// For each row that is in, exactly one of landed, dead, quarantined, dropped, duplicates, late, filtered or open counts it, once
// the pipeline has caught up. `landed` is counted at the end of the path: rows that came into its last step, less those that
// this step rejected or holds in open windows.
struct PathCounts {
  RowCounts rows;
  std::int64_t open_rows = 0;

  // in − (landed + dead + …): 0 when every row is accounted for; rows between two steps else.
  std::int64_t unaccounted() const;
};
PathCounts count_path(const StreamReport& report);

}  // namespace penstock
