#include "engine/query_tables.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

#include "backend/sql/rows.h"
#include "connectors/delta/delta_sink.h"
#include "connectors/delta/log.h"
#include "sql/parquet_files.h"
#include "support/fake_pods.h"

namespace penstock {

using test::make_batch;
using test::make_schema;

const SchemaPtr kChanges = make_schema({{"sku", {TypeKind::varchar}}, {"store", {TypeKind::int32}}, {"note", {TypeKind::json}}, {"qty", {TypeKind::int32}}, {"_op", {TypeKind::varchar}}});
const Marker kMarker{.state_id = "s", .sink = "totals.delta.gold.stock", .shard = 0, .stream = "stock"};

// A query sees a table with changes as if all that waits in the pod were merged already.
class QueryTablesTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  AppliedWorkspace applied_;
  std::shared_ptr<test::FakePodLink> pod_ = std::make_shared<test::FakePodLink>();

  QStringList ask(const std::string& sql) {
    auto parquet = make_parquet_files();
    QueryTables tables(applied_, folder_.path().toStdString(), [this](const std::string&) { return std::vector<std::shared_ptr<PodLink>>{pod_}; }, std::move(*parquet));
    QStringList rows;
    const auto done = QueryEngine(tables).run(sql, {}, {}, [](const SchemaPtr&) { return Status(); }, [&](const Batch& batch) {
      rows << test::lines(batch);
      return Status();
    });
    return done.ok() ? rows : QStringList{QString::fromStdString(done.error().to_string())};
  }

  static PodTailPart part(std::int64_t epoch, const std::vector<std::vector<std::string>>& rows) {
    return {.marker = kMarker.to_string(), .epoch = epoch, .rows = make_batch(kChanges, rows)};
  }

 private slots:
  void initTestCase() {
    auto workspace = std::make_shared<Workspace>();
    StreamSpec stream{.name = "stock"};
    stream.sinks.push_back({.name = kMarker.sink, .from = "totals", .kind = "delta", .table = "gold.stock", .mode = WriteMode::upsert, .key = {"sku", "store"}});
    stream.sinks.push_back({.name = "w", .from = "totals", .kind = "delta", .table = "gold.windows", .mode = WriteMode::upsert, .key = {"sku", "window_start"}});
    workspace->streams.push_back(stream);
    applied_.set({.workspace = workspace, .number = 1});
  }

  void rows_are_there_before_the_first_merge() {
    pod_->tail = {part(1, {{"a", "1", "{}", "5", "c"}, {"b", "1", "NULL", "6", "c"}}), part(2, {{"a", "1", "{\"x\":1}", "7", "u"}, {"b", "1", "NULL", "NULL", "d"}})};
    QCOMPARE(ask("SELECT * FROM gold.stock ORDER BY ALL"), QStringList{"a|1|{\"x\":1}|7"});
  }

  void what_waits_takes_the_place_of_what_is_merged() {
    auto parquet = make_parquet_files();
    DeltaSinkOptions options;
    options.folder = folder_.filePath("gold/stock").toStdString();
    options.key = {"sku", "store"};
    DeltaSink sink(options, parquet->get(), &Clock::system());
    QVERIFY(sink.open(kMarker, kChanges).ok());
    const auto merge = [&](std::int64_t epoch, const std::vector<std::vector<std::string>>& rows) {
      QVERIFY(sink.deliver({{.epoch = epoch, .rows = {make_batch(kChanges, rows)}}}, [](const auto&) { return Status(); }, {}).ok());
    };
    merge(1, {{"a", "1", "{}", "5", "c"}, {"b", "1", "NULL", "6", "c"}, {"NULL", "2", "NULL", "1", "c"}, {"c", "1", "[2]", "3", "c"}});
    pod_->tail = {};
    QCOMPARE(ask("SELECT sku, qty, note FROM gold.stock ORDER BY ALL"), (QStringList{"a|5|{}", "b|6|NULL", "c|3|[2]", "NULL|1|NULL"}));
    // The first is merged by now; the last two wait.
    pod_->tail = {part(1, {{"a", "1", "{}", "5", "c"}}), part(2, {{"a", "1", "[7]", "7", "u"}, {"NULL", "2", "NULL", "2", "u"}, {"d", "1", "NULL", "1", "c"}}),
                  part(3, {{"b", "1", "NULL", "NULL", "d"}, {"d", "1", "NULL", "4", "u"}})};
    const QStringList all{"a|7|[7]", "c|3|[2]", "d|4|NULL", "NULL|2|NULL"};
    QCOMPARE(ask("SELECT sku, qty, note FROM gold.stock ORDER BY ALL"), all);
    QCOMPARE(ask("SELECT count(*), sum(qty) FROM gold.stock"), QStringList{"4|16"});
    // A row that only a removal waits for.
    pod_->tail = {part(2, {{"c", "1", "NULL", "NULL", "d"}})};
    QCOMPARE(ask("SELECT sku FROM gold.stock ORDER BY ALL"), (QStringList{"a", "b", "NULL"}));
  }

