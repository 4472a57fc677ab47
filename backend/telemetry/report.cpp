#include "telemetry/report.h"

namespace penstock {

const char* name_of(PipelineStatus status) {
  switch (status) {
    case PipelineStatus::starting: return "starting";
    case PipelineStatus::running: return "running";
    case PipelineStatus::catching_up: return "catching_up";
    case PipelineStatus::degraded: return "degraded";
    case PipelineStatus::stuck: return "stuck";
    case PipelineStatus::failing: return "failing";
    case PipelineStatus::paused: return "paused";
    case PipelineStatus::draining: return "draining";
    case PipelineStatus::stopped: return "stopped";
    case PipelineStatus::unknown: return "unknown";
  }
  return "unknown";
}

const char* name_of(CircuitState state) {
  switch (state) {
    case CircuitState::closed: return "closed";
    case CircuitState::open: return "open";
    case CircuitState::half_open: return "half_open";
  }
  return "closed";
}

}  // namespace penstock
