#include "workspace/rows_of_steps.h"

#include <algorithm>
#include <functional>
#include <set>

namespace penstock {
namespace {

// Names the setting that makes rows come again.
std::string cause_of(const RowsOfStep& rows) {
  const WindowSpec& window = *rows.because->window;
  return (window.updates != Duration::zero() ? "'emit: updates'" : "'late: update'") + std::string(" of the step ") + quote(rows.because->name);
}

}  // namespace

std::map<std::string, RowsOfStep> rows_of_steps(const StreamSpec& stream) {
  std::map<std::string, const StepSpec*> steps;
  for (const StepSpec& step : stream.steps) steps.emplace(step.name, &step);
  std::map<std::string, RowsOfStep> rows;
  for (const StepSpec& step : stream.steps) {
    // Upstream from it, each step once.
    std::set<const StepSpec*> seen{&step};
    std::vector<const StepSpec*> next{&step};
    RowsOfStep& of_step = rows[step.name];
    while (!next.empty() && !of_step.because) {
      const StepSpec* one = next.back();
      next.pop_back();
      if (one->window && one->window->replaces()) of_step = {RowsOfStep::Come::by_window, one};
      for (const std::string& from : one->from)
        if (const auto above = steps.find(from); above != steps.end() && seen.insert(above->second).second) next.push_back(above->second);
    }
  }
  return rows;
}

void check_rows_that_come_again(const StreamSpec& stream, Problems& problems) {
  const auto rows = rows_of_steps(stream);
  for (const StepSpec& step : stream.steps) {
    for (const std::string& from : step.from) {
      const auto input = rows.find(from);
      if (input == rows.end() || !input->second.because) continue;
      if (step.window)
        problems.push_back({step.window->at, "a window cannot take rows that come again: " + cause_of(input->second), "a window over steps above it, or one that gives its rows once", {}});
      if (step.join)
        problems.push_back({step.join->at, "a join cannot take rows that come again: " + cause_of(input->second), "a join of steps above it, or of one that gives its rows once", {}});
    }
    if (step.dedupe && rows.at(step.name).because)
      problems.push_back({step.dedupe->at, "dedupe would leave out rows that come again: " + cause_of(rows.at(step.name)), "no dedupe here: rows of a window are replaced as a whole", {}});
  }
  for (const SinkSpec& sink : stream.sinks) {
    const auto from = rows.find(sink.from);
    const bool replaces = sink.kind == "delta" || sink.kind == "postgres" || sink.mode == WriteMode::upsert;
    if (from == rows.end() || !from->second.because || replaces) continue;
    problems.push_back({sink.at, "the sink " + quote(sink.name) + " only appends, and would have rows of a window more than once: " + cause_of(from->second),
                        "mode: upsert with a key, or a window that gives its rows once", {}});
  }
}

}  // namespace penstock
