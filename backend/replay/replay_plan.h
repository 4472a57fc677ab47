#pragma once

// What a replay of a range would do, before it does: the range widened to whole windows, what must be read before it, what is
// replaced, and who gets rows a second time (semantics.md, "Replay, redrive, reset").

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stream/pod_runtime.h"
#include "workspace/spec.h"

namespace penstock {

struct ReplayWish {
  std::string pipeline;
  std::int64_t from_time = 0;               // micros of the source events
  std::int64_t to_time = 0;                 // exclusive
  std::vector<std::string> steps;           // empty: all
  double rate_limit = 0;                    // rows/s; 0: half the spare capacity
  std::vector<std::string> include_sinks;   // sinks that cannot replay and shall get the rows again
  // Instead of the times: per `_source` and partition the first offset, and the one after the last (none: up to the live
  // stream).
  std::map<std::string, Positions> from_positions, to_positions;
};

struct TimeRange {
  std::int64_t from = 0;                    // micros
  std::int64_t to = 0;                      // exclusive
};

struct SinkEffect {
  std::string sink;
  std::string effect;                       // "replaces", "idempotent", "sends again", "off"
  std::int64_t rows = 0;                    // sent again
};

struct ReplayPlan {
  ReplayLaunch launch;                      // without its id
  std::int64_t rows = 0;                    // that are read of bronze; 0 where the source itself is read
  std::int64_t windows = 0;                 // computed again
  std::vector<SinkEffect> sinks;
  std::vector<std::string> tables;          // that are replaced
  std::vector<std::string> warnings;
  std::int64_t sends_again = 0;             // rows that a peer gets a second time
};

// Rows of a landed table whose source time is in [from, to).
using CountRows = std::function<Result<std::int64_t>(const std::string& table, std::int64_t from, std::int64_t to)>;

// The source times that the wished positions cover in a landed table; none where it holds no such row.
using TimesOfPositions = std::function<Result<std::optional<TimeRange>>(const std::string& table)>;

// invalid_argument: an empty range, times and positions at once, an unknown step or sink. Of positions in a stream that lands
// no bronze the plan has no times and counts no windows: the run asks the source for them.
Result<ReplayPlan> plan_replay(const StreamSpec& stream, const ReplayWish& wish, const CountRows& count_rows, const TimesOfPositions& times_of_positions = {});

}  // namespace penstock
