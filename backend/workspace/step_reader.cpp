#include "workspace/join_reader.h"
#include "workspace/map_reader.h"
#include "workspace/stream_reader.h"
#include "workspace/table_name.h"

namespace penstock {
namespace {

constexpr std::int64_t kMostWindowsAtOnce = 1000;

// The one duration of `{ name: 1s }`.
Duration read_only_duration(const Setting& map, const std::string& name, const std::string& what, Problems& problems) {
  MapReader reader(map, what, problems);
  const auto duration = reader.duration(name);
  reader.finish();
  if (duration && *duration <= Duration::zero()) problems.push_back({map.find(name)->at, what + " takes a time", "a duration such as 1s", {}});
  return duration.value_or(Duration::zero());
}

void read_emit(MapReader& reader, WindowSpec& window, Problems& problems) {
  const Setting* emit = reader.find("emit");
  if (!emit || (emit->kind == Setting::Kind::text && emit->text == "final")) return;
  if (emit->kind == Setting::Kind::map && emit->find("updates")) window.updates = read_only_duration(*emit, "updates", "'emit'", problems);
  else problems.push_back({emit->at, "this cannot be 'emit'", "final, or { updates: 1s }", {}});
}

void read_late(MapReader& reader, WindowSpec& window, Problems& problems) {
  const Setting* late = reader.find("late");
  const Setting* late_to = reader.find("late_to");
  if (late && late_to) problems.push_back({late_to->key_at, "'late' and 'late_to' say the same", "one of them", {}});
  const Setting* table = late_to;
  if (late && late->kind == Setting::Kind::map && late->find("to")) {
    table = late->find("to");
  } else if (late && late->kind == Setting::Kind::map && late->find("update")) {
    window.late = LatePolicy::update;
    window.update_late = read_only_duration(*late, "update", "'late'", problems);
  } else if (late && !(late->kind == Setting::Kind::text && late->text == "drop")) {
    problems.push_back({late->at, quote(late->text) + " cannot be 'late'", "drop, { to: gold.sales_late } or { update: 1h }", {}});
  }
  if (!table || !check_table_name(table->text, table->at, problems)) return;
  window.late = LatePolicy::to_table;
  window.late_to = table->text;
  window.late_to_at = table->at;
}

void read_hopping(const Setting& map, WindowSpec& window, Problems& problems) {
  MapReader reader(map, "a hopping window", problems);
  const auto size = reader.duration("size"), every = reader.duration("every");
  if (!map.find("size")) reader.missing("size", "the window's length: { size: 10m, every: 1m }");
  if (!map.find("every")) reader.missing("every", "how far apart the windows begin: { size: 10m, every: 1m }");
  reader.finish();
  if (!size || !every) return;
  if (*size <= Duration::zero()) problems.push_back({map.find("size")->at, "a window of no length", "a duration such as 10m", {}});
  else if (*every <= Duration::zero()) problems.push_back({map.find("every")->at, "windows that all begin at once", "a duration such as 1m", {}});
  else if (*every > *size) problems.push_back({map.find("every")->at, "rows between the windows would belong to none", "at most the window's size", {}});
  else if (*size / *every > kMostWindowsAtOnce)
    problems.push_back({map.find("every")->at, "each row would belong to " + std::to_string(*size / *every) + " windows", "at least a thousandth of the window's size", {}});
  window.size = *size;
  window.every = *every;
}

void read_session(const Setting& map, WindowSpec& window, Problems& problems) {
  MapReader reader(map, "a session window", problems);
  const auto gap = reader.duration("gap");
  if (!map.find("gap")) reader.missing("gap", "the longest pause within a session: { gap: 5m, key: [user] }");
  if (reader.find("key")) window.key = reader.names("key");
  if (window.key.empty()) reader.missing("key", "the columns whose rows make a session: { gap: 5m, key: [user] }");
  reader.finish();
  if (gap && *gap <= Duration::zero()) problems.push_back({map.find("gap")->at, "a session without a pause", "a duration such as 5m", {}});
  else if (gap) window.gap = *gap;
}

WindowSpec read_window(const Setting& map, Problems& problems) {
  WindowSpec window;
  window.at = map.at;
  MapReader reader(map, "a window", problems);
  const auto size = reader.duration("tumbling");
  const Setting* tumbling = map.find("tumbling");
  const Setting* hopping = reader.find("hopping");
  const Setting* session = reader.find("session");
  const Setting* first = tumbling ? tumbling : hopping;
  const Setting* second = session && first ? session : tumbling ? hopping : nullptr;
  if (second)
    problems.push_back({second->at, std::string("'") + (tumbling ? "tumbling" : "hopping") + "' and '" + (second == session ? "session" : "hopping") + "' are two kinds of windows", "one of them", {}});
  else if (session) read_session(*session, window, problems);
  else if (hopping) read_hopping(*hopping, window, problems);
  else if (size && *size > Duration::zero()) window.size = *size;
  else if (size) problems.push_back({tumbling->at, "a window of no length", "a duration such as 1m", {}});
  else if (!tumbling) reader.missing("tumbling", "the window's length: tumbling: 1m");
  window.time = reader.required_text("time", "the column with the event's time");
  if (const auto lateness = reader.duration("lateness")) window.lateness = *lateness;
  if (const auto timeout = reader.duration("idle_timeout")) window.idle_timeout = *timeout;
  if (const auto idle = reader.choice("idle", {"advance", "hold"})) window.idle_advance = *idle == 0;
  read_emit(reader, window, problems);
  read_late(reader, window, problems);
  if (session && window.replaces()) problems.push_back({map.at, "a session gives its rows once", "'emit: final' and 'late: drop' or 'late_to'", {}});
  reader.finish();
  return window;
}

void read_expectations(const Setting& map, StepSpec& step, Problems& problems) {
  if (map.kind != Setting::Kind::map) {
    problems.push_back({map.at, "'expect' is not a map", "names with conditions: { qty_positive: { sql: \"qty > 0\", on_fail: quarantine } }", {}});
    return;
  }
  for (const auto& [name, value] : map.entries) {
    ExpectationSpec expectation;
    expectation.name = name;
    expectation.at = value.key_at;
    if (!is_name(name)) problems.push_back({value.key_at, quote(name) + " cannot name an expectation", std::string(kNameExpected), {}});
    MapReader reader(value, "the expectation " + quote(name), problems);
    expectation.sql = reader.required_text("sql", "a condition over the step's columns: sql: \"qty > 0\"");
    if (const Setting* sql = value.find("sql")) expectation.sql_at = sql->at;
    if (const auto on_fail = reader.choice("on_fail", {"warn", "drop", "quarantine", "fail"}))
      expectation.on_fail = static_cast<OnFail>(*on_fail);
    reader.finish();
    step.expect.push_back(std::move(expectation));
  }
}

AggregateSpec read_aggregate(const Setting& map, Problems& problems) {
  AggregateSpec aggregate;
  aggregate.at = map.at;
  MapReader reader(map, "an aggregate", problems);
  if (reader.find("key")) aggregate.key = reader.names("key");
  if (aggregate.key.empty()) reader.missing("key", "the columns that the SQL groups by: key: [sku]");
  if (const auto ttl = reader.duration("ttl")) {
    aggregate.ttl = *ttl;
    if (*ttl <= Duration::zero()) problems.push_back({map.find("ttl")->at, "a key would be forgotten at once", "a duration such as 30d, or no ttl", {}});
  }
  reader.finish();
  return aggregate;
}

DedupeSpec read_dedupe(const Setting& map, Problems& problems) {
  DedupeSpec dedupe;
  dedupe.at = map.at;
  MapReader reader(map, "a dedupe", problems);
  if (reader.find("key")) dedupe.key = reader.names("key");
  else reader.missing("key", "the columns that make a row the same: key: event_id");
  if (reader.find("within")) dedupe.within = reader.duration("within").value_or(Duration{});
  else reader.missing("within", "how long a key is remembered: within: 10m");
  dedupe.time = reader.text("time");
  reader.finish();
  return dedupe;
}

StepSpec read_step(const std::string& name, const Setting& map, Problems& problems) {
  StepSpec step;
  step.name = name;
  step.at = map.key_at;
  MapReader reader(map, "the step " + quote(name), problems);
  if (reader.find("from")) step.from = reader.names("from");
  if (const Setting* from = map.find("from")) step.from_at = from->at;
  const Setting* sql = reader.find("sql");
  step.sql = reader.text("sql");
  if (sql) step.sql_at = sql->at;
  if (const Setting* window = reader.find("window")) {
    step.window = read_window(*window, problems);
    if (!sql) reader.missing("sql", "the SQL that is run once per window");
  }
  if (const Setting* aggregate = reader.find("aggregate")) {
    step.aggregate = read_aggregate(*aggregate, problems);
    if (!sql) reader.missing("sql", "the SQL over the rows of a key");
    if (const Setting* window = map.find("window")) problems.push_back({window->key_at, "'window' and 'aggregate' are two kinds of steps", "one of them", {}});
  }
  if (const Setting* join = reader.find("join")) read_join_step(*join, map, step, problems);
  if (const Setting* lookup = reader.find("lookup")) read_lookup_step(*lookup, map, step, problems);
  if (const Setting* score = reader.find("score")) read_score_step(*score, map, step, problems);
  if (const Setting* expect = reader.find("expect")) read_expectations(*expect, step, problems);
  if (const Setting* dedupe = reader.find("dedupe")) step.dedupe = read_dedupe(*dedupe, problems);
  if (reader.find("mask")) step.mask = reader.names("mask");
  if (const Setting* land = reader.find("land")) {
    step.land = reader.text("land");
    step.land_at = land->at;
    if (!step.land.empty() && !check_table_name(step.land, land->at, problems)) step.land.clear();
  }
  reader.text("description");
  reader.finish();
  return step;
}

}  // namespace

void read_steps(MapReader& stream_map, StreamSpec& stream, Problems& problems) {
  const Setting* steps = stream_map.find("steps");
  if (!steps || (steps->kind == Setting::Kind::map && steps->entries.empty())) {
    stream_map.missing("steps", "at least one step: { bronze: { land: bronze.sales } }");
    return;
  }
  if (steps->kind != Setting::Kind::map) {
    problems.push_back({steps->at, "'steps' is not a map", "steps with their names: { bronze: { land: bronze.sales } }", {}});
    return;
  }
  for (const auto& [name, value] : steps->entries) {
    if (!is_name(name)) problems.push_back({value.key_at, quote(name) + " cannot name a step", std::string(kNameExpected), {}});
    stream.steps.push_back(read_step(name, value, problems));
  }
}

}  // namespace penstock
