#include <QTest>

#include <algorithm>

#include "lineage/column_graph.h"

using namespace penstock;

namespace {

SchemaPtr schema(const std::vector<std::string>& names) {
  std::vector<Field> fields;
  for (const std::string& name : names) fields.push_back({name, Type{TypeKind::varchar}});
  return std::make_shared<const Schema>(std::move(fields));
}

StepSpec step(const std::string& name, const std::vector<std::string>& from, const std::string& sql) {
  StepSpec step;
  step.name = name;
  step.from = from;
  step.sql = sql;
  return step;
}

SinkSpec sink(const std::string& from, const std::string& kind, const std::string& table) {
  SinkSpec sink;
  sink.name = from + "." + kind;
  sink.from = from;
  sink.kind = kind;
  sink.table = table;
  return sink;
}

// sales: source → silver (SQL, a seed joined) → gold (a window) → a table and PostgreSQL; report reads the table.
struct Sales {
  Workspace workspace;
  KnownColumns known;
  LineageGraph nodes;
  ColumnGraph columns;

  Sales() {
    StreamSpec sales;
    sales.name = "sales";
    SourceSpec source;
    source.name = "source";
    source.kind = "kafka";
    sales.sources = {source};
    sales.steps = {step("silver", {"source"}, "SELECT s.sku, s.qty * s.price AS worth, r.region, s.sold_at FROM source s JOIN ref.stores r ON r.id = s.store_id"),
                   step("gold", {"silver"}, "SELECT region, window_start, sum(worth), count(*) AS n FROM silver GROUP BY ALL")};
    sales.steps[0].mask = {"sku"};
    sales.steps[1].window.emplace();
    sales.steps[1].window->time = "sold_at";
    sales.sinks = {sink("gold", "delta", "gold.takings"), sink("gold", "postgres", "takings")};
    StreamSpec report;
    report.name = "report";
    SourceSpec table;
    table.name = "source";
    table.kind = "table";
    Setting text, map;
    text.kind = Setting::Kind::text;
    text.text = "gold.takings";
    map.kind = Setting::Kind::map;
    map.entries = {{"table", text}};
    table.settings = Settings(map);
    report.sources = {table};
    report.steps = {step("all", {"source"}, "")};
    workspace.streams = {sales, report};
    workspace.seeds = {{"stores", "seeds/stores.csv"}};
    known.sources["sales.source"] = schema({"sku", "qty", "price", "store_id", "sold_at", "_offset", "_raw"});
    known.steps["sales.silver"] = schema({"sku", "worth", "region", "sold_at", "_offset"});
    known.steps["sales.gold"] = schema({"region", "window_start", "sum(worth)", "n"});
    known.seeds["stores"] = schema({"id", "region"});
    nodes = LineageGraph::build(workspace);
    columns = ColumnGraph::build(workspace, nodes, known);
  }

  // "a.x -> b.y (how)", of what goes into the node.
  QStringList into(const std::string& node) {
    QStringList all;
    const auto trace = columns.trace(nodes, node);
    if (!trace.ok()) return {QString::fromStdString(trace.error().message)};
    for (const ColumnEdge& edge : trace->edges)
      if (edge.to_node == node) all << QString::fromStdString(edge.from_node + "." + edge.from_column + " -> " + edge.to_column + " (" + edge.how + ")");
    all.sort();
    return all;
  }
  std::string expression(const std::string& node, const std::string& column) const {
    for (const NodeColumn& one : columns.columns_of(node))
      if (one.name == column) return one.expression;
    return "there is no such column";
  }
};

}  // namespace

class ColumnGraphTest : public QObject {
  Q_OBJECT

 private slots:
  void each_column_of_a_step_comes_out_of_its_input_and_of_tables() {
    Sales sales;
    QCOMPARE(sales.into("step/sales/silver"),
             (QStringList{"seed/stores.region -> region (same)", "source/sales/source._offset -> _offset (same)", "source/sales/source.price -> worth (computed)",
                          "source/sales/source.qty -> worth (computed)", "source/sales/source.sku -> sku (same)", "source/sales/source.sold_at -> sold_at (same)"}));
    QCOMPARE(sales.expression("step/sales/silver", "worth"), std::string("(s.qty * s.price)"));
    QCOMPARE(sales.expression("step/sales/silver", "sku"), std::string("masked"));
  }

  void a_window_begins_where_the_times_of_its_rows_say() {
    Sales sales;
    QCOMPARE(sales.into("step/sales/gold"), (QStringList{"step/sales/silver.region -> region (same)", "step/sales/silver.sold_at -> window_start (computed)", "step/sales/silver.worth -> sum(worth) (aggregated)"}));
    QCOMPARE(sales.expression("step/sales/gold", "sum(worth)"), std::string("sum(worth)"));
  }

  void ways_go_on_through_tables_into_other_streams() {
    Sales sales;
    const auto trace = sales.columns.trace(sales.nodes, "source/sales/source");
    QVERIFY(trace.ok());
    QCOMPARE(trace->columns.size(), std::size_t{7});
    const auto reaches = [&](const std::string& node, const std::string& column) {
      return std::any_of(trace->edges.begin(), trace->edges.end(), [&](const ColumnEdge& edge) { return edge.to_node == node && edge.to_column == column; });
    };
    QVERIFY(reaches("table/gold.takings", "sum(worth)"));
    QVERIFY(reaches("sink/sales/gold.postgres", "sum(worth)"));
    QVERIFY(reaches("source/report/source", "window_start"));
    QVERIFY(!reaches("step/sales/silver", "_raw"));
    // Nothing is known of the step of the other stream, and that is said.
    QCOMPARE(trace->untraced, std::vector<std::string>{"step/report/all"});
  }

  void a_node_that_there_is_not_is_an_error() {
    Sales sales;
    QCOMPARE(sales.columns.trace(sales.nodes, "step/sales/nothing").error().kind, ErrorKind::not_found);
    QVERIFY(sales.columns.columns_of("nothing").empty());
  }
};

QTEST_APPLESS_MAIN(ColumnGraphTest)
#include "column_graph_test.moc"
