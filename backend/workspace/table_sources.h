#pragma once

#include "workspace/problem.h"
#include "workspace/spec.h"

namespace penstock {

// `table:` sources: each names a table that a stream of the workspace lands and only adds rows to, or a folder; and no stream
// feeds itself through tables.
void check_table_sources(const Workspace& workspace, Problems& problems);

}  // namespace penstock
