#pragma once

#include <cstdint>

#include "stream/flow.h"
#include "stream/reject_rows.h"

namespace penstock {

// How the rows of an epoch are treated.
enum class EpochMode {
  live,
  redrive,       // rows that had been rejected: no lateness, closed windows are computed again
  upstream,      // steps before the one that rejected a redriven row: only their SQL runs, nothing counts or lands
};

// What the steps of one epoch share.
struct EpochContext {
  std::int64_t epoch = 0;
  std::int64_t now = 0;              // wall clock in micros
  EpochMode mode = EpochMode::live;
  bool close_windows = false;        // the sources have ended: open windows close
  bool hold_windows = false;         // not all partitions are known yet: no window closes
  bool can_recompute = false;        // a closed window can be computed again, from what is landed
  bool rebuilds = false;             // state is computed again: what was closed before is no reason to be late
  bool rebuild_ends = false;         // … and all rows have been read: what was closed closes now
  bool new_keys = false;             // all rows have keys that no row before has had (Source::gave_new_keys)
  std::int32_t hop = 0;              // of redriven rows
  EpochRecords records;
  RejectBuilder quarantine;
  RejectBuilder dead_letters;
  std::int64_t dead = 0;
};

}  // namespace penstock
