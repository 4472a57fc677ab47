#include "telemetry/pod_tracker.h"

#include <algorithm>

#include "telemetry/wording.h"

namespace penstock {
namespace {
constexpr std::int64_t kSilence = 5'000'000;
}

void PodTracker::set(std::int64_t now, const PodFacts& facts) {
  // Silence counts from the moment the pod is said to run: a report of the run before does not excuse it.
  if (facts.phase == PodPhase::running && facts_.phase != PodPhase::running) heard_at_ = now;
  facts_ = facts;
  state_.restarts = facts.restarts;
  state_.started_at = facts.started_at;
  state_.process_id = facts.process_id;
  state_.pipelines = facts.pipelines;
  state_.host = facts.host;
}

void PodTracker::add(std::int64_t at, const PodReport& report) {
  if (report.started_at != process_started_at_) cpu_micros_ = CounterWindow(5'000'000, 500'000);
  process_started_at_ = report.started_at;
  cpu_micros_.add(at, static_cast<std::int64_t>(report.cpu_seconds * 1e6));
  // The engine's own pod has no supervisor that would say so.
  if (facts_.name.empty()) facts_.phase = PodPhase::running;
  heard_at_ = at;
  state_.last_heartbeat = at;
  state_.memory_bytes = report.memory_bytes;
  if (report.process_id != 0) state_.process_id = report.process_id;
}

void PodTracker::refresh(std::int64_t now, const std::function<const PipelineState*(const std::string&)>& pipeline_of) {
  PodPhase phase = facts_.phase;
  std::string reason = facts_.reason;
  std::int64_t behind = state_.pipelines.empty() ? 0 : -1;
  const PipelineState* stuck = nullptr;
  for (const std::string& name : state_.pipelines) {
    const PipelineState* pipeline = pipeline_of(name);
    if (!pipeline) continue;
    if (pipeline->status == PipelineStatus::stuck && !stuck) stuck = pipeline;
    if (pipeline->behind_rows >= 0) behind = std::max<std::int64_t>(behind, 0) + pipeline->behind_rows;
  }
  if (phase == PodPhase::running && now - heard_at_ > kSilence) {
    phase = PodPhase::unknown;
    reason = "No report since " + clock_time(heard_at_);
  } else if (phase == PodPhase::running && stuck) {
    phase = PodPhase::stuck;
    reason = stuck->name + ": " + stuck->reason;
  }
  if (phase != state_.phase || state_.phase_since == 0) state_.phase_since = now;
  state_.phase = phase;
  state_.reason = reason;
  state_.behind_rows = behind;
  state_.cpu_percent = phase == PodPhase::unknown || phase == PodPhase::gone ? 0 : cpu_micros_.rate(now) / 1e4;
}

}  // namespace penstock
