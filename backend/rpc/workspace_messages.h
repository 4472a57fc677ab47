#pragma once

#include "engine/workspace_control.h"
#include "penstock/v1/workspace.pb.h"

namespace penstock::rpc {

void write(const Problem& problem, v1::Problem& message);
void write(const AppliedPlan& plan, v1::PlanResponse& message);

}  // namespace penstock::rpc
