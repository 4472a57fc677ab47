#pragma once

// One report of several shards: what a pipeline shows. Counters and rows add up, latencies merge exactly, and what one shard
// cannot do the stream cannot do.

#include <span>

#include "telemetry/report.h"

namespace penstock {

// At least one; in the order of their shards.
StreamReport merged(std::span<const StreamReport* const> shards);

// At least one. Done once all of the stream's shards are.
ReplayReport merged(std::span<const ReplayReport* const> shards);

// "120 of 120 rows · 0 lost · 0 doubled", of what was verified.
std::string outcome_of(const ReplayReport& replay);

}  // namespace penstock
