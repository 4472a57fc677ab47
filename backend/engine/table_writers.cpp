#include "engine/table_writers.h"

namespace penstock {

std::map<std::string, std::string> table_writers(const Workspace& workspace) {
  std::map<std::string, std::string> writers;
  for (const auto& stream : workspace.streams) {
    for (const auto& sink : stream.sinks)
      if (sink.kind == "delta") writers[sink.table] = stream.name;
    for (const auto& step : stream.steps)
      if (const std::string late = step.late_table(); !late.empty()) writers[late] = stream.name;
    writers["quarantine." + stream.name] = stream.name;
    writers["dead_letters." + stream.name] = stream.name;
  }
  return writers;
}

}  // namespace penstock
