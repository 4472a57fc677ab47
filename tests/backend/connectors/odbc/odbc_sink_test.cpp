#include "connectors/odbc/odbc_sink.h"

#include <QTest>

#include "backend/connectors/odbc/odbc_databases.h"
#include "backend/sql/rows.h"
#include "connectors/odbc/odbc_connector.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;

namespace {

const SchemaPtr kSales = make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
const SchemaPtr kChanges = make_schema({{"sku", {TypeKind::varchar}}, {"_op", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});

Marker marker(const std::string& state = "s1") { return {.state_id = state, .sink = "silver.odbc.sales", .shard = 0, .stream = "sales"}; }

SinkEpoch epoch(std::int64_t number, const std::vector<std::vector<std::string>>& rows, const SchemaPtr& schema = kSales) {
  return {.epoch = number, .rows = {make_batch(schema, rows)}};
}

Status no_rejects(const std::vector<RefusedRow>&) { return Error(ErrorKind::internal, "no row should have been refused"); }

std::string text_of(const Status& status) { return status.ok() ? "ok" : status.error().to_string(); }

}  // namespace

class OdbcSinkTest : public QObject {
  Q_OBJECT

  test::OdbcDatabases databases_;
  int tables_ = 0;
  QString table_, database_;

  void databases() {
    QTest::addColumn<QString>("database");
    for (const char* database : {"postgres", "mariadb"}) QTest::addRow("%s", database) << database;
  }
  QStringList ask(const QString& sql) const { return databases_.ask(database_, sql); }
  std::unique_ptr<Sink> make(std::initializer_list<std::pair<std::string, std::string>> more = {}) {
    Setting settings = test::text_settings({{"table", table_.toStdString()}}).root();
    for (const auto& [key, value] : more) settings.entries.push_back({key, {.kind = Setting::Kind::text, .text = value}});
    auto sink = odbc_connector().make_sink(databases_.connection(database_), Settings(settings), {});
    return sink.ok() ? std::move(*sink) : nullptr;
  }

 private slots:
  void initTestCase() { QCOMPARE(databases_.start(), QString()); }
  void init() {
    table_ = "sales_" + QString::number(++tables_);
    if (QTest::currentDataTag()) database_ = QString::fromUtf8(QTest::currentDataTag()).split(' ').first();
  }

