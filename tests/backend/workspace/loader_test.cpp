#include "backend/workspace/workspace_texts.h"

#include <QTemporaryDir>

using namespace penstock;
using namespace penstock::testing;
using namespace std::chrono_literals;

namespace {

// The stream of workspace.md, with a source that the small catalog knows.
const char* const kSales = R"yaml(# sales of all tills
stream: sales
source:
  kafka: { connection: hub, topic: pos.sales, contract: contracts/pos_sale.avsc, format: json, start: earliest, partitioned_by: [store_id] }
steps:
  bronze:   { land: bronze.pos_sales }
  silver:
    sql: SELECT event_id, store_id, upper(sku) AS sku, qty, unit_price, sold_at FROM bronze
    dedupe: { key: event_id, within: 10m }
    expect:
      qty_positive:   { sql: "qty > 0", on_fail: quarantine }
      known_store:    { sql: "store_id IN (SELECT id FROM ref.stores)", on_fail: quarantine }
      plausible:      { sql: "unit_price < 1000", on_fail: warn }
    mask: [customer_email]
    land: silver.sales
  velocity:
    from: silver
    window: { tumbling: 1m, time: sold_at, lateness: 30s, late_to: gold.sales_late }
    sql: SELECT sku, window_start, sum(qty) AS units, sum(qty * unit_price) AS revenue FROM silver GROUP BY ALL
sinks:
  - { from: velocity, postgres: { connection: ops, table: gold.sales_velocity, mode: upsert, key: [sku, window_start] } }
  - { from: velocity, delta: gold.sales_velocity }
pods: shared
objectives: { p99: 100ms, freshness: 1m, availability: 99.9% }
)yaml";

std::map<std::string, std::string> retail() {
  return {{"penstock.yaml",
           "workspace: retail\ntables: ./tables\nmemory: 128MiB\ntenants: { uk: { pipelines: \"s*s\", quota: { pods: 4, memory: 2GiB } } }\n"
           "environments: { dev: {}, prod: { tables: /lake, protected: true, colour: amber } }\ndefaults: { flush: 2s }\n"},
          {"connections.yaml",
           "hub: { kafka: { brokers: \"localhost:9092\", sasl: { mechanism: PLAIN, username: app, password: \"${secret:hub-key}\" } } }\n"
           "ops: { postgres: { host: localhost, user: app, password: \"${env:PGPASSWORD}\" } }\n"},
          {"contracts/pos_sale.avsc", "{}"},
          {"pipelines/sales.yaml", kSales},
          {"policies/healing.yaml", "policy: stuck\nwhen: { stuck: 30s }\ndo: reset\nlimit: { times: 3, per: 1h }\nthen: incident\ndry_run: false\n"},
          {"seeds/stores.csv", "id,name\n1,Leeds\n2,\"York, north\"\n"},
          {"tests/sales.yaml",
           "test: bad quantity is quarantined\nstream: sales\ngiven:  { source: [ { event_id: a, store_id: 1, qty: 0 } ] }\n"
           "expect: { silver: [], quarantine: [ { event_id: a, _expectation: qty_positive } ] }\n"}};
}

}  // namespace

class LoaderTest : public QObject {
  Q_OBJECT
 private slots:
  void the_documented_workspace_has_no_problem() {
    const LoadResult result = load(retail());
    QCOMPARE(lines_of(result).join("\n"), QString());
    QCOMPARE(result.files, 7);
    QCOMPARE(result.workspace.name, std::string("retail"));
    QCOMPARE(result.workspace.memory_bytes, std::int64_t{128} << 20);
  }

  void a_stream_is_read_whole() {
    const LoadResult result = load(retail());
    const StreamSpec& sales = result.workspace.streams.at(0);
    QCOMPARE(sales.name, std::string("sales"));
    QCOMPARE(sales.tenant, std::string("uk"));
    QCOMPARE(sales.flush, Duration(2s));
    QCOMPARE(sales.pods, -1);
    QCOMPARE(*sales.objectives.p99, Duration(100ms));
    QCOMPARE(*sales.objectives.freshness, Duration(1min));
    QCOMPARE(*sales.objectives.availability, 0.999);
    QVERIFY(sales.text == kSales);

    const SourceSpec& source = sales.sources.at(0);
    QCOMPARE(source.name, std::string("source"));
    QCOMPARE(source.kind, std::string("kafka"));
    QCOMPARE(source.connection, std::string("hub"));
    QCOMPARE(source.contract, std::string("contracts/pos_sale.avsc"));
    QCOMPARE(source.format, std::string("json"));
    QCOMPARE(source.partitioned_by, std::vector<std::string>{"store_id"});
    QCOMPARE(source.settings.text("topic"), std::string("pos.sales"));

    const StepSpec& silver = sales.steps.at(1);
    QCOMPARE(silver.dedupe->key, std::vector<std::string>{"event_id"});
    QCOMPARE(silver.dedupe->within, Duration(10min));
    QCOMPARE(silver.expect.size(), std::size_t{3});
    QVERIFY(silver.expect[0].name == "qty_positive" && silver.expect[0].on_fail == OnFail::quarantine);
    QCOMPARE(silver.mask, std::vector<std::string>{"customer_email"});
    QCOMPARE(silver.land, std::string("silver.sales"));
    QCOMPARE(silver.sql_at.to_string(), std::string("pipelines/sales.yaml:8:10"));

    const StepSpec& velocity = sales.steps.at(2);
    QCOMPARE(velocity.window->size, Duration(1min));
    QCOMPARE(velocity.window->lateness, Duration(30s));
    QVERIFY(velocity.window->late == LatePolicy::to_table);
    QCOMPARE(velocity.window->late_to, std::string("gold.sales_late"));
  }

