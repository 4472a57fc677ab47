#include "connectors/postgres/postgres_connector.h"

#include "connectors/postgres/cdc_source.h"
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

std::vector<SettingSpec> cdc_settings() {
  return {
      {.name = "table", .required = true, .help = "The table, as schema.table."},
      {.name = "key", .type = SettingType::list, .help = "The columns of its primary key, or of its replica identity."},
      {.name = "format", .fallback = "debezium", .help = "How a change is written into its record.", .choices = {"debezium"}},
      {.name = "slot", .help = "The replication slot, made where it is missing; penstock_<stream> if absent."},
      {.name = "publication", .help = "The publication, made for the table where it is missing; penstock_<stream> if absent."},
      {.name = "sessions", .type = SettingType::integer, .fallback = "4", .help = "How many sessions copy the first snapshot.", .unit = "sessions"},
      {.name = "slot_lag", .type = SettingType::bytes, .fallback = "1GiB", .help = "From so much log on that the server must keep, the stream says so."},
      {.name = "on_truncate", .fallback = "stop", .help = "What TRUNCATE does: the stream stops, or its rows here stay.", .choices = {"stop", "ignore"}},
  };
}

// A name that PostgreSQL takes for a slot: lower-case letters, digits and _, at most 63.
std::string slot_name(const std::string& stream) {
  std::string name = "penstock_" + stream;
  for (char& c : name) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) ? c : '_';
  return name.substr(0, 63);
}

Result<std::unique_ptr<Source>> make_cdc_source(const Settings& connection, const Settings& settings, const ConnectorContext& context) {
  postgres::CdcOptions options;
  PENSTOCK_ASSIGN(options.connection, postgres::read_connection(connection));
  PENSTOCK_ASSIGN(options.table, postgres::TableName::parse(settings.text("table")));
  options.key = settings.list("key");
  if (options.key.empty()) return wrong(settings, "table", "postgres_cdc needs a key", "key: [id]");
  options.slot = settings.text("slot", slot_name(context.stream));
  if (options.slot != slot_name(options.slot).substr(9) && options.slot != slot_name(context.stream))
    return wrong(settings, "slot", "a slot has a name of lower-case letters, digits and _, at most 54 of them");
  options.publication = settings.text("publication", slot_name(context.stream));
  PENSTOCK_ASSIGN(const std::int64_t sessions, settings.integer("sessions", 4));
  if (sessions < 1 || sessions > 32) return wrong(settings, "sessions", "'sessions' must be from 1 to 32");
  options.sessions = static_cast<int>(sessions);
  PENSTOCK_ASSIGN(options.lag_bytes, settings.bytes("slot_lag", options.lag_bytes));
  options.stops_at_truncate = settings.text("on_truncate", "stop") == "stop";
  if (!context.state_dir.empty()) options.state_path = context.state_dir + "/slot.json";
  options.clock = context.clock;
  return std::unique_ptr<Source>(std::make_unique<postgres::CdcSource>(std::move(options)));
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

Connector postgres_cdc_connector() {
  return {.kind = "postgres_cdc",
          .connection_settings = postgres::connection_settings(),
          .connection_kind = "postgres",
          .source_settings = cdc_settings(),
          .make_source = make_cdc_source};
}

}  // namespace penstock
