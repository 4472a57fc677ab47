#include "connectors/odbc/odbc_connector.h"

#include <filesystem>

#include "connectors/odbc/odbc_sink.h"
#include "connectors/odbc/odbc_source.h"
#include "io/setting_error.h"

namespace penstock {
namespace {

std::vector<SettingSpec> source_settings() {
  return {
      {.name = "table", .help = "The table to read, as schema.table or table; not with `query`."},
      {.name = "query", .help = "A SELECT whose rows are read in its place, with a `name`."},
      {.name = "name", .help = "What the rows of a `query` say in `_source`."},
      {.name = "cursor", .required = true, .help = "A column that grows with each new or changed row: whole numbers, texts or times. Rows where it is NULL are not read."},
      {.name = "key", .type = SettingType::list, .required = true, .help = "Columns that tell rows with the same cursor apart, none of them NULL."},
      {.name = "every", .type = SettingType::duration, .fallback = "100ms", .help = "How long to wait after a query that gave all there was."},
      {.name = "batch", .type = SettingType::integer, .fallback = "10000", .help = "The most rows of one query, from 1 to 100,000.", .unit = "rows"},
      {.name = "start", .fallback = "earliest", .help = "Where a first start begins.", .choices = {"earliest", "latest"}},
  };
}

std::vector<SettingSpec> sink_settings() {
  return {
      {.name = "table", .required = true, .help = "The table, as schema.table or table; made when it is missing."},
      {.name = "mode", .fallback = "append", .help = "How rows meet those that are there.", .choices = {"append", "upsert"}},
      {.name = "key", .type = SettingType::list, .help = "The columns that make two rows the same, for mode: upsert."},
      {.name = "array", .type = SettingType::integer, .fallback = "1000", .help = "How many rows go in one call, from 1 to 10,000.", .unit = "rows"},
      {.name = "flush", .type = SettingType::duration, .fallback = "0s", .help = "How long rows may wait to go in together with later ones."},
      {.name = "take_over", .type = SettingType::boolean, .fallback = "false", .help = "Go on with a table that another state of this stream has written."},
  };
}

Result<std::unique_ptr<Source>> make_source(const Settings& connection, const Settings& settings, const ConnectorContext& context) {
  OdbcSourceOptions options;
  PENSTOCK_ASSIGN(options.connection, odbc::read_connection(connection));
  const std::string table = settings.text("table"), query = settings.text("query");
  options.name = query.empty() ? table : settings.text("name");
  if (table.empty() == query.empty() || options.name.empty())
    return wrong_setting(settings, "table", "an ODBC source has a table, or a query with a name", "table: dbo.orders");
  if (query.empty()) {
    PENSTOCK_ASSIGN(const auto name, odbc::TableName::parse(table));
    options.from = name.quoted();
  } else {
    options.from = "(" + query + ") AS penstock_source";
  }
  options.cursor = settings.text("cursor");
  options.key = settings.list("key");
  if (options.cursor.empty()) return wrong_setting(settings, "cursor", "an ODBC source needs a cursor", "cursor: updated_at");
  if (options.key.empty()) return wrong_setting(settings, "key", "an ODBC source needs a key", "key: [id]");
  PENSTOCK_ASSIGN(const auto every, settings.duration("every", options.every));
  options.every = std::chrono::duration_cast<std::chrono::milliseconds>(every);
  PENSTOCK_ASSIGN(options.batch, settings.integer("batch", options.batch));
  if (options.batch < 1 || options.batch > 100'000) return wrong_setting(settings, "batch", "'batch' must be from 1 to 100000");
  options.from_latest = settings.text("start", "earliest") == "latest";
  if (context.state_dir.empty()) return Error(ErrorKind::failed_precondition, "an ODBC source needs a folder for its state");
  options.folder = (std::filesystem::path(context.state_dir) / "odbc").string();
  return std::unique_ptr<Source>(std::make_unique<OdbcSource>(std::move(options), *context.clock));
}

Result<std::unique_ptr<Sink>> make_sink(const Settings& connection, const Settings& settings, const ConnectorContext& context) {
  OdbcSinkOptions options;
  PENSTOCK_ASSIGN(options.connection, odbc::read_connection(connection));
  PENSTOCK_ASSIGN(options.table, odbc::TableName::parse(settings.text("table")));
  if (settings.text("mode", "append") == "upsert") {
    options.key = settings.list("key");
    if (options.key.empty()) return wrong_setting(settings, "mode", "mode: upsert needs a key", "key: [sku, window_start]");
  }
  PENSTOCK_ASSIGN(options.array, settings.integer("array", options.array));
  if (options.array < 1 || options.array > 10'000) return wrong_setting(settings, "array", "'array' must be from 1 to 10000");
  PENSTOCK_ASSIGN(const auto flush, settings.duration("flush", options.flush));
  options.flush = std::chrono::duration_cast<std::chrono::milliseconds>(flush);
  PENSTOCK_ASSIGN(options.take_over, settings.boolean("take_over", options.take_over));
  options.adds_columns = context.adds_columns;
  return std::unique_ptr<Sink>(std::make_unique<OdbcSink>(std::move(options)));
}

Result<std::string> test_connection(const Settings& settings, std::chrono::milliseconds deadline) {
  PENSTOCK_ASSIGN(odbc::ConnectionOptions options, odbc::read_connection(settings));
  const auto seconds = std::max(std::chrono::seconds(1), std::chrono::duration_cast<std::chrono::seconds>(deadline));
  options.connect_timeout = std::min(options.connect_timeout, seconds);
  options.statement_timeout = std::min(options.statement_timeout, seconds);
  PENSTOCK_ASSIGN(const auto connection, odbc::Connection::open(options));
  return connection->product();
}

}  // namespace

Connector odbc_connector() {
  return {.kind = "odbc",
          .connection_settings = odbc::connection_settings(),
          .source_settings = source_settings(),
          .sink_settings = sink_settings(),
          .make_source = make_source,
          .make_sink = make_sink,
          .test_connection = test_connection};
}

}  // namespace penstock