  void a_step_reads_the_one_above_and_land_is_a_delta_sink() {
    const LoadResult result = load(retail());
    const StreamSpec& sales = result.workspace.streams.at(0);
    QCOMPARE(sales.steps[0].from, std::vector<std::string>{"source"});
    QCOMPARE(sales.steps[1].from, std::vector<std::string>{"bronze"});
    QCOMPARE(sales.steps[2].from, std::vector<std::string>{"silver"});
    QStringList names;
    for (const SinkSpec& sink : sales.sinks) names << QString::fromStdString(sink.name);
    QCOMPARE(names, QStringList({"bronze.delta.bronze.pos_sales", "silver.delta.silver.sales", "velocity.postgres.gold.sales_velocity",
                                 "velocity.delta.gold.sales_velocity"}));
    QCOMPARE(sales.sinks[0].settings.text("table"), std::string("bronze.pos_sales"));
    QVERIFY(sales.sinks[2].mode == WriteMode::upsert);
    QCOMPARE(sales.sinks[2].key, (std::vector<std::string>{"sku", "window_start"}));
  }

  void an_environment_says_where_tables_live() {
    const LoadResult prod = load(retail(), "prod");
    QCOMPARE(prod.workspace.tables, std::string("/lake"));
    QVERIFY(prod.workspace.is_protected);
    QCOMPARE(load(retail(), "dev").workspace.tables, std::string("./tables"));
    QCOMPARE(lines_of(load(retail(), "prdo")),
             QStringList("penstock.yaml: there is no environment 'prdo'; expected one of dev, prod (did you mean 'prod'?)"));
  }

  void seeds_policies_and_tests_are_read() {
    const Workspace workspace = load(retail()).workspace;
    QCOMPARE(workspace.seeds.at(0).name, std::string("stores"));
    QCOMPARE(workspace.healing.at(0).stuck, Duration(30s));
    QCOMPARE(workspace.healing.at(0).times, 3);
    const TestSpec& test = workspace.tests.at(0);
    QCOMPARE(test.given.at("source").at(0).at(2).first, std::string("qty"));
    QCOMPARE(test.given.at("source").at(0).at(2).second.text, std::string("0"));
    QVERIFY(test.expect.at("silver").empty());
    QCOMPARE(test.expect.at("quarantine").size(), std::size_t{1});
  }

  void every_document_of_a_file_is_a_stream_with_its_own_text() {
    const LoadResult result = load({{"pipelines/two.yaml",
                                     "stream: a\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.a } }\n"
                                     "---\n# the second\nstream: b\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.b } }\n"}});
    QCOMPARE(lines_of(result).join("\n"), QString());
    QCOMPARE(result.workspace.streams.size(), std::size_t{2});
    QCOMPARE(result.workspace.streams[1].text,
             std::string("# the second\nstream: b\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.b } }\n"));
    QCOMPARE(result.workspace.streams[1].at.line, 6);
  }

  void a_folder_is_read_with_its_subfolders() {
    QTemporaryDir folder;
    QDir(folder.path()).mkpath("pipelines/uk");
    const auto write = [&](const char* name, const char* text) {
      QFile file(folder.filePath(name));
      QVERIFY(file.open(QIODevice::WriteOnly));
      file.write(text);
    };
    write("penstock.yaml", "workspace: shop\n");
    write("README.md", "anything");
    write("pipelines/uk/a.yaml", "stream: a\nsource: { simulate: { system: pos } }\nsteps: { x: { land: bronze.a } }\n");
    const LoadResult result = load_workspace(folder.path().toStdString(), "", small_catalog());
    QCOMPARE(lines_of(result).join("\n"), QString());
    QCOMPARE(result.workspace.streams.at(0).at.file, std::string("pipelines/uk/a.yaml"));
    QCOMPARE(result.workspace.root, folder.path().toStdString());
  }

