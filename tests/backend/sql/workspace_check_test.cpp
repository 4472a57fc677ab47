#include <QTemporaryDir>

#include "backend/sql/sales.h"
#include "backend/workspace/workspace_texts.h"
#include "connectors/simulate/simulate_connector.h"
#include "io/contract.h"
#include "sql/step_schemas.h"
#include "sql/workspace_check.h"
#include "sql/yaml_place.h"

using namespace penstock;
using namespace penstock::testing;

namespace {

constexpr const char* kHead = "stream: sales\nsource: { simulate: { system: pos } }\nsteps:\n";

// Of a stream over the sales of this folder's tests, whose first step is `bronze`.
SqlCheck sql_check(const std::string& steps, const std::string& head = kHead) {
  QTemporaryDir folder;
  QDir(folder.path()).mkdir("seeds");
  QFile seed(folder.filePath("seeds/stores.csv"));
  if (!seed.open(QIODevice::WriteOnly)) qFatal("no seed");
  seed.write("id,city\n1,Lyon\n");
  seed.close();
  const WorkspaceFiles files{folder.path().toStdString(),
                             {{"penstock.yaml", "workspace: shop\n"}, {"connections.yaml", "ops: { postgres: { host: localhost } }\n"}, {"seeds/stores.csv", "id,city\n1,Lyon\n"}, {"pipelines/p.yaml", head + steps}}};
  const LoadResult loaded = load_workspace(files, "", small_catalog());
  if (!loaded.problems.empty()) return {.problems = loaded.problems};
  return check_sql(loaded.workspace, files, [](const SourceSpec&) -> Result<SchemaPtr> { return test::sales_schema(); });
}

QStringList sql_problems(const std::string& steps, const std::string& head = kHead) {
  QStringList lines;
  for (const Problem& problem : sql_check(steps, head).problems) lines << QString::fromStdString(problem.to_string());
  return lines;
}

}  // namespace

class WorkspaceCheckTest : public QObject {
  Q_OBJECT

 private slots:
  void problems_of_sql_name_file_line_and_column() {
    const auto found = sql_problems(
        "  bronze: { land: bronze.sales }\n"
        "  silver:\n"
        "    sql: |\n"
        "      SELECT event_id, qty,\n"
        "             skuu\n"
        "      FROM bronze\n"
        "  other:\n"
        "    from: bronze\n"
        "    sql: SELECT event_id, store_id, qty, sold_at\n"
        "      FROM bronze\n"
        "    expect:\n"
        "      positive: { sql: \"qyt > 0\", on_fail: warn }\n"
        "      known: { sql: 'store_id IN (SELECT id FROM ref.store)', on_fail: warn }\n"
        "      boolean:\n"
        "        sql: >\n"
        "          qty +\n"
        "          skuu\n"
        "        on_fail: warn\n"
        "  third:\n"
        "    from: bronze\n"
        "    sql: \"SELECT event_id, sold_at, \\\"qty\\\",\n"
        "      count(*) AS n FROM bronze\"\n");
    const QString columns = "one of _headers, _ingest_time, _key, _offset, _partition, _raw, _source, _source_time, event_id, items, qty, sku, sold_at, store_id, unit_price";
    const QString outputs = "one of _ingest_time, _offset, _partition, _source, _source_time, event_id, qty, sold_at, store_id";
    QCOMPARE(found, QStringList({"pipelines/p.yaml:8:14: step 'silver': there is no column 'skuu' here; expected " + columns + " (did you mean 'sku'?)",
                                 "pipelines/p.yaml:15:25: step 'other': there is no column 'qyt' here; expected " + outputs + " (did you mean 'qty'?)",
                                 "pipelines/p.yaml:16:50: step 'other': there is no table 'ref.store' here; expected one of ref.stores (did you mean 'ref.stores'?)",
                                 "pipelines/p.yaml:20:11: step 'other': there is no column 'skuu' here; expected " + outputs,
                                 "pipelines/p.yaml:25:7: step 'third': an aggregate needs all rows at once: count(); expected a step with window:, or list functions such as list_sum()"}));
  }

