#include "lineage/graph_builder.h"

#include <algorithm>

#include "lineage/mentions.h"
#include "record/node_id.h"
#include "workspace/stream_graph.h"

namespace penstock {
namespace {

constexpr std::int32_t kSinkLayer = 4;

std::int32_t layer_of_table(std::string_view table, std::int32_t otherwise) {
  if (table.starts_with("bronze.")) return 1;
  if (table.starts_with("silver.")) return 2;
  if (table.starts_with("gold.")) return 3;
  return otherwise;
}

// "1m", "30s", "500ms": as a workspace writes it.
std::string duration_text(Duration duration) {
  const std::int64_t millis = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (millis % 86'400'000 == 0) return std::to_string(millis / 86'400'000) + "d";
  if (millis % 3'600'000 == 0) return std::to_string(millis / 3'600'000) + "h";
  if (millis % 60'000 == 0) return std::to_string(millis / 60'000) + "m";
  if (millis % 1'000 == 0) return std::to_string(millis / 1'000) + "s";
  return std::to_string(millis) + "ms";
}

std::string window_text(const WindowSpec& window) {
  if (window.is_session()) return "session " + duration_text(window.gap);
  return "window " + duration_text(window.size) + (window.hops() ? " every " + duration_text(window.every) : "");
}

std::string join_text(const JoinSpec& join) {
  static constexpr const char* kTypes[] = {"", "left ", "right ", "full "};
  return std::string(kTypes[static_cast<int>(join.type)]) + "join" + (join.within ? " within " + duration_text(*join.within) : "");
}

// What runs in the step.
std::string technology_of(const StepSpec& step) {
  if (step.window) return window_text(*step.window);
  if (step.aggregate) return "aggregate";
  if (step.join) return join_text(*step.join);
  if (step.lookup) return step.lookup->as_of.empty() ? "lookup" : "lookup as of " + step.lookup->as_of;
  if (step.score) return "score";
  return step.sql.empty() ? "stream" : "SQL";
}

// What the other side calls it.
std::string label_of(const StreamSpec& stream, const SourceSpec& source) {
  for (const char* key : {"topic", "table", "path", "system"})
    if (source.settings.has(key)) return source.settings.text(key);
  return stream.sources.size() == 1 ? stream.name : stream.name + "." + source.name;
}

}  // namespace

std::string technology_label(std::string_view kind) {
  static const std::map<std::string_view, const char*> labels = {
      {"kafka", "Kafka"}, {"postgres", "PostgreSQL"}, {"postgres_cdc", "PostgreSQL CDC"}, {"files", "Files"}, {"delta", "Delta"},
      {"table", "Delta"}, {"simulate", "Simulated"}, {"webhook", "Webhook"}, {"odbc", "ODBC"}, {"http", "HTTP"}, {"sqlite", "SQLite"},
      {"duckdb", "DuckDB"}, {"kinesis", "Kinesis"}, {"cosmos", "Cosmos DB"}};
  const auto found = labels.find(kind);
  return found == labels.end() ? std::string(kind) : found->second;
}

std::size_t GraphBuilder::node(const std::string& id, const std::string& kind) {
  const auto [found, is_new] = graph_.by_id_.try_emplace(id, graph_.nodes_.size());
  if (is_new) {
    LineageNode made;
    made.id = id;
    made.kind = kind;
    graph_.nodes_.push_back(std::move(made));
    graph_.next_.emplace_back();
    graph_.previous_.emplace_back();
  }
  return found->second;
}

std::size_t GraphBuilder::table_node(const std::string& table, const std::string& pipeline, int layer) {
  const std::size_t index = node(node_id::table(table), "table");
  LineageNode& made = graph_.nodes_[index];
  made.label = table;
  made.technology = "Delta";
  made.layer = layer_of_table(table, layer);
  if (!pipeline.empty()) made.pipeline = pipeline;
  return index;
}

void GraphBuilder::edge(std::size_t from, std::size_t to, const std::string& pipeline) {
  if (!known_edges_.insert({from, to}).second) return;
  graph_.edges_.push_back({graph_.nodes_[from].id, graph_.nodes_[to].id, pipeline});
  graph_.next_[from].push_back(to);
  graph_.previous_[to].push_back(from);
}

void GraphBuilder::name_tables() {
  for (const StreamSpec& stream : workspace_.streams) {
    for (const SinkSpec& sink : stream.sinks)
      if (sink.kind == "delta") tables_.insert(sink.table);
    for (const StepSpec& step : stream.steps)
      if (const std::string late = step.late_table(); !late.empty()) tables_.insert(late);
    for (const SourceSpec& source : stream.sources)
      if (source.kind == "table" && source.settings.has("table")) tables_.insert(source.settings.text("table"));
  }
}

void GraphBuilder::add_source(const StreamSpec& stream, const SourceSpec& source) {
  const std::size_t index = node(node_id::source(stream.name, source.name), "source");
  LineageNode& made = graph_.nodes_[index];
  made.label = label_of(stream, source);
  made.technology = technology_label(source.kind);
  made.pipeline = stream.name;
  const std::size_t dead = node(node_id::dead_letters(stream.name), "dead_letters");
  graph_.nodes_[dead].label = "dead_letters." + stream.name;
  graph_.nodes_[dead].technology = "Delta";
  graph_.nodes_[dead].pipeline = stream.name;
  graph_.nodes_[dead].layer = 1;
  edge(index, dead, stream.name);
  if (source.kind == "table" && source.settings.has("table")) edge(table_node(source.settings.text("table"), "", 2), index, stream.name);
}

void GraphBuilder::add_reads(const StreamSpec& stream, const StepSpec& step, std::size_t index) {
  std::set<std::string> names = mentioned_names(step.sql);
  if (step.join) {
    names.merge(mentioned_names(step.join->on));
    names.merge(mentioned_names(step.join->select));
  }
  for (const ExpectationSpec& expectation : step.expect) names.merge(mentioned_names(expectation.sql));
  if (step.lookup) {
    names.insert(step.lookup->table);
    if (!step.lookup->table.starts_with("ref.")) edge(table_node(step.lookup->table, "", 2), index, stream.name);
  }
  if (step.score) {
    const std::size_t from = node(node_id::model(step.score->model), "model");
    graph_.nodes_[from].label = step.score->model;
    graph_.nodes_[from].technology = "XGBoost";
    graph_.nodes_[from].file = step.score->path;
    edge(from, index, stream.name);
  }
  for (const SeedSpec& seed : workspace_.seeds) {
    if (!names.contains("ref." + seed.name)) continue;
    const std::size_t from = node(node_id::seed(seed.name), "seed");
    graph_.nodes_[from].label = "ref." + seed.name;
    graph_.nodes_[from].technology = "Seed";
    edge(from, index, stream.name);
  }
  for (const std::string& table : tables_)
    if (names.contains(table)) edge(table_node(table, "", 2), index, stream.name);
}

void GraphBuilder::add_step(const StreamSpec& stream, const StepSpec& step) {
  const std::size_t index = node(node_id::step(stream.name, step.name), "step");
  std::int32_t layer = 1;
  for (const std::string& from : step.from) {
    const auto before = graph_.by_id_.find(node_id::step(stream.name, from));
    const std::size_t input = before != graph_.by_id_.end() ? before->second : node(node_id::source(stream.name, from), "source");
    layer = std::max(layer, graph_.nodes_[input].layer);
    edge(input, index, stream.name);
  }
  if (step.window) layer = 3;
  LineageNode& made = graph_.nodes_[index];
  made.label = stream.name + "." + step.name;
  made.technology = technology_of(step);
  made.pipeline = stream.name;
  made.step = step.name;
  made.layer = layer = layer_of_table(step.land, layer);
  add_reads(stream, step, index);
  if (const std::string late = step.late_table(); !late.empty()) edge(index, table_node(late, stream.name, layer), stream.name);
  const bool quarantines = std::any_of(step.expect.begin(), step.expect.end(), [](const ExpectationSpec& e) { return e.on_fail == OnFail::quarantine; });
  if (!quarantines) return;
  const std::size_t quarantine = node(node_id::quarantine(stream.name), "quarantine");
  graph_.nodes_[quarantine].label = "quarantine." + stream.name;
  graph_.nodes_[quarantine].technology = "Delta";
  graph_.nodes_[quarantine].pipeline = stream.name;
  graph_.nodes_[quarantine].layer = layer;
  edge(index, quarantine, stream.name);
}

void GraphBuilder::add_sink(const StreamSpec& stream, const SinkSpec& sink) {
  const bool dead = takes_dead_letters(stream, sink);
  const std::size_t from = dead ? node(node_id::dead_letters(stream.name), "dead_letters") : node(node_id::step(stream.name, sink.from), "step");
  if (sink.kind == "delta") {
    edge(from, table_node(sink.table, stream.name, graph_.nodes_[from].layer), stream.name);
    return;
  }
  const std::size_t index = node(node_id::sink(stream.name, sink.name, sink.kind, sink.table), "sink");
  LineageNode& made = graph_.nodes_[index];
  made.label = sink.table.empty() ? sink.name : sink.connection.empty() ? sink.table : sink.connection + "." + sink.table;
  made.technology = technology_label(sink.kind);
  made.pipeline = stream.name;
  made.layer = kSinkLayer;
  edge(from, index, stream.name);
}

void GraphBuilder::add_stream(const StreamSpec& stream) {
  for (const SourceSpec& source : stream.sources) add_source(stream, source);
  for (const StepSpec& step : stream.steps) add_step(stream, step);
  for (const SinkSpec& sink : stream.sinks) add_sink(stream, sink);
}

LineageGraph GraphBuilder::build() {
  name_tables();
  for (const StreamSpec& stream : workspace_.streams) add_stream(stream);
  return std::move(graph_);
}

}  // namespace penstock
