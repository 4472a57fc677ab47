#pragma once

// Which times a replay reads and replaces around those that were asked for (semantics.md, "Replay").

#include <string>
#include <vector>

#include "workspace/spec.h"

namespace penstock {

struct ReplayTimes {
  std::int64_t from = 0;               // micros of `_source_time`: rows from here on are emitted
  std::int64_t to = 0;                 // exclusive
  std::int64_t warm_up_from = 0;       // rows from here on are read
};

// `from` to `to`, widened to whole windows of these steps, with what dedupe and joins need before.
ReplayTimes widened(std::int64_t from, std::int64_t to, const std::vector<const StepSpec*>& steps);

// Those with these names, or all but what lands the records as they came.
std::vector<const StepSpec*> replayed_steps(const StreamSpec& stream, const std::vector<std::string>& names);

// The table that holds the sources' records as they came; empty: none.
std::string bronze_of(const StreamSpec& stream);

}  // namespace penstock
