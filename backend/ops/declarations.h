#pragma once

#include <vector>

#include "lineage/graph.h"
#include "ops/placement.h"
#include "telemetry/registry.h"

namespace penstock {

// What the registry is told about an applied workspace: objectives, and what each pipeline holds back when it stands.
std::vector<PipelineDeclaration> declare_pipelines(const Workspace& workspace, const LineageGraph& graph, const Scales& scales = {});

}  // namespace penstock
