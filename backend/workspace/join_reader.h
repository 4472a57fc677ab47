#pragma once

#include "workspace/problem.h"
#include "workspace/spec.h"

namespace penstock {

// Reads `join:` of a step; `step_map` is the whole step, for what may not stand beside it.
void read_join_step(const Setting& map, const Setting& step_map, StepSpec& step, Problems& problems);

// The same for `lookup:`.
void read_lookup_step(const Setting& map, const Setting& step_map, StepSpec& step, Problems& problems);

// The same for `score:`.
void read_score_step(const Setting& map, const Setting& step_map, StepSpec& step, Problems& problems);

}  // namespace penstock
