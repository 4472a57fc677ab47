#include "telemetry/state.h"

#include <bit>
#include <tuple>

namespace penstock {
namespace {

// By bits, so that a hole equals a hole.
bool same(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i])) return false;
  return true;
}

auto fields(const PipelineState& p) {
  return std::tie(p.name, p.tenant, p.status, p.status_since, p.reason, p.rows_per_second, p.behind_rows, p.behind_micros, p.queryable, p.visible,
                  p.objective_p99, p.objective_freshness, p.objective_availability, p.failing_rows, p.rows, p.open_rows, p.pods_ready, p.pods_wanted,
                  p.last_epoch, p.last_epoch_at, p.watermark, p.outbox_bytes, p.held_by_sink, p.circuit, p.version, p.history, p.relaxed_durability,
                  p.sinks, p.state_bytes, p.shards, p.sources);
}

auto fields(const ExpectationState& e) {
  return std::tie(e.pipeline, e.step, e.name, e.sql, e.on_fail, e.checked, e.failed, e.failed_recently, e.rate, e.usual_rate, e.last_failed_at,
                  e.muted_at, e.muted_by, e.muted_why);
}

}  // namespace

bool operator==(const PipelineState& a, const PipelineState& b) { return fields(a) == fields(b) && same(a.sparkline, b.sparkline); }
bool operator==(const ExpectationState& a, const ExpectationState& b) { return fields(a) == fields(b) && same(a.trend, b.trend); }

const char* name_of(PodPhase phase) {
  switch (phase) {
    case PodPhase::pending: return "pending";
    case PodPhase::starting: return "starting";
    case PodPhase::running: return "running";
    case PodPhase::not_ready: return "not_ready";
    case PodPhase::stuck: return "stuck";
    case PodPhase::crash_loop: return "crash_loop";
    case PodPhase::stopping: return "stopping";
    case PodPhase::gone: return "gone";
    case PodPhase::unknown: return "unknown";
  }
  return "unknown";
}

bool TelemetryChanges::empty() const {
  return pipelines.empty() && removed_pipelines.empty() && edges.empty() && expectations.empty() && pods.empty() && removed_pods.empty() &&
         replays.empty() && !attention_changed;
}

}  // namespace penstock
