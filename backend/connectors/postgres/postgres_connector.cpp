#include "connectors/postgres/postgres_connector.h"

#include "connectors/postgres/postgres_sink.h"

namespace penstock {
namespace {

std::vector<SettingSpec> sink_settings() {
  return {
      {.name = "table", .type = SettingType::text, .required = true, .help = "The table, as schema.table; made when it is missing."},
      {.name = "mode", .type = SettingType::text, .fallback = "append", .help = "How rows meet those that are there.",
       .choices = {"append", "upsert", "replace"}},
      {.name = "key", .type = SettingType::list, .help = "The columns that make two rows the same, for mode: upsert."},
      {.name = "flush", .type = SettingType::duration, .fallback = "0s", .help = "How long rows may wait to go in together with later ones."},
      {.name = "take_over", .type = SettingType::boolean, .fallback = "false",
       .help = "Go on with a table that another state of this stream has written."},
  };
}

Error wrong(const Settings& settings, const char* key, std::string message, std::string action = {}) {
  const Setting* found = settings.root().find(key);
  return Error(ErrorKind::invalid_argument, std::move(message), std::move(action), (found ? *found : settings.root()).at.to_string());
}

Result<PostgresMode> read_mode(const Settings& settings) {
  const std::string mode = settings.text("mode", "append");
  if (mode == "append") return PostgresMode::append;
  if (mode == "upsert") return PostgresMode::upsert;
  if (mode == "replace") return PostgresMode::replace;
  return wrong(settings, "mode", "'" + mode + "' is none of append, upsert, replace");
}

Result<std::unique_ptr<Sink>> make_sink(const Settings& connection, const Settings& settings, const ConnectorContext& context) {
  PostgresSinkOptions options;
  PENSTOCK_ASSIGN(options.connection, postgres::read_connection(connection));
  PENSTOCK_ASSIGN(options.table, postgres::TableName::parse(settings.text("table")));
  PENSTOCK_ASSIGN(options.mode, read_mode(settings));
  options.key = settings.list("key");
  if (options.mode == PostgresMode::upsert && options.key.empty())
    return wrong(settings, "mode", "mode: upsert needs a key", "key: [sku, window_start]");
  PENSTOCK_ASSIGN(const auto flush, settings.duration("flush", options.flush));
  options.flush = std::chrono::duration_cast<std::chrono::milliseconds>(flush);
  PENSTOCK_ASSIGN(options.take_over, settings.boolean("take_over", options.take_over));
  options.adds_columns = context.adds_columns;
  return std::unique_ptr<Sink>(std::make_unique<PostgresSink>(std::move(options)));
}

Result<std::string> test_connection(const Settings& settings, std::chrono::milliseconds deadline) {
  PENSTOCK_ASSIGN(postgres::ConnectionOptions options, postgres::read_connection(settings));
  options.connect_timeout = std::min(options.connect_timeout, deadline);
  options.statement_timeout = std::min(options.statement_timeout, deadline);
  PENSTOCK_ASSIGN(const auto connection, postgres::Connection::open(options));
  PENSTOCK_ASSIGN(const auto rows, connection->query("SELECT current_setting('server_version'), current_database(), current_user"));
  return "PostgreSQL " + rows[0][0].value_or("") + ", database " + rows[0][1].value_or("") + ", as " + rows[0][2].value_or("");
}

}  // namespace

Connector postgres_connector() {
  return {.kind = "postgres",
          .connection_settings = postgres::connection_settings(),
          .sink_settings = sink_settings(),
          .make_sink = make_sink,
          .test_connection = test_connection};
}

}  // namespace penstock
