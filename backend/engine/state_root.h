#pragma once

#include <string>

#include "base/result.h"
#include "workspace/spec.h"

namespace penstock {

// Where an engine keeps what must survive it: `state:` of the workspace (relative: beside the workspace), else
// $XDG_STATE_HOME/penstock/<workspace id>, in either case with the environment's name below. Two checkouts of one
// workspace have different ids: a name and a digest of the folder's path. Nothing is created.
// failed_precondition: it would lie inside the workspace, or there is no home folder.
Result<std::string> state_root_of(const Workspace& workspace);

// The folder of Delta tables: `tables:`, relative to the state root. unsupported: object storage.
Result<std::string> tables_root_of(const Workspace& workspace, const std::string& state_root);

}  // namespace penstock
