#include "lineage/column_graph_builder.h"

#include <algorithm>

#include "record/node_id.h"

namespace penstock {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

NodeColumn* find(std::vector<NodeColumn>& columns, const std::string& name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const NodeColumn& one) { return lower(one.name) == lower(name); });
  return found == columns.end() ? nullptr : &*found;
}

bool is_window_bound(const std::string& column) { return lower(column) == "window_start" || lower(column) == "window_end"; }

SchemaPtr known_of(const std::map<std::string, SchemaPtr>& known, const std::string& name) {
  const auto found = known.find(name);
  return found == known.end() ? nullptr : found->second;
}

}  // namespace

Session* ColumnGraphBuilder::session() {
  if (!session_)
    if (auto opened = Session::open(); opened.ok()) session_ = std::move(opened).value();
  return session_.get();
}

void ColumnGraphBuilder::set_columns(const std::string& node, const SchemaPtr& schema) {
  if (!schema || !nodes_.find(node)) return;
  std::vector<NodeColumn>& columns = graph_.columns_[node];
  columns.clear();
  for (const Field& field : schema->fields()) columns.push_back({field.name, field.type.sql_name(), ""});
}

void ColumnGraphBuilder::add_edge(const std::string& from, const std::string& from_column, const std::string& to, const std::string& to_column, const std::string& how) {
  if (!seen_.insert({from, from_column, to, to_column}).second) return;
  graph_.into_[to].push_back(graph_.edges_.size());
  graph_.out_of_[from].push_back(graph_.edges_.size());
  graph_.edges_.push_back({from, from_column, to, to_column, how});
}

void ColumnGraphBuilder::add_same(const std::string& from, const std::string& to, bool only_origin) {
  for (const NodeColumn& column : graph_.columns_of(from)) {
    if (only_origin && !column.name.starts_with('_')) continue;
    if (const NodeColumn* same = find(graph_.columns_[to], column.name)) add_edge(from, column.name, to, same->name, "same");
  }
}

std::string ColumnGraphBuilder::node_of_input(const StreamSpec& stream, const std::string& name) const {
  const bool is_step = std::any_of(stream.steps.begin(), stream.steps.end(), [&](const StepSpec& step) { return step.name == name; });
  return is_step ? node_id::step(stream.name, name) : node_id::source(stream.name, name);
}

std::vector<std::string> ColumnGraphBuilder::names_of(const std::vector<std::string>& nodes) const {
  std::vector<std::string> names;
  for (const std::string& node : nodes)
    for (const NodeColumn& column : graph_.columns_of(node))
      if (std::find(names.begin(), names.end(), column.name) == names.end()) names.push_back(column.name);
  return names;
}

// A table has the columns of the step that lands it.
void ColumnGraphBuilder::add_tables() {
  for (const StreamSpec& stream : workspace_.streams)
    for (const SinkSpec& sink : stream.sinks) set_columns(node_id::sink(stream.name, sink.name, sink.kind, sink.table), known_of(known_.steps, stream.name + "." + sink.from));
}

void ColumnGraphBuilder::build() {
  for (const SeedSpec& seed : workspace_.seeds) set_columns(node_id::seed(seed.name), known_of(known_.seeds, seed.name));
  add_tables();
  for (const StreamSpec& stream : workspace_.streams) {
    for (const SourceSpec& source : stream.sources) {
      const std::string node = node_id::source(stream.name, source.name);
      set_columns(node, known_of(known_.sources, stream.name + "." + source.name));
      if (source.kind != "table") continue;
      const std::string table = node_id::table(source.settings.text("table"));
      if (graph_.columns_of(node).empty() && !graph_.columns_of(table).empty()) graph_.columns_[node] = graph_.columns_of(table);
      add_same(table, node);
    }
    for (const StepSpec& step : stream.steps) set_columns(node_id::step(stream.name, step.name), known_of(known_.steps, stream.name + "." + step.name));
    for (const StepSpec& step : stream.steps) add_step(stream, step);
    for (const SinkSpec& sink : stream.sinks) add_same(node_id::step(stream.name, sink.from), node_id::sink(stream.name, sink.name, sink.kind, sink.table));
  }
}

