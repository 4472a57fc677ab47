#include "telemetry/edge_tracker.h"

#include <algorithm>

#include "record/node_id.h"

namespace penstock {

EdgeTracker::Edge& EdgeTracker::add_rows(std::int64_t at, std::string from, std::string to, std::int64_t total) {
  Edge& edge = edges_[{std::move(from), std::move(to)}];
  edge.rows.add(at, total);
  edge.total = total;
  return edge;
}

void EdgeTracker::add(std::int64_t at, const StreamReport& report) {
  const auto step_named = [&](const std::string& name) {
    const auto found = std::find_if(report.steps.begin(), report.steps.end(), [&](const StepReport& step) { return step.step == name; });
    return found == report.steps.end() ? nullptr : &*found;
  };
  std::string first_source;
  for (const StepReport& step : report.steps) {
    const std::string id = node_id::step(stream_, step.step);
    std::int64_t from_steps = 0;
    for (const std::string& name : step.from)
      if (const StepReport* before = step_named(name)) from_steps += before->rows_out;
    for (const std::string& name : step.from) {
      const StepReport* before = step_named(name);
      if (!before && first_source.empty()) first_source = name;
      const bool is_only_input = step.from.size() == 1;
      const std::int64_t rows = is_only_input ? step.rows_in : before ? before->rows_out : step.rows_in - from_steps;
      Edge& edge = add_rows(at, before ? node_id::step(stream_, name) : node_id::source(stream_, name), id, rows);
      edge.latency.add(at, step.latency);
    }
    if (step.quarantined > 0) add_rows(at, id, node_id::quarantine(stream_), step.quarantined);
  }
  for (const SinkReport& sink : report.sinks) {
    if (sink.from.empty()) continue;      // the engine's own, of rejected rows: their edges are those above and below
    Edge& edge = add_rows(at, node_id::step(stream_, sink.from), node_id::sink(stream_, sink.sink, sink.kind, sink.table), sink.delivered_rows);
    edge.latency.add(at, sink.latency);
    edge.back_pressure = report.held_by_sink == sink.sink || sink.circuit != CircuitState::closed;
  }
  if (report.dead > 0 && !first_source.empty())
    add_rows(at, node_id::source(stream_, first_source), node_id::dead_letters(stream_), report.dead);
}

std::vector<EdgeState> EdgeTracker::states(std::int64_t now) {
  std::vector<EdgeState> states;
  for (auto& [ids, edge] : edges_)
    states.push_back({stream_, ids.first, ids.second, edge.rows.rate(now), edge.latency.last_minute(now), edge.total, edge.back_pressure});
  return states;
}

}  // namespace penstock
