#include "workspace/settings_reader.h"

#include <algorithm>

#include "workspace/map_reader.h"

namespace penstock {
namespace {

constexpr std::int64_t kMostResets = 1'000;
const std::vector<std::string> kLaterConnections{"azure", "gcs", "s3", "registry", "cosmos", "spark", "airflow", "kubernetes"};

// Keys of a policy other than self-healing.
constexpr std::string_view kLaterPolicies[] = {"alert", "scaling", "retention", "approval"};

void read_when(MapReader& reader, HealingPolicy& policy, Problems& problems) {
  const Setting* when = reader.map("when");
  if (!when) {
    reader.missing("when", "what starts it: when: { stuck: 30s }");
    return;
  }
  MapReader when_reader(*when, "'when'", problems);
  const auto stuck = when_reader.duration("stuck");
  policy.stuck = stuck.value_or(Duration{});
  policy.crash_loop = when_reader.boolean("crash_loop").value_or(false);
  when_reader.finish();
  if (!stuck && !when->find("stuck") && !policy.crash_loop)
    problems.push_back({when->at, "'when' names nothing that could happen", "{ stuck: 30s } or { crash_loop: true }", {}});
}

void read_limit(const Setting& limit, HealingPolicy& policy, Problems& problems) {
  MapReader reader(limit, "'limit'", problems);
  if (const auto times = reader.integer("times", 1, kMostResets)) policy.times = static_cast<std::int32_t>(*times);
  if (const auto per = reader.duration("per")) policy.per = *per;
  reader.finish();
}

std::vector<TestRow> read_rows(const Setting& list, const std::string& of, Problems& problems) {
  std::vector<TestRow> rows;
  if (list.kind != Setting::Kind::list && list.kind != Setting::Kind::null)
    problems.push_back({list.at, "the rows of " + quote(of) + " are not a list", "[ { column: value } ]", {}});
  for (const Setting& item : list.items) {
    if (item.kind == Setting::Kind::map) rows.push_back(item.entries);
    else problems.push_back({item.at, "a row that is not a map", "{ column: value }", {}});
  }
  return rows;
}

std::map<std::string, std::vector<TestRow>> read_row_sets(MapReader& reader, std::string_view key, Problems& problems) {
  std::map<std::string, std::vector<TestRow>> sets;
  if (const Setting* map = reader.map(key))
    for (const auto& [name, rows] : map->entries) sets.emplace(name, read_rows(rows, name, problems));
  return sets;
}

void check_names_of_test(const TestSpec& test, const StreamSpec& stream, Problems& problems) {
  std::vector<std::string> inputs, outputs{"quarantine", "dead_letters", "late"};
  for (const SourceSpec& source : stream.sources) inputs.push_back(source.name);
  for (const StepSpec& step : stream.steps) outputs.push_back(step.name);
  const auto check = [&](const auto& sets, const std::vector<std::string>& known, const std::string& role) {
    for (const auto& [name, rows] : sets)
      if (std::find(known.begin(), known.end(), name) == known.end())
        problems.push_back({test.at, "the test " + quote(test.name) + " names " + quote(name) + ", which is no " + role + " of the stream " + quote(stream.name),
                            "one of " + joined(known), did_you_mean(name, known)});
  };
  check(test.given, inputs, "source");
  check(test.expect, outputs, "step");
}

}  // namespace

void read_connections(const YamlDocument& document, const SettingCatalog& catalog, Workspace& workspace, Problems& problems) {
  if (document.root.kind != Setting::Kind::map) {
    problems.push_back({document.root.at, "connections.yaml is not a map", "names with one kind each: { hub: { kafka: { … } } }", {}});
    return;
  }
  std::vector<std::string> kinds;
  for (const auto& [kind, declaration] : catalog.connectors)
    if (!declaration.connection.empty() && declaration.connection_kind.empty()) kinds.push_back(kind);
  for (const auto& [name, value] : document.root.entries) {
    if (!is_name(name)) problems.push_back({value.key_at, quote(name) + " cannot name a connection", std::string(kNameExpected), {}});
    check_secrets(value, problems);
    if (value.kind != Setting::Kind::map || value.entries.size() != 1) {
      problems.push_back({value.at, "the connection " + quote(name) + " has not exactly one kind", "{ kafka: { … } }", {}});
      continue;
    }
    const auto& [kind, settings] = value.entries.front();
    const bool is_later = std::find(kLaterConnections.begin(), kLaterConnections.end(), kind) != kLaterConnections.end();
    if (const auto found = catalog.connectors.find(kind); found != catalog.connectors.end() && !found->second.connection.empty() && found->second.connection_kind.empty())
      check_settings(settings, found->second.connection, {}, "the " + kind + " connection", problems);
    else if (is_later)
      problems.push_back({settings.key_at, "the connection kind " + quote(kind) + " comes in a later version", "one of " + joined(kinds), {}});
    else
      problems.push_back({settings.key_at, "unknown connection kind " + quote(kind), "one of " + joined(kinds), did_you_mean(kind, kinds)});
    workspace.connections.push_back({name, kind, Settings(settings), value.key_at});
  }
}

void read_policy(const YamlDocument& document, Workspace& workspace, Problems& problems) {
  for (const std::string_view later : kLaterPolicies) {
    const Setting* found = document.root.find(later);
    if (!found) continue;
    problems.push_back({found->key_at, "a policy of the kind '" + std::string(later) + "' comes in a later version", "policy: NAME with when, do, limit, then", {}});
    return;
  }
  HealingPolicy policy;
  policy.at = document.root.at;
  MapReader reader(document.root, "a policy", problems);
  policy.name = reader.name("policy", true);
  read_when(reader, policy, problems);
  if (!reader.choice("do", {"reset"}) && !document.root.find("do")) reader.missing("do", "reset");
  if (const Setting* limit = reader.map("limit")) read_limit(*limit, policy, problems);
  reader.choice("then", {"incident"});
  policy.dry_run = reader.boolean("dry_run").value_or(false);
  reader.finish();
  for (const HealingPolicy& other : workspace.healing)
    if (other.name == policy.name && !policy.name.empty())
      problems.push_back({policy.at, "there are two policies " + quote(policy.name), "one; the first is at " + other.at.to_string(), {}});
  workspace.healing.push_back(std::move(policy));
}

void read_test(const YamlDocument& document, Workspace& workspace, Problems& problems) {
  TestSpec test;
  test.at = document.root.at;
  MapReader reader(document.root, "a test", problems);
  test.name = reader.required_text("test", "what it shows: test: bad quantity is quarantined");
  test.stream = reader.required_text("stream", "the stream that is tested");
  test.given = read_row_sets(reader, "given", problems);
  test.expect = read_row_sets(reader, "expect", problems);
  if (test.given.empty()) reader.missing("given", "rows of its source: given: { source: [ { event_id: a } ] }");
  if (test.expect.empty()) reader.missing("expect", "rows of its steps: expect: { silver: [] }");
  reader.finish();
  workspace.tests.push_back(std::move(test));
}

void check_tests(const Workspace& workspace, Problems& problems) {
  std::vector<std::string> streams;
  for (const StreamSpec& stream : workspace.streams) streams.push_back(stream.name);
  for (const TestSpec& test : workspace.tests) {
    if (test.stream.empty()) continue;
    if (const StreamSpec* stream = workspace.find_stream(test.stream))
      check_names_of_test(test, *stream, problems);
    else
      problems.push_back({test.at, "the test " + quote(test.name) + " is of the stream " + quote(test.stream) + ", which does not exist",
                          streams.empty() ? "a stream of pipelines/" : "one of " + joined(streams), did_you_mean(test.stream, streams)});
  }
}

}  // namespace penstock
