#include "ops/declarations.h"

#include <algorithm>

namespace penstock {
namespace {
std::int64_t micros_of(const std::optional<Duration>& duration) { return duration ? duration->count() : 0; }
}

std::vector<PipelineDeclaration> declare_pipelines(const Workspace& workspace, const LineageGraph& graph, const Scales& scales) {
  std::vector<PipelineDeclaration> declarations;
  for (const StreamSpec& stream : workspace.streams) {
    PipelineDeclaration declaration;
    declaration.name = stream.name;
    declaration.tenant = stream.tenant;
    declaration.objective_p99 = micros_of(stream.objectives.p99);
    declaration.objective_freshness = micros_of(stream.objectives.freshness);
    declaration.objective_availability = stream.objectives.availability.value_or(0);
    declaration.pods_wanted = std::max<std::int32_t>(1, pods_of(stream, scales));
    declaration.shards = stream.shards;
    BlastRadius radius = graph.blast_radius_of_pipeline(stream.name);
    declaration.tables_held = std::move(radius.tables);
    declaration.sinks_held = std::move(radius.sinks);
    declarations.push_back(std::move(declaration));
  }
  return declarations;
}

}  // namespace penstock