void ColumnGraphBuilder::add_step(const StreamSpec& stream, const StepSpec& step) {
  const std::string node = node_id::step(stream.name, step.name);
  if (graph_.columns_of(node).empty()) return;
  std::vector<std::string> inputs;
  for (const std::string& from : step.from) inputs.push_back(node_of_input(stream, from));
  if (step.lookup) add_lookup(step, node, inputs);
  else if (!step.sql.empty() || step.join) add_sql(stream, step, node);
  else
    for (const std::string& input : inputs) add_same(input, node);
  // Where a row comes from follows it unseen.
  if (!step.window && !step.aggregate)
    for (const std::string& input : inputs) add_same(input, node, true);
  for (const std::string& masked : step.mask)
    if (NodeColumn* column = find(graph_.columns_[node], masked)) column->expression = "masked" + (column->expression.empty() ? "" : ": " + column->expression);
}

void ColumnGraphBuilder::add_lookup(const StepSpec& step, const std::string& node, const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) add_same(input, node);
  const std::string& name = step.lookup->table;
  const std::string table = name.starts_with("ref.") ? node_id::seed(name.substr(4)) : node_id::table(name);
  for (const NodeColumn& column : graph_.columns_of(table)) {
    NodeColumn* added = find(graph_.columns_[node], column.name);
    const bool is_own = std::any_of(inputs.begin(), inputs.end(), [&](const std::string& input) { return find(graph_.columns_[input], column.name); });
    if (added && !is_own) add_edge(table, column.name, node, added->name, "same");
  }
}

void ColumnGraphBuilder::add_sql(const StreamSpec& stream, const StepSpec& step, const std::string& node) {
  std::map<std::string, std::vector<std::string>> nodes_of;     // by the name in the SQL
  std::vector<std::string> all;
  for (const std::string& from : step.from) {
    nodes_of[from] = {node_of_input(stream, from)};
    all.push_back(nodes_of[from].front());
  }
  if (!step.join) nodes_of["input"] = all;
  for (const SeedSpec& seed : workspace_.seeds) nodes_of["ref." + seed.name] = {node_id::seed(seed.name)};
  for (const StreamSpec& other : workspace_.streams)
    for (const SinkSpec& sink : other.sinks)
      if (sink.kind == "delta") nodes_of.try_emplace(sink.table, std::vector<std::string>{node_id::table(sink.table)});
  NamedColumns inputs;
  for (const auto& [name, nodes] : nodes_of) {
    inputs[name] = names_of(nodes);
    const bool is_window_input = step.window && (name == "input" || std::find(step.from.begin(), step.from.end(), name) != step.from.end());
    if (is_window_input) inputs[name].insert(inputs[name].end(), {"window_start", "window_end"});
  }
  std::string sql = step.sql;
  if (step.join) sql = "SELECT " + (step.join->select.empty() ? std::string("*") : step.join->select) + " FROM \"" + step.join->left.from + "\", \"" + step.join->right.from + "\"";
  Session* parser = session();
  if (!parser) return;
  if (const auto selected = column_origins(*parser, sql, inputs); selected.ok()) take(*selected, step, node, nodes_of);
}

void ColumnGraphBuilder::take(const std::vector<SelectedColumn>& selected, const StepSpec& step, const std::string& node,
                              const std::map<std::string, std::vector<std::string>>& nodes_of) {
  std::vector<NodeColumn>& columns = graph_.columns_[node];
  // A column without a name of its own stands where no other has its place.
  std::set<std::string> named;
  for (const SelectedColumn& one : selected) named.insert(lower(one.name));
  auto unnamed = columns.begin();
  for (const SelectedColumn& one : selected) {
    NodeColumn* column = one.name.empty() ? nullptr : find(columns, one.name);
    if (one.name.empty()) {
      while (unnamed != columns.end() && (named.contains(lower(unnamed->name)) || unnamed->name.starts_with('_'))) ++unnamed;
      if (unnamed != columns.end()) column = &*unnamed++;
    }
    if (!column) continue;
    if (one.use != ColumnUse::same) column->expression = one.expression;
    for (const ColumnOrigin& origin : one.from) {
      const auto nodes = nodes_of.find(origin.relation);
      if (nodes == nodes_of.end()) continue;
      for (const std::string& from : nodes->second) {
        // A window begins where the times of its rows say.
        const bool is_bound = step.window && is_window_bound(origin.column) && !find(graph_.columns_[from], origin.column);
        const std::string& from_column = is_bound ? step.window->time : origin.column;
        if (const NodeColumn* known = find(graph_.columns_[from], from_column)) add_edge(from, known->name, node, column->name, is_bound ? "computed" : name_of(one.use));
      }
    }
  }
}

}  // namespace penstock