  // A window that came anew takes what its earlier rows were along, also those that wait before it.
  void windows_that_came_anew_hide_what_waited_before() {
    const SchemaPtr schema = make_schema({{"sku", {TypeKind::varchar}}, {"window_start", {TypeKind::timestamp}}, {"qty", {TypeKind::int32}}, {"_op", {TypeKind::varchar}}});
    const auto rows = [&](std::int64_t epoch, const std::vector<std::vector<std::string>>& of) {
      return PodTailPart{.marker = kMarker.to_string(), .epoch = epoch, .rows = make_batch(schema, of)};
    };
    pod_->tail = {rows(1, {{"a", "0", "1", "c"}, {"a", "60", "2", "c"}, {"b", "60", "3", "c"}}),
                  {.marker = kMarker.to_string(), .epoch = 2, .replaced_windows = {60}}, rows(2, {{"a", "60", "4", "c"}})};
    QCOMPARE(ask("SELECT sku, qty FROM gold.windows ORDER BY ALL"), (QStringList{"a|1", "a|4"}));
  }

  void a_table_is_seen_as_it_was() {
    auto parquet = make_parquet_files();
    const SchemaPtr schema = make_schema({{"id", {TypeKind::int32}}});
    ManualClock clock(from_micros(1'790'000'000'000'000));
    DeltaSinkOptions options;
    options.folder = folder_.filePath("silver/sales").toStdString();
    DeltaSink sink(options, parquet->get(), &clock);
    QVERIFY(sink.open({.state_id = "s", .sink = "silver.delta", .stream = "x"}, schema).ok());
    for (int number = 0; number < 40; ++number) {
      QVERIFY(sink.deliver({{.epoch = number + 1, .rows = {make_batch(schema, {{std::to_string(number)}})}}}, [](const auto&) { return Status(); }, {}).ok());
      clock.advance(std::chrono::minutes(1));
    }
    pod_->tail = {};
    QCOMPARE(ask("SELECT count(*) FROM silver.sales"), QStringList{"40"});
    QCOMPARE(ask("SELECT max(id), count(*) FROM silver.sales AT (VERSION => 4)"), QStringList{"4|5"});
    QCOMPARE(ask("SELECT count(*) FROM silver.sales AS now JOIN silver.sales AS first AT (VERSION => 0) USING (id)"), QStringList{"1"});
    QCOMPARE(ask("SELECT sales.id FROM silver.sales AT (VERSION => 1) ORDER BY ALL"), (QStringList{"0", "1"}));
    QCOMPARE(ask("SELECT count(*) FROM delta_scan('silver/sales')"), QStringList{"40"});
    // The second commit came a minute after the first.
    const std::string between = to_iso8601(from_micros(1'790'000'000'000'000 + 90'000'000));
    QCOMPARE(ask("SELECT count(*) FROM silver.sales AT (TIMESTAMP => '" + between + "')"), QStringList{"2"});
    const auto fails = [&](const std::string& sql, const QString& part) {
      const QStringList said = ask(sql);
      QVERIFY2(said.size() == 1 && said.front().contains(part), qPrintable(said.join(" / ")));
    };
    fails("SELECT * FROM silver.sales AT (VERSION => 99)", "version 99 is not there yet: the newest is 40");
    fails("SELECT * FROM silver.sales AT (TIMESTAMP => '2020-01-01T00:00:00Z')", "does not go back to 2020-01-01");
    fails("SELECT * FROM silver.sales AT (VERSION => 'x')", "AT takes (VERSION => 12)");
    fails("SELECT * FROM stock.totals AT (VERSION => 1)", "has no versions");
    fails("WITH w AS (SELECT 1) SELECT * FROM w AT (VERSION => 1)", "AT is for tables");
    // Files that were put together into one are removed after a while.
    for (const auto& entry : std::filesystem::directory_iterator(options.folder))
      if (entry.path().filename().string().starts_with("part-") && delta::DeltaLog(options.folder, parquet->get()).read().value().removed.contains(entry.path().filename().string()))
        std::filesystem::remove(entry.path());
    fails("SELECT * FROM silver.sales AT (VERSION => 4)", "version 4 cannot be read any more: some of its files were removed");
    fails("SELECT * FROM silver.sales AT (VERSION => 4)", "versions 32 to 40 are held");
    QCOMPARE(ask("SELECT count(*) FROM silver.sales AT (VERSION => 40)"), QStringList{"40"});
  }

  void a_divided_table_shows_its_columns() {
    auto parquet = make_parquet_files();
    const SchemaPtr schema = make_schema({{"region", {TypeKind::varchar}}, {"id", {TypeKind::int32}}, {"day", {TypeKind::date}}});
    DeltaSinkOptions options;
    options.folder = folder_.filePath("silver/divided").toStdString();
    options.partition_by = {"region", "day"};
    DeltaSink sink(options, parquet->get(), &Clock::system());
    QVERIFY(sink.open({.state_id = "s", .sink = "silver.delta", .stream = "x"}, schema).ok());
    const auto rows = make_batch(schema, {{"u/k 1%", "1", "0"}, {"NULL", "2", "NULL"}, {"fr", "3", "1"}, {"u/k 1%", "4", "0"}});
    QVERIFY(sink.deliver({{.epoch = 1, .rows = {rows}}}, [](const auto&) { return Status(); }, {}).ok());
    pod_->tail = {};
    QCOMPARE(ask("SELECT region, id, day FROM silver.divided ORDER BY id"),
             (QStringList{"u/k 1%|1|1970-01-01", "NULL|2|NULL", "fr|3|1970-01-02", "u/k 1%|4|1970-01-01"}));
  }
};

}  // namespace penstock

QTEST_GUILESS_MAIN(penstock::QueryTablesTest)
#include "query_tables_test.moc"
