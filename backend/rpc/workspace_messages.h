#pragma once

#include "engine/contract_versions.h"
#include "engine/workspace_control.h"
#include "penstock/v1/workspace.pb.h"

namespace penstock::rpc {

void write(const Problem& problem, v1::Problem& message);
void write(const AppliedPlan& plan, v1::PlanResponse& message);
void write(const SourceContracts& source, v1::SourceContracts& message);

}  // namespace penstock::rpc
