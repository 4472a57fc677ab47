#pragma once

#include "penstock/v1/quality.pb.h"
#include "store/rejected_index.h"
#include "workspace/spec.h"

namespace penstock::rpc {

// The stops of a rejected row: its source, the steps that it passed, the one that rejected it, those that it never reached.
void add_journey(const Workspace& workspace, const RejectedRow& row, v1::RejectedJourney& journey);

}  // namespace penstock::rpc
