#include "connectors/simulate/simulate_connector.h"

#include "base/iso8601.h"
#include "connectors/simulate/simulate_source.h"

namespace penstock {
namespace {

using namespace simulate;

std::vector<SettingSpec> source_settings() {
  SettingSpec system{.name = "system", .required = true, .help = "Which system of the retailer produces."};
  for (const SystemPlan& plan : systems()) system.choices.emplace_back(plan.name);
  return {
      system,
      {.name = "seed", .type = SettingType::integer, .fallback = "42", .help = "Another seed gives other events.", .unit = "seed"},
      {.name = "rate", .type = SettingType::real, .fallback = "50", .help = "Events a second over all partitions, as the mean of a day.", .unit = "events a second"},
      {.name = "partitions", .type = SettingType::integer, .fallback = "4", .help = "Stores are spread over so many partitions.", .unit = "partitions"},
      {.name = "diurnal", .type = SettingType::boolean, .fallback = "true", .help = "Busy and quiet hours; false: the same rate all day."},
      {.name = "start_at", .help = "When offset 0 happened, ISO 8601; reading then starts there."},
      {.name = "start", .fallback = "latest", .help = "Where a first start begins; with start_at it is earliest.", .choices = {"earliest", "latest"}},
      {.name = "limit", .type = SettingType::integer, .help = "End after so many events.", .unit = "events"},
      {.name = "faults_from", .help = "What `after` of a fault counts from, ISO 8601; the stream's first start if absent."},
      {.name = "faults", .type = SettingType::list,
       .help = "Maps {kind, after, for, every, rate, by, stores}; kind is broken_json, unknown_store, duplicate, late, new_column, burst, "
               "dead_source or stuck."},
  };
}

Error wrong(const Settings& settings, std::string_view key, std::string message) {
  const Setting* found = settings.root().find(key);
  return {ErrorKind::invalid_argument, std::move(message), "", (found ? found->at : settings.root().at).to_string()};
}

Result<std::optional<Timestamp>> read_time(const Settings& settings, std::string_view key) {
  if (!settings.has(key)) return std::optional<Timestamp>();
  const auto time = parse_iso_time(settings.text(key), Zone::utc_if_absent);
  if (!time || to_micros(*time) < 0)
    return wrong(settings, key, "'" + settings.text(key) + "' is not a time; write it as 2026-11-20T08:00:00Z");
  return time;
}

Result<SimulateConfig> read_config(const Settings& settings, const History& history, Timestamp now) {
  SimulateConfig config;
  config.system = find_system(settings.text("system"));
  if (!config.system) return wrong(settings, "system", "there is no system '" + settings.text("system") + "' to simulate");
  PENSTOCK_ASSIGN(const std::int64_t seed, settings.integer("seed", 42));
  PENSTOCK_ASSIGN(const std::int64_t partitions, settings.integer("partitions", 4));
  PENSTOCK_ASSIGN(config.rate, settings.real("rate", 50));
  PENSTOCK_ASSIGN(config.diurnal, settings.boolean("diurnal", true));
  PENSTOCK_ASSIGN(config.start_at, read_time(settings, "start_at"));
  if (partitions < 1 || partitions > 1024) return wrong(settings, "partitions", "'partitions' must be from 1 to 1024");
  if (!(config.rate >= 0.001 && config.rate <= 1e7)) return wrong(settings, "rate", "'rate' must be from 0.001 to 10000000 events a second");
  config.seed = static_cast<std::uint64_t>(seed);
  config.partitions = static_cast<std::int32_t>(partitions);
  config.from_earliest = settings.text("start", config.start_at ? "earliest" : "latest") == "earliest";
  if (settings.has("limit")) {
    PENSTOCK_ASSIGN(config.limit, settings.integer("limit", 0));
    if (*config.limit < 0) return wrong(settings, "limit", "'limit' must not be negative");
  }
  PENSTOCK_ASSIGN(config.first_start, history.first_start(now));
  PENSTOCK_ASSIGN(const auto faults_from, read_time(settings, "faults_from"));
  PENSTOCK_ASSIGN(config.faults, parse_faults(settings, faults_from.value_or(config.first_start)));
  return config;
}

Result<std::unique_ptr<Source>> make_source(const Settings&, const Settings& settings, const ConnectorContext& context) {
  const History history(context.state_dir);
  PENSTOCK_ASSIGN(SimulateConfig config, read_config(settings, history, context.clock->now()));
  return std::unique_ptr<Source>(std::make_unique<SimulateSource>(std::move(config), history, context.shard, *context.clock));
}

}  // namespace

Connector simulate_connector() {
  return {.kind = "simulate", .source_settings = source_settings(), .make_source = make_source};
}

}  // namespace penstock
