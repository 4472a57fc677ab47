#pragma once

// What a replay keeps on disk, so that the next pod finishes what this one could not.

#include <string>
#include <vector>

#include "stream/pod_runtime.h"
#include "stream/state_store.h"

namespace penstock {

// Writes `folder`/launch. The folder is made.
Status save_replay(const std::string& folder, const ReplayLaunch& launch);
// The replays whose folders stand below `folder`. One that cannot be read is left out, with a warning.
std::vector<ReplayLaunch> unfinished_replays(const std::string& folder);
// Removes what an interrupted computation left, so that it begins anew.
Status forget_partial_run(StateStore& state);

}  // namespace penstock