  void aMissingTableIsMadeAndRowsAppendedWithTheirMarker_data() { databases(); }
  void aMissingTableIsMadeAndRowsAppendedWithTheirMarker() {
    auto sink = make();
    const auto opened = sink->open(marker(), kSales);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
    QVERIFY(!*opened);
    QCOMPARE(text_of(sink->deliver({epoch(1, {{"a", "1"}, {"b", "NULL"}}), epoch(2, {{"c", "3"}})}, no_rejects, {})), std::string("ok"));
    SinkEpoch last = epoch(5, {{"it's \\ ü 😀", "4"}});
    last.progress = "here's";
    QCOMPARE(text_of(sink->deliver({last}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT sku, qty FROM " + table_ + " ORDER BY sku"), (QStringList{"a|1", "b|", "c|3", database_ == "mariadb" ? "it's \\\\ ü 😀|4" : "it's \\ ü 😀|4"}));
    QCOMPARE(make()->open(marker(), kSales).value().value(), 5);
    auto again = make();
    QVERIFY(again->open(marker(), kSales).ok());
    QCOMPARE(again->holding()->progress, std::string("here's"));
    QVERIFY(text_of(again->deliver({epoch(5, {{"d", "4"}})}, no_rejects, {})).find("was delivered before") != std::string::npos);
    ask("DELETE FROM penstock_epochs");
  }

  void everyTypeArrivesExactly_data() { databases(); }
  void everyTypeArrivesExactly() {
    const SchemaPtr schema = make_schema({{"b", {TypeKind::boolean}}, {"i", {TypeKind::int32}}, {"l", {TypeKind::int64}}, {"f", {TypeKind::float64}},
                                          {"d", {TypeKind::decimal, 38, 2}}, {"t", {TypeKind::varchar}}, {"j", {TypeKind::json}},
                                          {"y", {TypeKind::blob}}, {"day", {TypeKind::date}}, {"at", {TypeKind::timestamp}}, {"before", {TypeKind::timestamp}}});
    auto sink = make();
    QVERIFY(sink->open(marker(), schema).ok());
    QCOMPARE(text_of(sink->deliver({epoch(1, {{"true", "-2147483648", "9223372036854775807", "0.1", "-12345", "007 ü", "{\"a\": [1]}", "raw", "20000", "1700000000123456", "-1"},
                                              std::vector<std::string>(11, "NULL")}, schema)}, no_rejects, {})), std::string("ok"));
    const QString texts = database_ == "postgres"
                              ? "CASE WHEN b THEN 1 ELSE 0 END, i, l, f, d, t, j, encode(y, 'hex'), day, to_char(at, 'YYYY-MM-DD HH24:MI:SS.US'), to_char(before, 'YYYY-MM-DD HH24:MI:SS.US')"
                              : "b, i, l, f, d, t, j, lower(hex(y)), day, at, \"before\"";
    QCOMPARE(ask("SELECT " + texts + " FROM " + table_ + " WHERE i IS NOT NULL"),
             QStringList{"1|-2147483648|9223372036854775807|0.1|-123.45|007 ü|{\"a\": [1]}|726177|2024-10-04|2023-11-14 22:13:20.123456|1969-12-31 23:59:59.999999"});
    QCOMPARE(ask("SELECT count(*) FROM " + table_ + " WHERE b IS NULL AND i IS NULL AND l IS NULL AND f IS NULL AND d IS NULL AND t IS NULL AND j IS NULL AND y IS NULL AND day IS NULL AND at IS NULL"),
             QStringList{"1"});
    ask("DELETE FROM penstock_epochs");
  }

  void changesAreCarriedOutInOrderOfTheirKeys_data() { databases(); }
  void changesAreCarriedOutInOrderOfTheirKeys() {
    auto sink = make({{"mode", "upsert"}, {"key", "sku"}});
    const auto opened = sink->open(marker(), kChanges);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
    QCOMPARE(text_of(sink->deliver({epoch(1, {{"a", "c", "1"}, {"b", "c", "2"}, {"A", "c", "9"}, {"a", "u", "3"}, {"b", "d", "NULL"}, {"c", "c", "4"}, {"d", "c", "5"}, {"d", "d", "NULL"}, {"d", "c", "6"}}, kChanges)},
                                   no_rejects, {})), std::string("ok"));
    QCOMPARE(text_of(sink->deliver({epoch(2, {{"c", "d", "NULL"}, {"e", "c", "7"}}, kChanges)}, no_rejects, {})), std::string("ok"));
    QStringList found = ask("SELECT sku, qty FROM " + table_);
    found.sort();
    QCOMPARE(found, (QStringList{"A|9", "a|3", "d|6", "e|7"}));
    ask("DELETE FROM penstock_epochs");
  }

  // Found by halves, in calls of many rows; the others go in.
  void aRefusedRowIsLeftOutAlone_data() { databases(); }
  void aRefusedRowIsLeftOutAlone() {
    ask("CREATE TABLE " + table_ + " (sku varchar(4) NOT NULL, qty integer CHECK (qty > 0))");
    auto sink = make({{"array", "100"}});
    const auto opened = sink->open(marker(), kSales);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
    std::vector<std::vector<std::string>> rows;
    for (int i = 0; i < 250; ++i) rows.push_back({i == 17 ? "too long" : "s" + std::to_string(i), i == 130 ? "-1" : std::to_string(i + 1)});
    rows[201][0] = "NULL";
    std::vector<RefusedRow> refused;
    QCOMPARE(text_of(sink->deliver({epoch(3, rows)}, [&](const auto& found) { return refused = found, Status(); }, {})), std::string("ok"));
    QCOMPARE(refused.size(), std::size_t{3});
    QCOMPARE(refused[0].epoch, 3);
    QCOMPARE((std::vector<std::int64_t>{refused[0].row, refused[1].row, refused[2].row}), (std::vector<std::int64_t>{17, 130, 201}));
    for (const RefusedRow& row : refused) QVERIFY(row.reason.size() > 20);
    QCOMPARE(ask("SELECT count(*), count(DISTINCT sku) FROM " + table_), QStringList{"247|247"});
    // A recorder that fails takes everything back.
    QVERIFY(!sink->deliver({epoch(4, {{"too long", "1"}, {"x", "2"}})}, [](const auto&) { return Status(Error(ErrorKind::io, "no")); }, {}).ok());
    QCOMPARE(ask("SELECT count(*) FROM " + table_), QStringList{"247"});
    QCOMPARE(make()->open(marker(), kSales).value().value(), 3);
    ask("DELETE FROM penstock_epochs");
  }

  void whatDoesNotFitIsRefusedBeforeAnyRow_data() { databases(); }
  void whatDoesNotFitIsRefusedBeforeAnyRow() {
    ask("CREATE TABLE " + table_ + " (sku varchar(10), qty varchar(10))");
    QCOMPARE(make()->open(marker(), kSales).error().kind, ErrorKind::failed_precondition);
    ask("DROP TABLE " + table_);
    ask("CREATE TABLE " + table_ + " (sku varchar(10), qty integer, store integer NOT NULL)");
    QVERIFY(make()->open(marker(), kSales).error().message.find("store") != std::string::npos);
    ask("ALTER TABLE " + table_ + " DROP COLUMN store");
    QVERIFY(make()->open(marker(), kSales).ok());
    auto keyed = make({{"mode", "upsert"}, {"key", "sku"}});
    const auto opened = keyed->open(marker(), kSales);
    QVERIFY(!opened.ok() || !keyed->deliver({epoch(1, {{"a", "1"}})}, no_rejects, {}).ok());
    ask("DELETE FROM penstock_epochs");
  }

  void rangesAreReplaced_data() { databases(); }
  void rangesAreReplaced() {
    const SchemaPtr schema = make_schema({{"window_start", {TypeKind::timestamp}}, {"_source", {TypeKind::varchar}}, {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
    auto sink = make();
    QVERIFY(sink->open(marker(), schema).ok());
    QCOMPARE(text_of(sink->deliver({epoch(1, {{"0", "t", "0", "0"}, {"60000000", "t", "0", "1"}, {"120000000", "t", "0", "2"}, {"120000000", "t", "1", "2"}}, schema)}, no_rejects, {})), std::string("ok"));
    SinkEpoch again = epoch(2, {{"60000000", "t", "0", "7"}}, schema);
    again.replaces = {{.column = "window_start", .from = 60'000'000, .until = 120'000'000}, {.column = "_offset", .source = "t", .partition = 0, .from = 2, .until = 3}};
    QCOMPARE(text_of(sink->deliver({again}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT \"_partition\", \"_offset\" FROM " + table_ + " ORDER BY 1, 2"), (QStringList{"0|0", "0|7", "1|2"}));
    ask("DELETE FROM penstock_epochs");
  }

  void anotherStateIsRefusedUntilItTakesOver_data() { databases(); }
  void anotherStateIsRefusedUntilItTakesOver() {
    auto first = make();
    QVERIFY(first->open(marker(), kSales).ok());
    QCOMPARE(text_of(first->deliver({epoch(7, {{"a", "1"}})}, no_rejects, {})), std::string("ok"));
    auto other = make();
    QCOMPARE(other->open(marker("s2"), kSales).error().kind, ErrorKind::failed_precondition);
    QCOMPARE(other->holding()->epoch, 7);
    QCOMPARE(other->holding()->state_id, std::string("s1"));
    auto heir = make({{"take_over", "true"}});
    QVERIFY(!heir->open(marker("s2"), kSales).value());
    QCOMPARE(text_of(heir->deliver({epoch(1, {{"b", "1"}})}, no_rejects, {})), std::string("ok"));
    QCOMPARE(make()->open(marker(), kSales).error().kind, ErrorKind::failed_precondition);
    ask("DELETE FROM penstock_epochs");
  }

  void passwordsAreInNoMessage_data() { databases(); }
  void passwordsAreInNoMessage() {
    auto sink = odbc_connector().make_sink(databases_.connection(database_, "t0p-secret}"), test::text_settings({{"table", "t"}}), {});
    QVERIFY(sink.ok());
    const auto opened = (*sink)->open(marker(), kSales);
    QVERIFY(!opened.ok());
    QVERIFY2(opened.error().to_string().find("t0p-secret") == std::string::npos, opened.error().to_string().c_str());
  }
  void theConnectionIsTried_data() { databases(); }
  void theConnectionIsTried() {
    const auto said = odbc_connector().test_connection(databases_.connection(database_), std::chrono::seconds(5));
    QVERIFY2(said.ok(), said.ok() ? "" : said.error().to_string().c_str());
    QVERIFY(said->find(database_ == "postgres" ? "PostgreSQL" : "MariaDB") == 0);
    QVERIFY(!odbc_connector().test_connection(test::text_settings({{"driver", "No Such Driver"}}), std::chrono::seconds(5)).ok());
  }
};

QTEST_GUILESS_MAIN(OdbcSinkTest)
#include "odbc_sink_test.moc"
