#pragma once

// What the commands share that start a replay or a redrive.

#include "ctl/session.h"
#include "penstock/v1/replay.pb.h"

namespace penstock::ctl {

void print_preview(const Session& session, const v1::ReplayPreview& preview);
// Waits until the replay has ended, and prints its outcome. Failed when it failed or was cancelled.
Outcome follow_replay(Session& session, v1::ReplayState replay);

}  // namespace penstock::ctl
