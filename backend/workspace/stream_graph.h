#pragma once

#include "workspace/problem.h"
#include "workspace/setting_catalog.h"
#include "workspace/spec.h"

namespace penstock {

// Fills in what a step or sink leaves out (`from:` is the step above, `land:` is a delta sink too), gives sinks their
// names, and reports unknown names, cycles and sinks that are the same.
void resolve_stream(StreamSpec& stream, Problems& problems);

// `from: dead_letters` where no step is called so: the sink takes the stream's dead letters.
bool takes_dead_letters(const StreamSpec& stream, const SinkSpec& sink);

// What only the whole workspace shows: two streams of one name, connections that do not exist or are of another kind,
// two writers of one table.
void check_across_streams(const Workspace& workspace, const SettingCatalog& catalog, Problems& problems);

}  // namespace penstock
