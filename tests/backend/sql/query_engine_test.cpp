#include <QFile>
#include <QTest>

#include <QTemporaryDir>
#include <thread>

#include "backend/sql/rows.h"
#include "sql/parquet_files.h"
#include "sql/query_engine.h"

using namespace penstock;
using namespace penstock::test;

namespace {

class FakeTables final : public TableProvider {
 public:
  Result<QueryTable> open(const std::string& name) override {
    const auto found = tables.find(name);
    if (found == tables.end()) return Error(ErrorKind::not_found, "there is no table '" + name + "'");
    return found->second;
  }
  Result<QueryTable> open_path(const std::string& path) override {
    if (path != "/tables/silver/sales") return Error(ErrorKind::permission_denied, path + " is not below the tables root");
    return open("silver.sales");
  }
  Result<QueryTable> open_past(const std::string& name, bool is_path, const TableMoment& moment) override {
    const bool is_first = std::holds_alternative<std::int64_t>(moment) ? std::get<std::int64_t>(moment) == 0 : to_micros(std::get<Timestamp>(moment)) == 1'000'000;
    if (!is_first) return Error(ErrorKind::not_found, "there is no such version of " + name);
    PENSTOCK_ASSIGN(QueryTable table, is_path ? open_path(name) : open(name));
    table.files.resize(1);
    table.tail.clear();
    return table;
  }
  std::vector<std::string> names() override {
    std::vector<std::string> names;
    for (const auto& [name, table] : tables) names.push_back(name);
    return names;
  }
  std::map<std::string, QueryTable> tables;
};

struct Answer {
  QStringList lines;
  QString columns;
  std::vector<std::int64_t> pages;
  Result<QueryOutcome> outcome = QueryOutcome{};
};

}  // namespace

class QueryEngineTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    const auto sales = make_schema({{"id", {TypeKind::int64}}, {"sku", {TypeKind::varchar}}, {"doc", {TypeKind::json}}, {"at", {TypeKind::timestamp}}});
    const auto older = make_schema({{"id", {TypeKind::int32}}, {"sku", {TypeKind::varchar}}});
    auto parquet = std::move(make_parquet_files()).value();
    QVERIFY(parquet->write({make_batch(older, {{"1", "tea"}, {"2", "milk"}})}, older, path("1.parquet")).ok());
    QVERIFY(parquet->write({make_batch(sales, {{"3", "egg", "{\"a\":[1]}", "5000000"}})}, sales, path("2.parquet")).ok());
    tables_.tables["silver.sales"] = {.schema = sales, .files = {{path("1.parquet"), {}}, {path("2.parquet"), {}}},
                                      .tail = {make_batch(sales, {{"4", "NULL", "NULL", "6000000"}})}};
    const auto daily = make_schema({{"id", {TypeKind::int64}}, {"sku", {TypeKind::varchar}}, {"day", {TypeKind::date}}});
    tables_.tables["gold.daily"] = {.schema = daily, .files = {{path("1.parquet"), {{"day", "2026-11-20"}}}, {path("2.parquet"), {{"day", std::nullopt}}}}};
    tables_.tables["sales.velocity"] = {.schema = older, .tail = {make_batch(older, {{"9", "open"}})}};
    tables_.tables["gold.empty"] = {.schema = older};
    QFile seed(QString::fromStdString(path("stores.csv")));
    QVERIFY(seed.open(QIODevice::WriteOnly));
    seed.write("id,city\n1,Lyon\n");
    tables_.tables["ref.stores"] = {.csv = path("stores.csv")};
  }

  void tables_are_their_files_and_their_tail() {
    QCOMPARE(ask("SELECT * FROM silver.sales").lines,
             QStringList({"1|tea|NULL|NULL", "2|milk|NULL|NULL", "3|egg|{\"a\":[1]}|1970-01-01T00:00:05.000Z", "4|NULL|NULL|1970-01-01T00:00:06.000Z"}));
    QCOMPARE(ask("SELECT count(*), sum(id), max(\"at\") FROM silver.sales").lines, QStringList("4|10|1970-01-01T00:00:06.000Z"));
    QCOMPARE(ask("SELECT * FROM gold.daily ORDER BY id").lines, QStringList({"1|tea|2026-11-20", "2|milk|2026-11-20", "3|egg|NULL"}));
    QCOMPARE(ask("SELECT v.sku FROM sales.velocity v").lines, QStringList("open"));
    QCOMPARE(ask("SELECT count(*) FROM gold.empty").lines, QStringList("0"));
    QCOMPARE(ask("SELECT s.sku, r.city FROM silver.sales s JOIN ref.stores r USING (id)").lines, QStringList("tea|Lyon"));
    QCOMPARE(ask("SELECT count(*) FROM delta_scan('/tables/silver/sales') AS d WHERE d.id > 1").lines, QStringList("3"));
    QCOMPARE(ask("WITH c AS (SELECT id FROM silver.sales) SELECT max(id) FROM c").lines, QStringList("4"));
    QCOMPARE(ask("SELECT 1 + 1 AS two").lines, QStringList("2"));
    QCOMPARE(ask("SELECT id FROM silver.sales WHERE id < 3 UNION ALL SELECT id FROM gold.daily WHERE id = 3 ORDER BY id DESC").lines, QStringList({"3", "2", "1"}));
  }

  void windows_that_came_anew_hide_their_rows_in_files() {
    const auto gold = make_schema({{"window_start", {TypeKind::timestamp}}, {"units", {TypeKind::int64}}});
    auto parquet = std::move(make_parquet_files()).value();
    QVERIFY(parquet->write({make_batch(gold, {{"0", "1"}, {"60000000", "2"}, {"60000000", "3"}, {"NULL", "4"}})}, gold, path("3.parquet")).ok());
    tables_.tables["gold.units"] = {.schema = gold, .files = {{path("3.parquet"), {}}}, .tail = {make_batch(gold, {{"60000000", "9"}})}, .replaced_windows = {{60'000'000}, {120'000'000}}};
    QCOMPARE(ask("SELECT units FROM gold.units ORDER BY units").lines, QStringList({"1", "4", "9"}));
    tables_.tables["gold.units"].tail.clear();
    QCOMPARE(ask("SELECT units FROM gold.units ORDER BY units").lines, QStringList({"1", "4"}));
  }

  void values_that_no_column_has_are_json_or_text() {
    const auto answer = ask("SELECT [1, 2] AS l, {'a': 1} AS s, INTERVAL 1 DAY AS i, '00000000-0000-0000-0000-000000000001'::UUID AS u, TIME '10:00:00' AS t, 1 AS l");
    QCOMPARE(answer.columns, QString("l JSON, s JSON, i VARCHAR, u VARCHAR, t VARCHAR, l_2 INTEGER"));
    QCOMPARE(answer.lines, QStringList("[1,2]|{\"a\":1}|1 day|00000000-0000-0000-0000-000000000001|10:00:00|1"));
  }

  void rows_are_limited_skipped_and_paged() {
    QueryLimits limits{.rows = 2'500, .page_rows = 1'000};
    auto answer = ask("SELECT range AS n FROM range(100000) ORDER BY n DESC", limits);
    QCOMPARE(answer.pages, (std::vector<std::int64_t>{1'000, 1'000, 48, 452}));
    QCOMPARE(answer.lines.front(), "99999");
    QCOMPARE(answer.lines.back(), "97500");
    QCOMPARE(answer.outcome->rows, 2'500);
    QVERIFY(answer.outcome->truncated);
    limits.skip_rows = 99'990;
    answer = ask("SELECT range AS n FROM range(100000)", limits);
    QCOMPARE(answer.lines.size(), 10);
    QCOMPARE(answer.lines.front(), "99990");
    QVERIFY(!answer.outcome->truncated);
    limits = {.rows = 3};
    answer = ask("SELECT range AS n FROM range(10) ORDER BY n DESC LIMIT 5", limits);
    QCOMPARE(answer.lines, QStringList({"9", "8", "7"}));
    QVERIFY(answer.outcome->truncated);
    answer = ask("SELECT range AS n FROM range(10) LIMIT 3", limits);
    QVERIFY(!answer.outcome->truncated);
  }

  void columns_come_even_without_rows() {
    const auto answer = ask("SELECT id, sku FROM silver.sales WHERE false");
    QCOMPARE(answer.columns, QString("id BIGINT, sku VARCHAR"));
    QVERIFY(answer.lines.isEmpty());
  }

  void what_is_closed_is_refused_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* sql, const char* error) { QTest::newRow(sql) << sql << error; };
    row("SELECT * FROM read_csv('/etc/passwd')", "1:15: read_csv() is closed to queries");
    row("SELECT * FROM read_text('/etc/passwd')", "1:15: read_text() is closed to queries");
    row("SELECT * FROM '/etc/passwd'", "there is no table '/etc/passwd'");
    row("SELECT * FROM glob('/*')", "glob() is closed to queries");
    row("SELECT * FROM duckdb_settings()", "duckdb_settings() is closed to queries");
    row("SELECT * FROM duckdb_secrets", "there is no table 'duckdb_secrets'");
    row("SELECT * FROM information_schema.tables", "there is no table 'information_schema.tables'");
    row("SELECT * FROM system.information_schema.tables", "a table is named layer.name");
    row("SELECT current_setting('memory_limit')", "current_setting() is closed to queries");
    row("SELECT * FROM query('SELECT 1')", "query() is closed to queries");
    row("SELECT * FROM query_table(['silver.sales'])", "query_table() is closed to queries");
    row("SELECT (SELECT max(x) FROM read_parquet('/x') AS t(x))", "read_parquet() is closed to queries");
    row("SELECT * FROM delta_scan('/etc')", "/etc is not below the tables root");
    row("SELECT * FROM delta_scan('/tables/' || 'silver')", "delta_scan() takes one path in quotes");
    row("DESCRIBE silver.sales", "DESCRIBE, SHOW and SUMMARIZE are closed to queries");
    row("SET memory_limit = '10GB'", "exactly one SELECT is expected here");
    row("COPY (SELECT 1) TO '/tmp/x'", "exactly one SELECT is expected here");
    row("ATTACH '/tmp/x.db'", "exactly one SELECT is expected here");
    row("INSTALL httpfs", "exactly one SELECT is expected here");
    row("DROP TABLE x", "exactly one SELECT is expected here");
    row("SELECT 1; SELECT 2", "exactly one SELECT is expected here");
    row("", "exactly one SELECT is expected here");
    row("SELECT ?", "a parameter has no value here");
    row("SELECT * FROM silver.sale", "1:15: there is no table 'silver.sale' (did you mean 'silver.sales'?)");
    row("SELECT id,\n skuu FROM silver.sales", "2:2: Referenced column \"skuu\" not found in FROM clause (did you mean 'sku'?)");
    row("SELECT id FRM silver.sales", "1:15: syntax error at or near \"silver\"");
    row("SELECT 'a'::INT", "Could not convert string 'a' to INT32");
  }
  void what_is_closed_is_refused() {
    QFETCH(QString, sql);
    QFETCH(QString, error);
    const auto answer = ask(sql.toStdString());
    QVERIFY2(!answer.outcome.ok(), "it was answered");
    const auto text = QString::fromStdString(answer.outcome.error().to_string());
    QVERIFY2(text.contains(error), qPrintable(text));
  }

  void a_query_without_end_is_stopped_when_its_time_is_up() {
    const auto answer = ask("SELECT count(*) FROM range(100000000000) a, range(1000000) b", {.time = std::chrono::milliseconds(100)});
    QVERIFY(!answer.outcome.ok());
    QCOMPARE(answer.outcome.error().kind, ErrorKind::deadline_exceeded);
  }

  void a_query_is_cancelled_from_another_thread() {
    CancellationSource source;
    std::atomic<bool> begun = false;
    std::jthread other([&] {
      begun.wait(false);
      source.request_stop();
    });
    const auto outcome = QueryEngine(tables_).run("SELECT count(*) FROM range(100000000000) a, range(1000000) b", {.time = std::chrono::minutes(10)},
                                                  source.get_token(), [&](const SchemaPtr&) {
                                                    begun = true;
                                                    begun.notify_all();
                                                    return Status();
                                                  }, [](const Batch&) { return Status(); });
    begun = true;
    begun.notify_all();
    QVERIFY(!outcome.ok());
    QCOMPARE(outcome.error().kind, ErrorKind::cancelled);
  }

  void cancelling_between_pages_ends_the_query() {
    CancellationSource source;
    std::int64_t pages = 0;
    const auto outcome = QueryEngine(tables_).run("SELECT range FROM range(50000)", {}, source.get_token(), [](const SchemaPtr&) { return Status(); },
                                                  [&](const Batch&) {
                                                    if (++pages == 2) source.request_stop();
                                                    return Status();
                                                  });
    QVERIFY(!outcome.ok());
    QCOMPARE(outcome.error().kind, ErrorKind::cancelled);
    QCOMPARE(pages, 2);
  }

  void memory_is_bounded() {
    const auto answer = ask("SELECT list(range) FROM range(100000000)", {.memory_bytes = 32 << 20});
    QVERIFY(!answer.outcome.ok());
    QCOMPARE(answer.outcome.error().kind, ErrorKind::resource_exhausted);
    QCOMPARE(QString::fromStdString(answer.outcome.error().message), QString("the query needs more than its 32 MiB of memory"));
  }

  void queries_run_side_by_side() {
    std::atomic<int> right = 0;
    {
      std::vector<std::jthread> threads;
      for (int n = 0; n < 4; ++n) {
        threads.emplace_back([&] { right += ask("SELECT sum(id) FROM silver.sales").lines == QStringList("10"); });
      }
    }
    QCOMPARE(right.load(), 4);
  }

 private:
  std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }

  Answer ask(const std::string& sql, const QueryLimits& limits = {}, Cancellation cancellation = {}) {
    Answer answer;
    answer.outcome = QueryEngine(tables_).run(
        sql, limits, cancellation,
        [&](const SchemaPtr& schema) {
          answer.columns = QString::fromStdString(schema->to_string());
          return Status();
        },
        [&](const Batch& page) {
          answer.pages.push_back(page.rows());
          answer.lines << lines(page);
          return Status();
        });
    if (!answer.outcome.ok()) qInfo().noquote() << QString::fromStdString(answer.outcome.error().to_string());
    return answer;
  }

  QTemporaryDir folder_;
  FakeTables tables_;
};

QTEST_APPLESS_MAIN(QueryEngineTest)
#include "query_engine_test.moc"
