#include <algorithm>

#include "workspace/map_reader.h"
#include "workspace/settings_reader.h"
#include "workspace/stream_reader.h"

namespace penstock {
namespace {

constexpr std::int64_t kMostPods = 100'000;

void read_tenants(const Setting& map, Workspace& workspace, Problems& problems) {
  for (const auto& [name, value] : map.entries) {
    TenantSpec tenant;
    tenant.name = name;
    tenant.at = value.key_at;
    if (!is_name(name)) problems.push_back({value.key_at, quote(name) + " cannot name a tenant", std::string(kNameExpected), {}});
    MapReader reader(value, "the tenant " + quote(name), problems);
    tenant.pipelines = reader.required_text("pipelines", "a pattern of stream names: pipelines: \"uk_*\"");
    if (const Setting* quota = reader.map("quota")) {
      MapReader quota_reader(*quota, "a quota", problems);
      if (const auto pods = quota_reader.integer("pods", 1, kMostPods)) tenant.quota_pods = static_cast<std::int32_t>(*pods);
      if (const auto memory = quota_reader.bytes("memory")) tenant.quota_memory_bytes = *memory;
      quota_reader.finish();
    }
    reader.finish();
    workspace.tenants.push_back(std::move(tenant));
  }
}

void read_environments(const Setting& map, Workspace& workspace, Problems& problems) {
  for (const auto& [name, value] : map.entries) {
    EnvironmentSpec environment;
    environment.name = name;
    MapReader reader(value, "the environment " + quote(name), problems);
    environment.tables = reader.text("tables");
    environment.is_protected = reader.boolean("protected").value_or(false);
    environment.colour = reader.text("colour");
    reader.finish();
    workspace.environments.push_back(std::move(environment));
  }
}

void check_tables_root(const std::string& tables, const Location& at, Problems& problems) {
  if (tables.find("://") == std::string::npos) return;
  problems.push_back({at, "tables on object storage come in a later version", "a folder: ./tables", {}});
}

// '*' is any text, '?' any one character. Linear in practice: on a mismatch it goes back to the last '*' only.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, after_star = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

void read_workspace_file(const YamlDocument& document, Workspace& workspace, StreamSpec& defaults, Problems& problems) {
  MapReader reader(document.root, "penstock.yaml", problems);
  workspace.name = reader.required_text("workspace", "its name: workspace: retail");
  if (const std::string tables = reader.text("tables"); !tables.empty()) {
    workspace.tables = tables;
    workspace.tables_at = document.root.find("tables")->at;
  }
  workspace.state = reader.text("state");
  if (const auto memory = reader.bytes("memory")) workspace.memory_bytes = *memory;
  if (const Setting* tenants = reader.map("tenants")) read_tenants(*tenants, workspace, problems);
  if (const Setting* environments = reader.map("environments")) read_environments(*environments, workspace, problems);
  if (const Setting* map = reader.map("defaults")) {
    MapReader default_reader(*map, "defaults", problems);
    read_stream_options(default_reader, defaults, problems);
    default_reader.finish();
  }
  reader.finish();
}

void choose_environment(Workspace& workspace, const std::string& name, Problems& problems) {
  std::vector<std::string> known;
  for (const EnvironmentSpec& environment : workspace.environments) {
    known.push_back(environment.name);
    if (environment.name != name) continue;
    workspace.environment = name;
    workspace.is_protected = environment.is_protected;
    if (!environment.tables.empty()) workspace.tables = environment.tables;
  }
  if (!name.empty() && workspace.environment.empty())
    problems.push_back({{"penstock.yaml", 0, 0}, "there is no environment " + quote(name), known.empty() ? "" : "one of " + joined(known),
                        did_you_mean(name, known)});
  check_tables_root(workspace.tables, workspace.tables_at.line ? workspace.tables_at : Location{"penstock.yaml", 1, 1}, problems);
}

void assign_tenants(Workspace& workspace, Problems& problems) {
  for (StreamSpec& stream : workspace.streams) {
    for (const TenantSpec& tenant : workspace.tenants) {
      if (!matches(tenant.pipelines, stream.name)) continue;
      if (!stream.tenant.empty())
        problems.push_back({tenant.at, "the tenants " + quote(stream.tenant) + " and " + quote(tenant.name) + " both hold the stream " + quote(stream.name),
                            "patterns that share no stream", {}});
      else
        stream.tenant = tenant.name;
    }
  }
}

}  // namespace penstock
