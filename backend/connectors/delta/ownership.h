#pragma once

// Which state directory of a stream may write a table (semantics.md, "Exactly once").
//
// A marker is "<state id>/<sink>/<shard>". Another state id before the same sink and shard is a rival: a state that
// was lost, restored or rolled back, whose epochs say nothing about ours. Taking over retires the rivals: their
// `txn` is set to kRetired in a commit of its own, so that a rival that comes back learns it from the table.

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "connectors/delta/log.h"
#include "io/sink.h"

namespace penstock::delta {

inline constexpr std::int64_t kRetired = std::numeric_limits<std::int64_t>::max();
inline constexpr const char* kProgressTag = "progress";

// Markers of other states for the same sink and shard that are not retired, with their last epochs.
std::map<std::string, std::int64_t> rivals(const Snapshot& snapshot, const Marker& marker);

// Error: failed_precondition when the marker is retired, or when it has rivals and `take_over` is not set.
Status check_ownership(const Snapshot& snapshot, const Marker& marker, bool take_over);

// The commit that retires all rivals of `marker`, and says from which epochs it took over.
std::vector<Action> retire_rivals(const Snapshot& snapshot, const Marker& marker, std::int64_t now_ms);

// Who wrote last for this sink and shard: a rival where there is one, else `marker` itself; none when nobody did.
Result<std::optional<Holding>> find_holding(const DeltaLog& log, const Marker& marker);

// What a commitInfo says about who wrote.
std::map<std::string, std::string> commit_tags(const Marker& marker);

}  // namespace penstock::delta