  void a_folder_that_is_none_is_a_problem() {
    const LoadResult result = load_workspace("/no/such/folder", "", small_catalog());
    QCOMPARE(lines_of(result), QStringList("/no/such/folder: there is no such folder; expected a workspace: a folder with penstock.yaml"));
  }

  void a_misspelt_folder_is_named() {
    QTemporaryDir folder;
    QDir(folder.path()).mkpath("pipeline");
    QFile file(folder.filePath("penstock.yaml"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("workspace: shop\n");
    file.close();
    QCOMPARE(lines_of(load_workspace(folder.path().toStdString(), "", small_catalog())),
             QStringList("pipeline: a folder that is not read (did you mean 'pipelines'?)"));
  }

  void ten_mistakes_in_five_files_are_all_reported() {
    auto files = retail();
    files["penstock.yaml"] = "workspace: retail\ntabels: ./tables\n";                                   // 1 unknown key
    files["connections.yaml"] =
        "hub: { kafka: { brokers: \"localhost:9092\", sasl: { password: hunter2 } } }\n"                // 2 secret in plain text
        "ops: { postgres: { host: localhost, port: many } }\n";                                         // 3 no number
    files["seeds/stores.csv"] = "id,name\n1,Leeds,extra\n";                                             // 4 ragged
    files["tests/sales.yaml"] = "test: t\nstream: sale\ngiven: { source: [] }\nexpect: { silver: [] }\n";   // 5 unknown stream
    files["pipelines/sales.yaml"] =
        "stream: sales\n"
        "source: { kafka: { connection: hubb, topic: pos.sales } }\n"                                    // 6 unknown connection
        "steps:\n"
        "  bronze: { land: brnze.pos_sales }\n"                                                          // 7 unknown layer
        "  silver: { form: bronze, dedupe: { key: event_id, within: 10 minutes } }\n"                    // 8 unknown key, 9 no duration
        "sinks:\n"
        "  - { from: silver, postgres: { connection: ops, table: t, mode: upsert } }\n";                 // 10 no key
    const QStringList expected{
        "connections.yaml:1:62: a secret in plain text under 'password'; expected a reference: ${env:NAME}, ${file:/path} or ${secret:name}",
        "connections.yaml:2:43: 'many' cannot be 'port'; expected a whole number from -9223372036854775808 to 9223372036854775807",
        "penstock.yaml:2:1: unknown key 'tabels' in penstock.yaml; expected one of workspace, tables, state, memory, tenants, environments, defaults "
        "(did you mean 'tables'?)",
        "pipelines/sales.yaml:2:32: there is no connection 'hubb'; expected one of hub (did you mean 'hub'?)",
        "pipelines/sales.yaml:4:19: unknown table layer 'brnze'; expected layer.name with layer one of bronze, silver, gold: silver.sales "
        "(did you mean 'bronze'?)",
        "pipelines/sales.yaml:5:13: unknown key 'form' in the step 'silver'; expected one of from, sql, window, aggregate, join, lookup, score, "
        "expect, dedupe, mask, land, description (did you mean 'from'?)",
        "pipelines/sales.yaml:5:60: '10 minutes' is not a duration; expected 500ms, 30s, 10m, 24h or 7d",
        "pipelines/sales.yaml:7:31: the postgres sink has no 'key'; expected the columns that make a row the same, for mode: upsert: key: "
        "[sku, window_start]",
        "seeds/stores.csv:2:1: a line of 3 cells; expected 2, as in the first line",
        "tests/sales.yaml:1:1: the test 't' is of the stream 'sale', which does not exist; expected one of sales (did you mean 'sales'?)"};
    QCOMPARE(lines_of(load(files)), expected);
  }

  void a_secret_in_plain_text_is_not_repeated() {
    for (const Problem& problem : load({{"connections.yaml", "ops: { postgres: { host: h, password: hunter2 } }\n"}}).problems)
      QVERIFY(!QString::fromStdString(problem.to_string()).contains("hunter2"));
    QCOMPARE(load({{"connections.yaml", "ops: { postgres: { host: h, password: hunter2 } }\n"}}).problems.size(), std::size_t{1});
    QCOMPARE(load({{"connections.yaml", "ops: { postgres: { host: \"postgres://a:b@h/x\" } }\n"}}).problems.size(), std::size_t{1});
    QCOMPARE(load({{"connections.yaml", "ops: { postgres: { host: h, password: \"${vault:x}\" } }\n"}}).problems.size(), std::size_t{1});
  }
};

QTEST_GUILESS_MAIN(LoaderTest)
#include "loader_test.moc"
