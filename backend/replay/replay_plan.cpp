#include "replay/replay_plan.h"

#include <algorithm>

#include "stream/replay_range.h"
#include "workspace/problem.h"
#include "workspace/rows_of_steps.h"

namespace penstock {
namespace {

bool is_among(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

const StepSpec* find_step(const StreamSpec& stream, const std::string& name) {
  const auto found = std::find_if(stream.steps.begin(), stream.steps.end(), [&](const StepSpec& step) { return step.name == name; });
  return found == stream.steps.end() ? nullptr : &*found;
}

Status check(const StreamSpec& stream, const ReplayWish& wish) {
  const bool by_positions = !wish.from_positions.empty();
  if (by_positions && (wish.from_time != 0 || wish.to_time != 0)) return Error(ErrorKind::invalid_argument, "a replay is by times or by positions", "leave one of them out");
  if (!by_positions && !wish.to_positions.empty()) return Error(ErrorKind::invalid_argument, "where the positions begin is not said", "give the first offset of each partition");
  if (!by_positions && wish.from_time >= wish.to_time) return Error(ErrorKind::invalid_argument, "the range is empty: it ends before it begins", "give --from and --to");
  for (const auto& [source, ends] : wish.to_positions)
    for (const auto& [partition, end] : ends) {
      const auto begins = wish.from_positions.find(source);
      if (begins == wish.from_positions.end() || !begins->second.contains(partition) || begins->second.at(partition) >= end)
        return Error(ErrorKind::invalid_argument, "the range of " + source + "/" + std::to_string(partition) + " is empty: it ends before it begins", {}, source);
    }
  for (const auto& step : wish.steps)
    if (!find_step(stream, step)) return Error(ErrorKind::invalid_argument, stream.name + " has no step '" + step + "'", {}, step);
  for (const auto& sink : wish.include_sinks)
    if (std::none_of(stream.sinks.begin(), stream.sinks.end(), [&](const SinkSpec& spec) { return spec.name == sink; }))
      return Error(ErrorKind::invalid_argument, stream.name + " has no sink '" + sink + "'", {}, sink);
  return {};
}

void add_sink(ReplayPlan& plan, const SinkSpec& sink, const ReplayWish& wish) {
  // A window's rows come again as a whole; others have come later under the same key.
  if (sink.mode == WriteMode::upsert && !is_among(sink.key, "window_start"))
    plan.warnings.push_back(sink.name + " keeps one row of each " + joined(sink.key) + ": where a newer one came after the range, that of the range takes its place");
  if (sink.kind == "delta") {
    plan.tables.push_back(sink.table);
    plan.sinks.push_back({sink.name, "replaces", 0});
  } else if (sink.mode == WriteMode::upsert) {
    plan.sinks.push_back({sink.name, "idempotent", 0});
  } else if (is_among(wish.include_sinks, sink.name)) {
    plan.sinks.push_back({sink.name, "sends again", plan.rows});
    plan.sends_again += plan.rows;
  } else {
    plan.sinks.push_back({sink.name, "off", 0});
  }
}

}  // namespace

Result<ReplayPlan> plan_replay(const StreamSpec& stream, const ReplayWish& wish, const CountRows& count_rows, const TimesOfPositions& times_of_positions) {
  PENSTOCK_TRY(check(stream, wish));
  const std::string bronze = bronze_of(stream);
  const std::vector<const StepSpec*> steps = replayed_steps(stream, wish.steps);
  ReplayPlan plan;
  plan.launch = {.stream = stream.name, .from_time = wish.from_time, .to_time = wish.to_time, .rate_limit = wish.rate_limit, .steps = wish.steps,
                 .include_sinks = wish.include_sinks, .from_positions = wish.from_positions, .to_positions = wish.to_positions};
  // Where nothing is landed, the run reads the times of the positions from the source itself, and widens them as here.
  const bool times_come_later = !wish.from_positions.empty() && bronze.empty();
  if (!wish.from_positions.empty() && !times_come_later) {
    PENSTOCK_ASSIGN(const auto times, times_of_positions(bronze));
    if (!times) return Error(ErrorKind::not_found, "no row of " + bronze + " lies at these positions", {}, bronze);
    plan.launch.from_time = times->from;
    plan.launch.to_time = times->to;
  }
  if (!times_come_later) {
    const ReplayTimes times = widened(plan.launch.from_time, plan.launch.to_time, steps);
    plan.launch.from_time = times.from;
    plan.launch.to_time = times.to;
    plan.launch.warm_up_from = times.warm_up_from;
  }
  if (bronze.empty()) {
    plan.warnings.push_back("its records are not landed as they came: the source is read again, and how many rows it holds is only known then");
  } else {
    PENSTOCK_ASSIGN(plan.rows, count_rows(bronze, plan.launch.warm_up_from, plan.launch.to_time));
    if (plan.rows == 0) plan.warnings.push_back("no row of " + bronze + " lies in this range");
  }
  for (const auto* step : steps)
    if (!times_come_later && step->window && !step->window->is_session()) plan.windows += step->window->times().count_between(plan.launch.from_time, plan.launch.to_time);
  const auto rows = rows_of_steps(stream);
  for (const auto& sink : stream.sinks) {
    if (std::none_of(steps.begin(), steps.end(), [&](const StepSpec* step) { return step->name == sink.from; })) continue;
    const bool aggregated = rows.at(sink.from).come == RowsOfStep::Come::by_key;
    if (!aggregated && !session_above(stream, sink.from)) {
      add_sink(plan, sink, wish);
      continue;
    }
    plan.sinks.push_back({sink.name, "off", 0});
    plan.warnings.push_back(sink.name + " stays as it is: " + (aggregated ? "an aggregate is over all rows of a key" : "a session may begin before any range and end after it"));
  }
  return plan;
}

}  // namespace penstock
