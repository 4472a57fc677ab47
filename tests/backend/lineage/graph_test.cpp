#include <QTest>

#include "lineage/graph.h"
#include "lineage/mentions.h"

using namespace penstock;

namespace {

using Texts = std::vector<std::string>;

StepSpec step(const std::string& name, const Texts& from, const std::string& sql, const std::string& land) {
  StepSpec step;
  step.name = name;
  step.from = from;
  step.sql = sql;
  step.land = land;
  return step;
}

SinkSpec sink(const std::string& from, const std::string& kind, const std::string& connection, const std::string& table) {
  SinkSpec sink;
  sink.name = from + "." + kind;
  sink.from = from;
  sink.kind = kind;
  sink.connection = connection;
  sink.table = table;
  return sink;
}

SourceSpec source(const std::string& kind, const std::string& key, const std::string& value) {
  SourceSpec source;
  source.name = "source";
  source.kind = kind;
  Setting text, map;
  text.kind = Setting::Kind::text;
  text.text = value;
  map.kind = Setting::Kind::map;
  map.entries = {{key, text}};
  source.settings = Settings(map);
  return source;
}

// sales: bronze → silver → velocity → PostgreSQL; fraud reads silver.sales; the seed stores is looked at by silver.
Workspace retail() {
  StreamSpec sales;
  sales.name = "sales";
  sales.sources = {source("kafka", "topic", "pos.sales")};
  sales.steps = {step("bronze", {"source"}, "", "bronze.pos_sales"), step("silver", {"bronze"}, "SELECT * FROM bronze", "silver.sales"),
                 step("velocity", {"silver"}, "SELECT sku, sum(qty) FROM silver GROUP BY ALL", "")};
  ExpectationSpec known;
  known.name = "known_store";
  known.sql = "store_id IN (SELECT id FROM ref.stores)";
  known.on_fail = OnFail::quarantine;
  sales.steps[1].expect = {known};
  sales.steps[2].window = WindowSpec{};
  sales.steps[2].window->size = std::chrono::minutes(1);
  sales.steps[2].window->late_to = "gold.sales_late";
  sales.sinks = {sink("bronze", "delta", "", "bronze.pos_sales"), sink("silver", "delta", "", "silver.sales"),
                 sink("velocity", "postgres", "ops", "gold.sales_velocity")};
  StreamSpec fraud;
  fraud.name = "fraud";
  fraud.sources = {source("table", "table", "silver.sales")};
  fraud.steps = {step("features", {"source"}, "SELECT 1", "gold.fraud")};
  fraud.sinks = {sink("features", "delta", "", "gold.fraud")};
  Workspace workspace;
  workspace.streams = {sales, fraud};
  workspace.seeds = {{"stores", "seeds/stores.csv"}, {"unused", "seeds/unused.csv"}};
  return workspace;
}

}  // namespace

class GraphTest : public QObject {
  Q_OBJECT

  static bool has_edge(const LineageGraph& graph, const std::string& from, const std::string& to) {
    for (const LineageEdge& edge : graph.edges())
      if (edge.from == from && edge.to == to) return true;
    return false;
  }

 private slots:
  void nodes_have_labels_technology_and_layers() {
    const LineageGraph graph = LineageGraph::build(retail());
    const LineageNode* from = graph.find("source/sales/source");
    QVERIFY(from);
    QCOMPARE(from->label, std::string("pos.sales"));
    QCOMPARE(from->technology, std::string("Kafka"));
    QCOMPARE(from->layer, 0);
    QCOMPARE(graph.find("step/sales/bronze")->layer, 1);
    QCOMPARE(graph.find("step/sales/silver")->layer, 2);
    QCOMPARE(graph.find("step/sales/velocity")->technology, std::string("window 1m"));
    QCOMPARE(graph.find("step/sales/velocity")->layer, 3);
    const LineageNode* out = graph.find("sink/sales/velocity.postgres");
    QCOMPARE(out->label, std::string("ops.gold.sales_velocity"));
    QCOMPARE(out->technology, std::string("PostgreSQL"));
    QCOMPARE(out->layer, 4);
    QCOMPARE(graph.find("table/silver.sales")->pipeline, std::string("sales"));
    QCOMPARE(graph.find("quarantine/sales")->kind, std::string("quarantine"));
    QCOMPARE(graph.find("dead_letters/fraud")->label, std::string("dead_letters.fraud"));
    QVERIFY(!graph.find("seed/unused"));
    QVERIFY(!graph.find("quarantine/fraud"));
  }

  void edges_follow_the_data() {
    const LineageGraph graph = LineageGraph::build(retail());
    QVERIFY(has_edge(graph, "source/sales/source", "step/sales/bronze"));
    QVERIFY(has_edge(graph, "step/sales/bronze", "step/sales/silver"));
    QVERIFY(has_edge(graph, "step/sales/silver", "table/silver.sales"));
    QVERIFY(has_edge(graph, "table/silver.sales", "source/fraud/source"));
    QVERIFY(has_edge(graph, "seed/stores", "step/sales/silver"));
    QVERIFY(has_edge(graph, "step/sales/silver", "quarantine/sales"));
    QVERIFY(has_edge(graph, "source/sales/source", "dead_letters/sales"));
    QVERIFY(has_edge(graph, "step/sales/velocity", "table/gold.sales_late"));
    QCOMPARE(graph.edges().size(), std::size_t{14});
  }

