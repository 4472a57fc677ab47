#include "engine/column_lineage.h"

#include <filesystem>

#include "engine/source_columns.h"
#include "sql/session.h"

namespace penstock {
namespace {

// Seeds are read for their headers; one that cannot be read has no columns here, and says so where it is used.
std::map<std::string, SchemaPtr> seed_columns(const AppliedVersionView& version) {
  std::map<std::string, SchemaPtr> columns;
  if (version.workspace->seeds.empty()) return columns;
  auto session = Session::open({.readable_folders = {version.folder}});
  if (!session.ok()) return columns;
  for (const SeedSpec& seed : version.workspace->seeds) {
    const std::string name = "ref." + seed.name;
    if (!(*session)->load_seed(name, (std::filesystem::path(version.folder) / seed.path).string()).ok()) continue;
    if (auto schema = (*session)->columns(name); schema.ok()) columns[seed.name] = *schema;
  }
  return columns;
}

KnownColumns known_columns(const AppliedVersionView& version, const ConnectorCatalog& connectors) {
  KnownColumns known;
  known.steps = version.step_schemas;
  known.seeds = seed_columns(version);
  const SourceColumns of = source_columns(connectors, version.folder);
  for (const StreamSpec& stream : version.workspace->streams)
    for (const SourceSpec& source : stream.sources)
      if (auto columns = of(source); columns.ok()) known.sources[stream.name + "." + source.name] = *columns;
  return known;
}

}  // namespace

std::shared_ptr<const ColumnGraph> ColumnLineage::of(const AppliedVersionView& version) {
  const std::lock_guard lock(mutex_);
  if (graph_ && version_ == version.number) return graph_;
  graph_ = std::make_shared<const ColumnGraph>(ColumnGraph::build(*version.workspace, version.graph, known_columns(version, connectors_)));
  version_ = version.number;
  return graph_;
}

Result<ColumnTrace> ColumnLineage::trace(const std::string& node) {
  const auto version = applied_.current();
  return of(*version)->trace(version->graph, node);
}

}  // namespace penstock
