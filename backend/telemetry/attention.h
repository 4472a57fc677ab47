#pragma once

#include <vector>

#include "telemetry/pipeline_tracker.h"
#include "telemetry/state.h"

namespace penstock {

// What needs the operator, worst first (failing before warning, then what lasts longest). One thing gives one card: a pod that
// is silent or in a crash loop stands for all its pipelines. Trackers must have been refreshed.
std::vector<Attention> what_needs_you(const std::vector<const PipelineTracker*>& pipelines, const std::vector<PodState>& pods,
                                      const std::vector<Attention>& alarms);

}  // namespace penstock
