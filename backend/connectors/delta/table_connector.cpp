#include "connectors/delta/table_connector.h"

#include <filesystem>

#include "connectors/delta/delta_append_source.h"

namespace penstock {
namespace {

std::vector<SettingSpec> source_settings() {
  return {
      {.name = "table", .help = "A table that a stream of this workspace lands, as layer.name."},
      {.name = "path", .help = "Instead: the folder of a Delta table that others write; relative to the workspace."},
      {.name = "format", .fallback = "rows", .help = "Its rows as they are.", .choices = {"rows"}},
      {.name = "start", .fallback = "earliest", .help = "Where a first start begins: with all rows, or with those that come from then on.", .choices = {"earliest", "latest"}},
      {.name = "start_version", .type = SettingType::integer, .help = "Instead: with the rows that this version of the table added.", .unit = "version"},
      {.name = "change_commits", .fallback = "refuse", .help = "A version that takes rows away or changes them stops the stream, or is passed over.",
       .choices = {"refuse", "skip"}},
      {.name = "watch", .type = SettingType::boolean, .fallback = "true", .help = "Wait for new versions; false: end after those that are there."},
      {.name = "every", .type = SettingType::duration, .fallback = "250ms", .help = "How often the table's log is looked at."},
  };
}

Result<std::unique_ptr<Source>> make_source(const Settings&, const Settings& settings, const ConnectorContext& context) {
  if (!context.parquet) return Error(ErrorKind::internal, "a Delta table needs something that reads and writes Parquet");
  const std::string at = settings.root().at.to_string();
  const std::string table = settings.text("table"), path = settings.text("path");
  if (table.empty() == path.empty())
    return Error(ErrorKind::invalid_argument, "a table source names one table", "table: silver.sales, or path: the folder of a table that others write", at);
  DeltaAppendOptions options{.name = table.empty() ? path : table};
  if (table.empty()) {
    options.folder = (std::filesystem::path(context.workspace_root) / path).lexically_normal().string();
    if (options.folder.ends_with('/')) options.folder.pop_back();
  } else {
    PENSTOCK_ASSIGN(options.folder, delta::table_folder(context.tables_root, table));
  }
  options.from_head = settings.text("start", "earliest") == "latest";
  if (settings.has("start_version")) {
    PENSTOCK_ASSIGN(options.start_version, settings.integer("start_version", 0));
    if (*options.start_version < 0 || options.from_head)
      return Error(ErrorKind::invalid_argument, "'start_version' is a version of the table, and stands instead of 'start'", "", at);
  }
  options.skip_changes = settings.text("change_commits", "refuse") == "skip";
  PENSTOCK_ASSIGN(options.watch, settings.boolean("watch", true));
  PENSTOCK_ASSIGN(options.every, settings.duration("every", options.every));
  return std::unique_ptr<Source>(std::make_unique<DeltaAppendSource>(std::move(options), context.parquet));
}

}  // namespace

Connector table_connector() { return {.kind = "table", .source_settings = source_settings(), .make_source = make_source}; }

}  // namespace penstock
