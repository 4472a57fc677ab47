#include "connectors/sqlite/sqlite_connector.h"

#include <filesystem>

#include "connectors/sqlite/sqlite_sink.h"

namespace penstock {
namespace {

std::vector<SettingSpec> sink_settings() {
  return {
      {.name = "path", .type = SettingType::text, .required = true, .help = "The file; a relative path begins at the folder of the tables."},
      {.name = "table", .type = SettingType::text, .required = true, .help = "The table; made when it is missing."},
      {.name = "mode", .type = SettingType::text, .fallback = "append", .help = "How rows meet those that are there.", .choices = {"append", "upsert"}},
      {.name = "key", .type = SettingType::list, .help = "The columns that make two rows the same, for mode: upsert."},
      {.name = "flush", .type = SettingType::duration, .fallback = "0s", .help = "How long rows may wait to go in together with later ones."},
      {.name = "take_over", .type = SettingType::boolean, .fallback = "false", .help = "Go on with a file that another state of this stream has written."},
  };
}

Result<std::unique_ptr<Sink>> make_sink(const Settings&, const Settings& settings, const ConnectorContext& context) {
  SqliteSinkOptions options;
  options.path = (std::filesystem::path(context.tables_root) / settings.text("path")).string();
  options.table = settings.text("table");
  if (settings.text("path").empty() || options.table.empty())
    return Error(ErrorKind::invalid_argument, "an SQLite sink has a path and a table", "sqlite: { path: shop.db, table: sales }", settings.root().at.to_string());
  if (settings.text("mode", "append") == "upsert") {
    options.key = settings.list("key");
    if (options.key.empty()) return Error(ErrorKind::invalid_argument, "mode: upsert needs a key", "key: [sku, window_start]", settings.root().at.to_string());
  }
  PENSTOCK_ASSIGN(const auto flush, settings.duration("flush", options.flush));
  options.flush = std::chrono::duration_cast<std::chrono::milliseconds>(flush);
  PENSTOCK_ASSIGN(options.take_over, settings.boolean("take_over", options.take_over));
  options.adds_columns = context.adds_columns;
  return std::unique_ptr<Sink>(std::make_unique<SqliteSink>(std::move(options)));
}

}  // namespace

Connector sqlite_connector() { return {.kind = "sqlite", .sink_settings = sink_settings(), .make_sink = make_sink}; }

}  // namespace penstock