  void a_join_shows_both_of_its_sides_and_where_its_late_rows_go() {
    Workspace workspace = retail();
    StepSpec both = step("both", {"bronze", "silver"}, "", "gold.both");
    both.join = JoinSpec{.left = {"bronze", {}, ""}, .right = {"silver", {}, ""}, .on = "bronze.id = silver.id AND bronze.store IN (SELECT id FROM ref.stores)",
                         .within = std::chrono::minutes(10), .type = JoinType::left, .late_to = "silver.both_late"};
    workspace.streams.front().steps.push_back(both);
    const LineageGraph graph = LineageGraph::build(workspace);
    QCOMPARE(graph.find("step/sales/both")->technology, std::string("left join within 10m"));
    QVERIFY(has_edge(graph, "step/sales/bronze", "step/sales/both"));
    QVERIFY(has_edge(graph, "step/sales/silver", "step/sales/both"));
    QVERIFY(has_edge(graph, "seed/stores", "step/sales/both"));
    QVERIFY(has_edge(graph, "step/sales/both", "table/silver.both_late"));
  }

  void a_score_reads_its_model() {
    Workspace workspace = retail();
    StepSpec scored = step("scored", {"silver"}, "", "");
    scored.score = ScoreSpec{.model = "models/fraud.json", .path = "/shop/models/fraud.json", .features = {"qty"}, .as = "fraud"};
    workspace.streams[0].steps.push_back(scored);
    const LineageGraph graph = LineageGraph::build(workspace);
    const LineageNode* model = graph.find("model/models/fraud.json");
    QVERIFY(model);
    QCOMPARE(model->label, std::string("models/fraud.json"));
    QCOMPARE(model->kind, std::string("model"));
    QCOMPARE(model->file, std::string("/shop/models/fraud.json"));
    const auto after = graph.downstream(model->id);
    QCOMPARE(after.size(), std::size_t(1));
    QCOMPARE(after[0]->id, std::string("step/sales/scored"));
    QCOMPARE(after[0]->technology, std::string("score"));
  }

  void a_lookup_reads_its_table() {
    Workspace workspace = retail();
    StepSpec named = step("named", {"bronze"}, "", "");
    named.lookup = LookupSpec{.table = "gold.fraud", .on = {{"id", "id"}}};
    StepSpec placed = step("placed", {"bronze"}, "", "");
    placed.lookup = LookupSpec{.table = "ref.stores", .on = {{"store", "id"}}, .as_of = "sold_at"};
    workspace.streams.front().steps.insert(workspace.streams.front().steps.end(), {named, placed});
    const LineageGraph graph = LineageGraph::build(workspace);
    QCOMPARE(graph.find("step/sales/named")->technology, std::string("lookup"));
    QCOMPARE(graph.find("step/sales/placed")->technology, std::string("lookup as of sold_at"));
    QVERIFY(has_edge(graph, "table/gold.fraud", "step/sales/named"));
    QVERIFY(has_edge(graph, "seed/stores", "step/sales/placed"));
  }

  void the_blast_radius_crosses_pipelines() {
    const LineageGraph graph = LineageGraph::build(retail());
    const BlastRadius silver = graph.blast_radius("step/sales/silver");
    QCOMPARE(silver.tables, (Texts{"gold.fraud", "gold.sales_late", "silver.sales"}));
    QCOMPARE(silver.sinks, (Texts{"ops.gold.sales_velocity"}));
    QCOMPARE(silver.pipelines, (Texts{"fraud", "sales"}));
    QCOMPARE(graph.blast_radius_of_pipeline("sales").tables, (Texts{"bronze.pos_sales", "gold.fraud", "gold.sales_late", "silver.sales"}));
    QCOMPARE(graph.blast_radius_of_pipeline("fraud").tables, (Texts{"gold.fraud"}));
    QVERIFY(graph.blast_radius("step/none/none").tables.empty());
  }

  void upstream_leads_back_to_sources_and_seeds() {
    const LineageGraph graph = LineageGraph::build(retail());
    Texts ids;
    for (const LineageNode* node : graph.upstream("table/gold.fraud")) ids.push_back(node->id);
    QCOMPARE(ids.front(), std::string("step/fraud/features"));
    QVERIFY(std::find(ids.begin(), ids.end(), "seed/stores") != ids.end());
    QVERIFY(std::find(ids.begin(), ids.end(), "source/sales/source") != ids.end());
    QCOMPARE(ids.size(), std::size_t{7});
  }

  void names_are_found_outside_of_strings_and_comments() {
    const std::set<std::string> names = mentioned_names("SELECT a.\"b\", 'ref.no', x -- ref.neither\n FROM Ref.Stores /* ref.nor */ WHERE 'it''s ref.no' = y");
    QCOMPARE(names, (std::set<std::string>{"a.b", "ref.stores"}));
  }
};

QTEST_APPLESS_MAIN(GraphTest)
#include "graph_test.moc"
