#include "engine/connector_reference.h"

#include <algorithm>
#include <functional>

#include "engine/rejected_index_sink.h"

namespace penstock {
namespace {

const char* name_of(SettingType type) {
  switch (type) {
    case SettingType::text: return "text";
    case SettingType::integer: return "whole number";
    case SettingType::real: return "number";
    case SettingType::boolean: return "true or false";
    case SettingType::duration: return "duration";
    case SettingType::bytes: return "size";
    case SettingType::list: return "list";
    case SettingType::map: return "map";
    case SettingType::connection: return "connection";
  }
  return "text";
}

// A bar would end the cell.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) (c == '|' ? out += "\\|" : out += c);
  return out;
}

std::string type_of(const SettingSpec& spec) {
  std::string text = spec.choices.empty() ? name_of(spec.type) : "";
  for (const std::string& choice : spec.choices) text += (text.empty() ? "`" : ", `") + choice + "`";
  if (!spec.unit.empty()) text += ", " + spec.unit;
  return spec.secret ? text + ", secret" : text;
}

void append_rows(const std::vector<SettingSpec>& specs, const std::string& within, std::string& out) {
  for (const SettingSpec& spec : specs) {
    const std::string fallback = spec.required ? "required" : spec.fallback.empty() ? "–" : "`" + cell(spec.fallback) + "`";
    out += "| `" + within + spec.name + "` | " + cell(type_of(spec)) + " | " + fallback + " | " + cell(spec.help) + " |\n";
    append_rows(spec.fields, within + spec.name + ".", out);
  }
}

void append_table(const std::string& title, const std::vector<SettingSpec>& specs, std::string& out) {
  out += "\n**" + title + "**\n\n";
  if (specs.empty()) {
    out += "Nothing of its own.\n";
    return;
  }
  out += "| setting | what | left out | meaning |\n| --- | --- | --- | --- |\n";
  append_rows(specs, "", out);
}

bool is_secret_name(const std::string& name) { return name == "password" || name == "bearer" || name == "secret" || name == "token"; }

void check(const std::string& place, const std::vector<SettingSpec>& specs, std::vector<std::string>& problems) {
  for (const SettingSpec& spec : specs) {
    const std::string name = place + "." + spec.name;
    if (spec.help.empty() || !spec.help.ends_with('.')) problems.push_back(name + ": no sentence says what it is");
    if ((spec.type == SettingType::integer || spec.type == SettingType::real) && spec.unit.empty()) problems.push_back(name + ": a number without a unit");
    if (is_secret_name(spec.name) && !spec.secret) problems.push_back(name + ": is not said to be a secret");
    if (!spec.choices.empty() && !spec.fallback.empty() && std::find(spec.choices.begin(), spec.choices.end(), spec.fallback) == spec.choices.end())
      problems.push_back(name + ": what it is when it is left out is none of its choices");
    check(name, spec.fields, problems);
  }
}

void for_each(const ConnectorCatalog& catalog, const std::function<void(const Connector&)>& each) {
  for (const auto& [kind, connector] : catalog.connectors())
    if (kind != kRejectedIndex) each(connector);      // the engine's own: not for a workspace to name
}

}  // namespace

std::string connector_reference(const ConnectorCatalog& catalog) {
  std::string out =
      "# Connectors\n\n"
      "Made by `penstockctl connections describe` from what the connectors declare; a test compares them. What the words mean, and what holds\n"
      "for all sources and sinks (`connection`, `contract`, `format`, `partitioned_by`), stands in [the workspace's page](workspace.md). A secret is\n"
      "only written as a reference: `${env:NAME}`, `${file:/path}` or `${secret:name}`.\n";
  for_each(catalog, [&](const Connector& connector) {
    out += "\n## " + connector.kind + "\n";
    if (!connector.connection_kind.empty()) out += "\nIts connections are those of `" + connector.connection_kind + "`.\n";
    else if (!connector.connection_settings.empty()) append_table("Connection", connector.connection_settings, out);
    if (connector.make_source) append_table("Source", connector.source_settings, out);
    if (connector.make_sink) append_table("Sink", connector.sink_settings, out);
    const std::string twice = connector.arrives_twice ? connector.arrives_twice(Settings()) : "";
    if (connector.make_sink) out += twice.empty() ? "\nEach row arrives exactly once.\n" : "\nRows arrive at least once: twice " + twice + ".\n";
  });
  return out;
}

std::vector<std::string> declaration_problems(const ConnectorCatalog& catalog) {
  std::vector<std::string> problems;
  for_each(catalog, [&](const Connector& connector) {
    check(connector.kind + ".connection", connector.connection_settings, problems);
    check(connector.kind + ".source", connector.source_settings, problems);
    check(connector.kind + ".sink", connector.sink_settings, problems);
  });
  return problems;
}

}  // namespace penstock
