#include <map>

#include "support/fake_world.h"

namespace penstock::test {
namespace {

struct Node { const char *id, *label, *kind, *technology, *pipeline; int layer; std::vector<const char*> columns; };

const std::vector<Node> nodes = {
    {"source/sales/source", "pos.sales", "source", "Kafka", "sales", 0, {"event_id", "store_id", "sku", "qty", "unit_price", "sold_at"}},
    {"source/pos_returns/source", "pos.returns", "source", "Kafka", "pos_returns", 0, {}},
    {"source/loyalty/source", "loyalty", "source", "PostgreSQL", "loyalty", 0, {"member_id", "points", "tier"}},
    {"source/inventory/source", "inventory", "source", "Debezium", "inventory", 0, {}},
    {"source/web_clicks/source", "web.clicks", "source", "Event Hubs", "web_clicks", 0, {}},
    {"source/fulfilment/source", "fulfilment", "source", "Files", "fulfilment", 0, {}},
    {"table/bronze.pos", "bronze.pos", "table", "Delta", "sales", 1, {"event_id", "store_id", "sku", "qty", "unit_price", "sold_at"}},
    {"table/bronze.loyalty", "bronze.loyalty", "table", "Delta", "loyalty", 1, {}},
    {"table/bronze.inventory", "bronze.inventory", "table", "Delta", "inventory", 1, {}},
    {"table/bronze.clicks", "bronze.clicks", "table", "Delta", "web_clicks", 1, {}},
    {"table/bronze.fulfilment", "bronze.fulfilment", "table", "Delta", "fulfilment", 1, {}},
    {"step/sales/silver", "silver.sales", "step", "stream", "sales", 2, {"event_id", "store_id", "amount", "sold_at"}},
    {"step/loyalty/silver", "silver.loyalty", "step", "stream", "loyalty", 2, {"member_id", "points", "tier"}},
    {"step/inventory/silver", "silver.inventory", "step", "stream", "inventory", 2, {}},
    {"step/web_clicks/silver", "silver.sessions", "step", "stream", "web_clicks", 2, {}},
    {"table/quarantine.sales", "quarantine.sales", "quarantine", "Delta", "sales", 2, {}},
    {"step/sales/velocity", "gold.sales_velocity", "step", "window 1 m", "sales", 3, {"store_id", "minute", "amount"}},
    {"step/loyalty/redemption", "gold.redemption", "step", "window 1 m", "loyalty", 3, {}},
    {"step/inventory/position", "gold.stock_position", "step", "join", "inventory", 3, {}},
    {"step/fraud_features/score", "gold.fraud_features", "step", "score", "fraud_features", 3, {}},
    {"sink/sales/ops.velocity", "ops.velocity", "sink", "PostgreSQL", "sales", 4, {}},
    {"sink/loyalty/board", "loyalty board", "sink", "dashboard", "loyalty", 4, {}},
    {"sink/inventory/stock.position", "stock.position", "sink", "Kafka", "inventory", 4, {}},
    {"sink/fraud_features/scoring", "fraud scoring", "sink", "HTTP", "fraud_features", 4, {}},
};

struct Edge { const char *from, *to, *pipeline; double rate; int p50_ms, p99_ms; };

const std::vector<Edge> edges = {
    {"source/sales/source", "table/bronze.pos", "sales", 12'480, 1, 4},
    {"source/pos_returns/source", "table/bronze.pos", "pos_returns", 610, 2, 5},
    {"source/loyalty/source", "table/bronze.loyalty", "loyalty", 1'102, 1, 5},
    {"source/inventory/source", "table/bronze.inventory", "inventory", 8'112, 2, 6},
    {"source/web_clicks/source", "table/bronze.clicks", "web_clicks", 41'900, 1, 5},
    {"source/fulfilment/source", "table/bronze.fulfilment", "fulfilment", 2'250, 3, 9},
    {"table/bronze.pos", "step/sales/silver", "sales", 13'090, 3, 11},
    {"table/bronze.loyalty", "step/loyalty/silver", "loyalty", 0, 0, 0},
    {"table/bronze.inventory", "step/inventory/silver", "inventory", 8'112, 4, 12},
    {"table/bronze.clicks", "step/web_clicks/silver", "web_clicks", 41'900, 4, 14},
    {"table/bronze.fulfilment", "step/inventory/silver", "fulfilment", 2'250, 3, 9},
    {"step/sales/silver", "table/quarantine.sales", "sales", 3, 2, 8},
    {"step/sales/silver", "step/sales/velocity", "sales", 12'100, 6, 18},
    {"step/sales/silver", "step/inventory/position", "inventory", 12'100, 5, 17},
    {"step/sales/silver", "step/fraud_features/score", "fraud_features", 12'100, 6, 19},
    {"step/loyalty/silver", "step/loyalty/redemption", "loyalty", 0, 0, 0},
    {"step/loyalty/silver", "step/fraud_features/score", "fraud_features", 0, 0, 0},
    {"step/inventory/silver", "step/inventory/position", "inventory", 8'112, 5, 17},
    {"step/web_clicks/silver", "step/fraud_features/score", "fraud_features", 3'900, 9, 29},
    {"step/sales/velocity", "sink/sales/ops.velocity", "sales", 2'200, 2, 6},
    {"step/loyalty/redemption", "sink/loyalty/board", "loyalty", 0, 0, 0},
    {"step/inventory/position", "sink/inventory/stock.position", "inventory", 8'000, 2, 7},
    {"step/fraud_features/score", "sink/fraud_features/scoring", "fraud_features", 12'000, 3, 12},
};

}  // namespace

v1::LineageGraph make_graph() {
  v1::LineageGraph graph;
  graph.set_version(41);
  for (const Node& node : nodes) {
    v1::LineageNode* out = graph.add_nodes();
    out->set_id(node.id);
    out->set_label(node.label);
    out->set_kind(node.kind);
    out->set_technology(node.technology);
    out->set_pipeline(node.pipeline);
    out->set_layer(node.layer);
    if (std::string(node.kind) == "step") out->set_step(std::string(node.id).substr(std::string(node.id).rfind('/') + 1));
    for (const char* column : node.columns) out->add_columns(column);
  }
  for (const Edge& edge : edges) {
    v1::LineageEdge* out = graph.add_edges();
    out->set_from(edge.from);
    out->set_to(edge.to);
    out->set_pipeline(edge.pipeline);
  }
  return graph;
}

std::vector<v1::EdgeState> make_edges(const v1::LineageGraph&) {
  std::vector<v1::EdgeState> states;
  for (const Edge& edge : edges) {
    v1::EdgeState& state = states.emplace_back();
    state.set_pipeline(edge.pipeline);
    state.set_from(edge.from);
    state.set_to(edge.to);
    state.set_rows_per_second(edge.rate);
    if (edge.rate > 0) {
      state.mutable_latency()->set_count(1'000);
      state.mutable_latency()->set_p50(edge.p50_ms * 1'000);
      state.mutable_latency()->set_p99(edge.p99_ms * 1'000);
      state.mutable_latency()->set_p999(edge.p99_ms * 1'600);
      state.mutable_latency()->set_max(edge.p99_ms * 2'500);
    }
  }
  return states;
}

v1::ColumnTrace trace_of(const v1::LineageGraph& graph, const std::string& node) {
  struct Way { const char *from, *from_column, *to, *to_column, *how; };
  static const std::vector<Way> ways = {
      {"source/sales/source", "store_id", "table/bronze.pos", "store_id", "same"},
      {"source/sales/source", "qty", "table/bronze.pos", "qty", "same"},
      {"source/sales/source", "unit_price", "table/bronze.pos", "unit_price", "same"},
      {"source/sales/source", "sold_at", "table/bronze.pos", "sold_at", "same"},
      {"table/bronze.pos", "store_id", "step/sales/silver", "store_id", "same"},
      {"table/bronze.pos", "qty", "step/sales/silver", "amount", "computed"},
      {"table/bronze.pos", "unit_price", "step/sales/silver", "amount", "computed"},
      {"table/bronze.pos", "sold_at", "step/sales/silver", "sold_at", "same"},
      {"step/sales/silver", "store_id", "step/sales/velocity", "store_id", "same"},
      {"step/sales/silver", "sold_at", "step/sales/velocity", "minute", "computed"},
      {"step/sales/silver", "amount", "step/sales/velocity", "amount", "aggregated"},
  };
  v1::ColumnTrace trace;
  for (const v1::LineageNode& one : graph.nodes()) {
    if (one.id() != node) continue;
    for (const std::string& name : one.columns()) {
      v1::NodeColumn* column = trace.add_columns();
      column->set_name(name);
      column->set_type(name == "amount" || name == "unit_price" ? "DECIMAL(18,2)" : name == "qty" || name == "store_id" ? "INTEGER" : "VARCHAR");
      if (name == "amount") column->set_expression(node == "step/sales/velocity" ? "sum(amount)" : "(qty * unit_price)");
    }
  }
  for (const Way& way : ways) {
    v1::ColumnEdge* edge = trace.add_edges();
    edge->set_from_node(way.from);
    edge->set_from_column(way.from_column);
    edge->set_to_node(way.to);
    edge->set_to_column(way.to_column);
    edge->set_how(way.how);
  }
  trace.add_untraced("sink/sales/ops.velocity");
  return trace;
}

}  // namespace penstock::test
