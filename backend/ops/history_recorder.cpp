#include "ops/history_recorder.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace penstock {
namespace {

class Samples {
 public:
  void add(std::string name, double value) { all.push_back({std::move(name), value}); }
  void add(std::string name, std::int64_t value) { add(std::move(name), static_cast<double>(value)); }
  std::vector<SeriesSample> all;
};

// Empty where it has no objective, and while it is not to run.
std::optional<bool> objective_met(const PipelineState& state) {
  if (state.objective_p99 <= 0 && state.objective_freshness <= 0 && state.objective_availability <= 0) return std::nullopt;
  if (state.status == PipelineStatus::paused || state.status == PipelineStatus::stopped || state.status == PipelineStatus::draining) return std::nullopt;
  if (state.status == PipelineStatus::stuck || state.status == PipelineStatus::failing) return false;
  const auto is_kept = [](const Latency& latency, std::int64_t objective) { return objective <= 0 || latency.count == 0 || latency.p99 <= objective; };
  return is_kept(state.queryable, state.objective_p99) && is_kept(state.visible, state.objective_freshness);
}

void add_pipeline(const PipelineState& state, std::int64_t at, Samples& samples) {
  // Of a silent pipeline nothing is known: its charts have a hole.
  if (state.status == PipelineStatus::unknown || state.status == PipelineStatus::starting) return;
  const std::string stem = "pipeline/" + state.name + "/";
  samples.add(stem + "rows_per_second", state.rows_per_second);
  if (state.queryable.count > 0) {
    samples.add(stem + "queryable_p50", state.queryable.p50);
    samples.add(stem + "queryable_p99", state.queryable.p99);
    samples.add(stem + "queryable_p999", state.queryable.p999);
  }
  if (state.visible.count > 0) samples.add(stem + "visible_p99", state.visible.p99);
  if (state.behind_rows >= 0) samples.add(stem + "behind_rows", state.behind_rows);
  if (state.behind_micros >= 0) samples.add(stem + "behind_micros", state.behind_micros);
  samples.add(stem + "failing_rows", state.failing_rows);
  if (state.watermark > 0) samples.add(stem + "event_time_lag", std::max<std::int64_t>(0, at - state.watermark));
  if (const auto met = objective_met(state)) samples.add(stem + "objective_met", *met ? 1.0 : 0.0);
  for (const SourceState& source : state.sources)
    if (source.kept_log_bytes >= 0) samples.add("source/" + state.name + "/" + source.name + "/kept_log_bytes", source.kept_log_bytes);
  for (const PartitionState& partition : state.partitions) {
    const std::string place = "partition/" + state.name + "/" + partition.source + "/" + std::to_string(partition.partition) + "/";
    samples.add(place + "rows_per_second", partition.rows_per_second);
    samples.add(place + "behind_rows", partition.behind_rows);
  }
}

}  // namespace

std::vector<SeriesSample> samples_of(const TelemetryChanges& full) {
  Samples samples;
  for (const PipelineState& pipeline : full.pipelines) add_pipeline(pipeline, full.at, samples);
  for (const EdgeState& edge : full.edges) {
    const std::string stem = "edge/" + edge.pipeline + "/" + edge.from + "/" + edge.to + "/";
    samples.add(stem + "rows_per_second", edge.rows_per_second);
    if (edge.latency.count == 0) continue;
    samples.add(stem + "p50", edge.latency.p50);
    samples.add(stem + "p99", edge.latency.p99);
    samples.add(stem + "p999", edge.latency.p999);
  }
  for (const ExpectationState& expectation : full.expectations)
    samples.add("expectation/" + expectation.pipeline + "/" + expectation.step + "/" + expectation.name + "/failed", expectation.failed);
  for (const PodState& pod : full.pods) {
    if (pod.phase == PodPhase::unknown) continue;
    samples.add("pod/" + pod.name + "/cpu_percent", pod.cpu_percent);
    samples.add("pod/" + pod.name + "/memory_bytes", pod.memory_bytes);
  }
  return std::move(samples.all);
}

std::string unit_of_series(const std::string& name) {
  static constexpr std::pair<std::string_view, const char*> units[] = {
      {"rows_per_second", "rows/s"}, {"queryable_p50", "us"}, {"queryable_p99", "us"}, {"queryable_p999", "us"}, {"visible_p99", "us"},
      {"behind_rows", "rows"}, {"behind_micros", "us"}, {"failing_rows", "rows"}, {"event_time_lag", "us"}, {"p50", "us"}, {"p99", "us"}, {"p999", "us"},
      {"objective_met", "share"}, {"kept_log_bytes", "bytes"},
      {"failed", "rows"}, {"cpu_percent", "percent"}, {"memory_bytes", "bytes"}};
  const std::string_view measure = std::string_view(name).substr(name.rfind('/') + 1);
  for (const auto& [known, unit] : units)
    if (measure == known) return unit;
  return {};
}

}  // namespace penstock
