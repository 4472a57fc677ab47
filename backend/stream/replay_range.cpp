#include "stream/replay_range.h"

#include <algorithm>

namespace penstock {
namespace {

std::int64_t warm_up_of(const std::vector<const StepSpec*>& steps) {
  std::int64_t longest = 0, joins = 0;
  for (const auto* step : steps) {
    if (step->dedupe) longest = std::max<std::int64_t>(longest, step->dedupe->within.count());
    if (step->join && step->join->within) joins += step->join->within->count() + step->join->lateness.count();
  }
  return longest + joins;      // a row that a join needs has to be the first of its key
}

}  // namespace

// All windows that hold a time of the range are computed again, and need all of their rows.
ReplayTimes widened(std::int64_t from, std::int64_t to, const std::vector<const StepSpec*>& steps) {
  ReplayTimes times{from, to, 0};
  for (const auto* step : steps) {
    if (!step->window || step->window->is_session()) continue;
    times.from = std::min(times.from, step->window->times().first_start(from));
    times.to = std::max(times.to, step->window->times().last_end(to - 1));
  }
  // What is joined for ever may be joined with the first row of all.
  const bool joins_for_ever = std::any_of(steps.begin(), steps.end(), [](const StepSpec* step) { return step->join && !step->join->within; });
  times.warm_up_from = joins_for_ever ? std::min<std::int64_t>(times.from, 0) : times.from - warm_up_of(steps);
  return times;
}

std::vector<const StepSpec*> replayed_steps(const StreamSpec& stream, const std::vector<std::string>& names) {
  const std::string bronze = bronze_of(stream);
  std::vector<const StepSpec*> steps;
  for (const auto& step : stream.steps)
    if ((bronze.empty() || step.land != bronze) && (names.empty() || std::find(names.begin(), names.end(), step.name) != names.end())) steps.push_back(&step);
  return steps;
}

std::string bronze_of(const StreamSpec& stream) {
  for (const auto& step : stream.steps)
    if (step.hands_on() && !step.land.empty() && step.from.size() == 1)
      for (const auto& source : stream.sources)
        if (source.name == step.from.front()) return step.land;
  return {};
}

}  // namespace penstock