  void rows_that_may_come_again_keep_their_window() {
    const auto found = sql_problems(
        "  bronze: { land: bronze.sales }\n"
        "  gold:\n"
        "    window: { tumbling: 1m, time: sold_at, late: { update: 1h } }\n"
        "    sql: SELECT sku, window_start, sum(qty) AS units FROM bronze GROUP BY ALL\n"
        "  kept:\n"
        "    sql: SELECT window_start, units FROM gold\n"
        "  lost:\n"
        "    from: gold\n"
        "    sql: SELECT sku, units FROM gold\n");
    QCOMPARE(found, QStringList("pipelines/p.yaml:12:10: the rows of step 'gold' may come again, and without window_start nobody knows whose place they take; expected window_start in the SELECT"));
  }

  void an_aggregate_and_what_reads_it_keep_the_key() {
    const auto found = sql_problems(
        "  bronze: { land: bronze.sales }\n"
        "  median:\n"
        "    aggregate: { key: [sku] }\n"
        "    sql: SELECT sku, median(qty) AS m FROM bronze GROUP BY ALL\n"
        "  finer:\n"
        "    from: bronze\n"
        "    aggregate: { key: [sku] }\n"
        "    sql: SELECT sku, store_id, count(*) AS n FROM bronze GROUP BY ALL\n"
        "  totals:\n"
        "    from: bronze\n"
        "    aggregate: { key: [sku] }\n"
        "    sql: SELECT sku, count(*) AS n FROM bronze GROUP BY ALL\n"
        "  kept:\n"
        "    sql: SELECT sku, n + 1 AS n FROM totals\n"
        "  lost:\n"
        "    from: totals\n"
        "    sql: SELECT upper(sku) AS name, n FROM totals\n");
    QCOMPARE(found, QStringList({"pipelines/p.yaml:7:10: step 'median': what this SELECT gives of a key cannot be kept as sums; expected one SELECT from the step's input with GROUP BY, "
                                 "and of aggregates count, sum, avg, min, max, bool_and and bool_or, without DISTINCT, ORDER BY, LIMIT and OVER",
                                 "pipelines/p.yaml:11:10: step 'finer': the SELECT does not group by the aggregate's key alone; expected GROUP BY ALL with the columns of `key` and aggregates in the SELECT",
                                 "pipelines/p.yaml:20:10: step 'lost' loses the key 'sku' of the changes that it gets; expected 'sku' in the SELECT, as it is"}));
  }

  void windows_that_keep_their_rows_are_told() {
    const auto checked = sql_check(
        "  bronze: { land: bronze.sales }\n"
        "  sums:\n"
        "    window: { tumbling: 1m, time: sold_at }\n"
        "    sql: SELECT sku, window_start, sum(qty) AS units FROM bronze GROUP BY ALL\n"
        "  stores:\n"
        "    from: bronze\n"
        "    window: { tumbling: 1m, time: sold_at }\n"
        "    sql: SELECT window_start, count(DISTINCT store_id) AS stores FROM bronze GROUP BY ALL\n"
        "  visits:\n"
        "    from: bronze\n"
        "    window: { session: { gap: 1m, key: [store_id] }, time: sold_at }\n"
        "    sql: SELECT store_id, window_start, count(*) AS n FROM bronze GROUP BY ALL\n");
    QVERIFY(checked.problems.empty());
    QCOMPARE(checked.kept_rows.size(), std::size_t{2});
    QVERIFY(checked.kept_rows.at("sales.stores") > 50);
    QVERIFY(checked.kept_rows.at("sales.visits") < 1000);
  }

