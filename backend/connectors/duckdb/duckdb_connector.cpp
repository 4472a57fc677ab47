#include "connectors/duckdb/duckdb_connector.h"

#include <filesystem>

#include "connectors/duckdb/duckdb_sink.h"

namespace penstock {
namespace {

std::vector<SettingSpec> sink_settings() {
  return {
      {.name = "path", .required = true, .help = "The database file; a relative path begins at the folder of the tables."},
      {.name = "table", .required = true, .help = "The table, also as schema.table; made when it is missing."},
      {.name = "mode", .fallback = "append", .help = "How rows meet those that are there.", .choices = {"append", "upsert"}},
      {.name = "key", .type = SettingType::list, .help = "The columns that make two rows the same, for mode: upsert."},
      {.name = "flush", .type = SettingType::duration, .fallback = "1s", .help = "How long rows may wait to go in together; between two deliveries others may open the file."},
      {.name = "take_over", .type = SettingType::boolean, .fallback = "false", .help = "Go on with a file that another state of this stream has written."},
  };
}

Result<std::unique_ptr<Sink>> make_sink(const Settings&, const Settings& settings, const ConnectorContext& context) {
  const std::string at = settings.root().at.to_string();
  DuckDbSinkOptions options{.path = (std::filesystem::path(context.tables_root) / settings.text("path")).string(), .table = settings.text("table"), .memory_bytes = context.memory_bytes};
  if (settings.text("path").empty() || options.table.empty())
    return Error(ErrorKind::invalid_argument, "a DuckDB sink has a path and a table", "duckdb: { path: files/shop.duckdb, table: sales }", at);
  if (settings.text("mode", "append") == "upsert") {
    options.key = settings.list("key");
    if (options.key.empty()) return Error(ErrorKind::invalid_argument, "mode: upsert needs a key", "key: [sku, window_start]", at);
  }
  PENSTOCK_ASSIGN(const auto flush, settings.duration("flush", options.flush));
  options.flush = std::chrono::duration_cast<std::chrono::milliseconds>(flush);
  PENSTOCK_ASSIGN(options.take_over, settings.boolean("take_over", options.take_over));
  options.adds_columns = context.adds_columns;
  return std::unique_ptr<Sink>(std::make_unique<DuckDbSink>(std::move(options)));
}

}  // namespace

Connector duckdb_connector() { return {.kind = "duckdb", .sink_settings = sink_settings(), .make_sink = make_sink}; }

}  // namespace penstock
