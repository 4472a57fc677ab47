#pragma once

#include <string>
#include <vector>

#include "workspace/spec.h"

namespace penstock {

struct PlanChange {
  enum class Kind { added, changed, removed };
  Kind kind = Kind::added;
  std::string object;       // "stream sales", "step sales.silver", "sink sales.velocity.delta.gold.sales", …
  std::string detail;       // what differs: "window, keys"; empty where the kind says all
};

// What applying `wanted` over `running` does to it.
struct Plan {
  std::vector<PlanChange> changes;
  std::vector<std::string> rebuilt;       // "sales.velocity": state computed again from the nearest landed table above
  std::vector<std::string> state_lost;    // the same, where nothing is landed above: state starts empty

  bool empty() const { return changes.empty(); }
};

Plan plan_changes(const Workspace& running, const Workspace& wanted);

// What the state of a step depends on (dedupe and window: their columns, keys, times, and all SQL between the source and
// it). Equal texts: the state is kept. Empty: the step has none. `step` is of `stream`.
std::string state_fingerprint(const StreamSpec& stream, const StepSpec& step);

}  // namespace penstock