  void columns_that_an_earlier_step_lost_are_missed_where_they_are_needed() {
    const auto found = sql_problems(
        "  bronze: { land: bronze.sales }\n"
        "  silver:\n"
        "    sql: SELECT event_id, qty FROM bronze\n"
        "    dedupe: { key: event_id, within: 10m, time: sold_at }\n"
        "    mask: [email]\n"
        "  tidy:\n"
        "    from: bronze\n"
        "    sql: SELECT event_id, qty, sku FROM bronze\n"
        "    dedupe: { key: receipt, within: 10m, time: qty }\n"
        "  velocity:\n"
        "    window: { tumbling: 1m, time: sold_at, lateness: 5s }\n"
        "    sql: SELECT sku, count(*) AS n FROM tidy GROUP BY ALL\n"
        "sinks:\n"
        "  - { from: tidy, postgres: { connection: ops, table: gold.tidy, mode: upsert, key: [sku, day] } }\n");
    QCOMPARE(found, QStringList({"pipelines/p.yaml:6:10: step 'silver': mask: there is no column 'email' in the step's output; expected one of event_id, qty",
                                 "pipelines/p.yaml:12:13: dedupe: there is no column 'receipt' in the output of 'tidy'; expected one of event_id, qty, sku, _source, _partition, _offset, _source_time, _ingest_time",
                                 "pipelines/p.yaml:12:13: dedupe: 'qty' is INTEGER, not a time; expected a TIMESTAMPTZ column",
                                 "pipelines/p.yaml:14:13: time: there is no column 'sold_at' in the input of 'velocity'; expected one of event_id, qty, sku, _source, _partition, _offset, _source_time, _ingest_time",
                                 "pipelines/p.yaml:15:10: step 'velocity': the rows of a window do not say which window they are; expected window_start in the SELECT (and in GROUP BY, or GROUP BY ALL)",
                                 "pipelines/p.yaml:17:19: key: there is no column 'day' in the output of 'tidy'; expected one of event_id, qty, sku, _source, _partition, _offset, _source_time, _ingest_time"}));
  }

  void a_step_after_a_broken_one_is_not_blamed() {
    const auto found = sql_problems(
        "  bronze: { sql: SELECT nothing FROM source }\n"
        "  silver: { sql: SELECT anything FROM bronze }\n");
    QCOMPARE(found.size(), 1);
    QVERIFY(found.front().startsWith("pipelines/p.yaml:4:25: step 'bronze': there is no column 'nothing' here"));
  }

  void inputs_unite_by_name() {
    const auto a = test::make_schema({{"id", {TypeKind::varchar}}, {"n", {TypeKind::int32}}});
    const auto b = test::make_schema({{"extra", {TypeKind::date}}, {"id", {TypeKind::varchar}}});
    const auto c = test::make_schema({{"n", {TypeKind::varchar}}});
    QCOMPARE(QString::fromStdString((*united_schema(std::vector{a, b}))->to_string()), QString("id VARCHAR, n INTEGER, extra DATE"));
    QCOMPARE(QString::fromStdString(united_schema(std::vector{a, c}).error().message),
             QString("the inputs do not unite: 'n' is INTEGER in one and VARCHAR in another"));
  }

  void places_in_yaml_data() {
    QTest::addColumn<QString>("scalar");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("place");
    QTest::newRow("plain") << "SELECT é, @x" << "SELECT é, @x" << "1:16";
    QTest::newRow("plain over lines") << "SELECT a,\n     b, @x" << "SELECT a, b, @x" << "2:9";
    QTest::newRow("literal") << "|\n    SELECT a\n\n      FROM @x\n" << "SELECT a\n\n  FROM @x\n" << "4:12";
    QTest::newRow("folded") << ">-   # why\n  SELECT a\n  FROM @x\n" << "SELECT a FROM @x" << "3:8";
    QTest::newRow("single quotes") << "'a = ''b'' AND @x'" << "a = 'b' AND @x" << "1:21";
    QTest::newRow("double quotes") << "\"\\\"a\\\" =\\n \\\n    @x\"" << "\"a\" =\n @x" << "2:5";
    QTest::newRow("another text") << "SELECT b, @x" << "SELECT a, @x" << "1:6";
  }
  void places_in_yaml() {
    QFETCH(QString, scalar);
    QFETCH(QString, text);
    QFETCH(QString, place);
    const auto file = ("sql: " + scalar).toStdString(), sql = text.toStdString();
    const Location found = place_in_yaml(file, {"f", 1, 6}, sql, sql.find('@'));
    QCOMPARE(QString("%1:%2").arg(found.line).arg(found.column), place);
  }

