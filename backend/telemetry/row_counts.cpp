#include "telemetry/row_counts.h"

#include <algorithm>
#include <set>

namespace penstock {
namespace {

const StepReport* first_reader(const StreamReport& report, const std::string& name) {
  for (const StepReport& step : report.steps)
    if (std::find(step.from.begin(), step.from.end(), name) != step.from.end()) return &step;
  return nullptr;
}

bool is_step(const StreamReport& report, const std::string& name) {
  return std::any_of(report.steps.begin(), report.steps.end(), [&](const StepReport& step) { return step.step == name; });
}

std::int64_t rejected_of(const StepReport& step) {
  return step.dropped + step.quarantined + step.dead + step.duplicates + step.late + step.filtered;
}

}  // namespace

std::int64_t PathCounts::unaccounted() const {
  return rows.in - rows.landed - rows.dead - rows.quarantined - rows.dropped - rows.duplicates - rows.late - rows.filtered - open_rows;
}

PathCounts count_path(const StreamReport& report) {
  std::set<std::string> sources;
  for (const StepReport& step : report.steps)
    for (const std::string& from : step.from)
      if (!is_step(report, from)) sources.insert(from);

  std::set<const StepReport*> path, ends;
  for (const std::string& source : sources) {
    const StepReport* step = first_reader(report, source);
    // A step that is on the path already has been followed to its end.
    while (step && path.insert(step).second) {
      const StepReport* next = first_reader(report, step->step);
      if (!next) ends.insert(step);
      step = next;
    }
  }

  PathCounts counts;
  RowCounts& rows = counts.rows;
  rows.in = report.rows_in;
  rows.redriven = report.redriven;
  // report.dead holds those of every step and sink; what no step or sink counts could not be decoded.
  rows.dead = report.dead;
  for (const StepReport& step : report.steps) rows.dead -= step.dead;
  for (const SinkReport& sink : report.sinks) rows.dead -= sink.rejected_rows;
  for (const StepReport* step : path) {
    rows.dead += step->dead;
    rows.quarantined += step->quarantined;
    rows.dropped += step->dropped;
    rows.duplicates += step->duplicates;
    rows.late += step->late;
    rows.filtered += step->filtered;
    rows.warned += step->warned;
  }
  for (const StepReport* end : ends) {
    counts.open_rows += end->open;
    rows.landed += end->rows_in - rejected_of(*end) - end->open;
    const auto sink = std::find_if(report.sinks.begin(), report.sinks.end(), [&](const SinkReport& s) { return s.from == end->step; });
    if (sink != report.sinks.end()) {
      rows.landed -= sink->rejected_rows;
      rows.dead += sink->rejected_rows;
    }
  }
  return counts;
}

}  // namespace penstock
