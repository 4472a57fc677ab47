#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"
#include "connectors/simulate/timeline.h"

namespace penstock::simulate {

enum class FaultKind {
  broken_json,     // the record ends in its middle
  unknown_store,   // store_id is one of `stores`, which no reference table holds
  duplicate,       // an earlier record once more
  late,            // its event time lies `by` back
  new_column,      // a field `till_version` that no contract knows
  burst,           // the rate times `rate`
  dead_source,     // the source answers `unavailable`
  stuck,           // reading hangs until it is cancelled, once in the life of a stream
};

struct Fault {
  FaultKind kind = FaultKind::broken_json;
  Recurrence when;                       // absolute, in microseconds since 1970
  double rate = 0.02;                    // share of the rows that are hit; for a burst its factor
  std::int64_t late_by_micros = 0;
  std::vector<std::int64_t> stores;

  bool at(Timestamp time) const { return when.contains(to_micros(time)); }
};

// Reads the list under `faults:`. `first_start` is what `after` counts from. Error: invalid_argument with the place.
Result<std::vector<Fault>> parse_faults(const Settings& settings, Timestamp first_start);

// True when one of the faults is of this kind and holds at this time.
bool any_at(const std::vector<Fault>& faults, FaultKind kind, Timestamp time);

}  // namespace penstock::simulate