  void what_belongs_together_must_come_to_one_shard() {
    const std::string window = "  bronze: { land: bronze.sales }\n  gold:\n    window: { tumbling: 1m, time: sold_at }\n    sql: SELECT sku, window_start, sum(qty) AS n FROM bronze GROUP BY ALL\n";
    const std::string divided = "stream: sales\nsource: { simulate: { system: pos, partitioned_by: [store_id] } }\nsteps:\n";
    QCOMPARE(sql_problems(window), QStringList());
    QCOMPARE(sql_problems(window + "shards: 4\n"),
             QStringList("pipelines/p.yaml:5:3: step 'gold' puts rows together that may lie in several shards: source 'source' does not say what divides its partitions; "
                         "expected partitioned_by: [column] at the source, or shards: 1"));
    QCOMPARE(sql_problems(window + "shards: 4\n", divided),
             QStringList("pipelines/p.yaml:7:10: step 'gold' gives rows that do not say their 'store_id', which divides the partitions of 'source': each shard would have a row of its own; "
                         "expected 'store_id' in the SELECT and in GROUP BY, or shards: 1"));
    const std::string total = "  bronze: { land: bronze.sales }\n  gold:\n    aggregate: { key: [sku] }\n    sql: SELECT sku, sum(qty) AS n FROM bronze GROUP BY ALL\n";
    QCOMPARE(sql_problems(total + "shards: 4\n", divided),
             QStringList("pipelines/p.yaml:5:3: step 'gold' has a key without 'store_id', which divides the partitions of 'source': each shard would have a row of its own; "
                         "expected 'store_id' in the key, or shards: 1"));
    const auto whole = sql_check("  gold:\n    window: { tumbling: 1m, time: sold_at }\n    sql: SELECT store_id, window_start, sum(qty) AS n FROM source GROUP BY ALL\n    land: gold.n\nshards: 4\n", divided);
    QVERIFY(whole.problems.empty());
    QVERIFY(whole.steps.at("sales.gold")->find("_shard"));
  }

  void the_shipped_workspaces_bind_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("steps");
    QTest::newRow("retail") << "retail" << 37;
    QTest::newRow("minimal") << "minimal" << 3;
  }
  void the_shipped_workspaces_bind() {
    QFETCH(QString, name);
    QFETCH(int, steps);
    const Connector simulate = simulate_connector();
    SettingCatalog catalog = small_catalog();
    catalog.connectors["simulate"] = {.source = simulate.source_settings, .is_source = true};
    Problems unreadable;
    const auto folder = (qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/" + name).toStdString();
    const WorkspaceFiles files = read_workspace_files(folder, unreadable);
    const LoadResult loaded = load_workspace(files, "", catalog);
    QCOMPARE(lines_of(loaded), QStringList());
    const SqlCheck check = check_sql(loaded.workspace, files, [&](const SourceSpec& source) -> Result<SchemaPtr> {
      PENSTOCK_ASSIGN(const Contract contract, load_contract(folder + "/" + source.contract));
      std::vector<Field> fields = contract.schema()->fields();
      for (const auto name : {origin::raw, origin::key}) fields.push_back({std::string(name), {TypeKind::blob}});
      fields.push_back({std::string(origin::headers), {TypeKind::json}});
      fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
      return std::make_shared<const Schema>(std::move(fields));
    });
    QStringList lines;
    for (const Problem& problem : check.problems) lines << QString::fromStdString(problem.to_string());
    QCOMPARE(lines.join('\n'), QString());
    QCOMPARE(static_cast<int>(check.steps.size()), steps);
  }
};

QTEST_GUILESS_MAIN(WorkspaceCheckTest)
#include "workspace_check_test.moc"
