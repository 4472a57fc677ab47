#include "connectors/sqlite/sqlite_sink.h"

#include <QTemporaryDir>
#include <QTest>

#include "backend/connectors/sqlite/sqlite_text.h"
#include "backend/sql/rows.h"
#include "connectors/sqlite/sqlite_connector.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::sqlite_lines;

namespace {

const SchemaPtr kSales = make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
const SchemaPtr kChanges = make_schema({{"sku", {TypeKind::varchar}}, {"_op", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
const Marker kMarker{.state_id = "s1", .sink = "silver.sqlite.sales", .shard = 0, .stream = "sales"};

SinkEpoch epoch(std::int64_t number, const std::vector<std::vector<std::string>>& rows, const SchemaPtr& schema = kSales) {
  return {.epoch = number, .rows = {make_batch(schema, rows)}};
}

Status no_rejects(const std::vector<RefusedRow>&) { return Error(ErrorKind::internal, "no row should have been refused"); }

std::string text_of(const Status& status) { return status.ok() ? "ok" : status.error().message; }

}  // namespace

class SqliteSinkTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> root_;

  std::string file() const { return root_->filePath("new folder/shop.db").toStdString(); }
  SqliteSinkOptions options(std::vector<std::string> key = {}) const { return {.path = file(), .table = "sales", .key = std::move(key)}; }
  QStringList ask(const QString& sql) const { return sqlite_lines(file(), sql); }
  // A file of somebody else's.
  void prepare(const QString& sql) {
    QDir().mkpath(root_->filePath("new folder"));
    QCOMPARE(ask(sql), QStringList());
  }

 private slots:
  void init() { root_ = std::make_unique<QTemporaryDir>(); }

  void aMissingTableIsMadeAndRowsAppendedWithTheirMarker() {
    SqliteSink sink(options());
    const auto opened = sink.open(kMarker, kSales);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
    QVERIFY(!*opened);
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"a", "1"}, {"b", "NULL"}}), epoch(2, {{"c", "3"}})}, no_rejects, {})), std::string("ok"));
    SinkEpoch last = epoch(5, {{"a", "4"}});
    last.progress = "here";
    QCOMPARE(text_of(sink.deliver({last}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT sku, qty FROM sales ORDER BY rowid"), (QStringList{"a|1", "b|", "c|3", "a|4"}));
    QCOMPARE(ask("SELECT marker, stream, epoch, progress FROM penstock_epochs"), QStringList{"s1/silver.sqlite.sales/0|sales|5|here"});
    QCOMPARE(ask("PRAGMA journal_mode"), QStringList{"wal"});

    SqliteSink again(options());
    QCOMPARE(again.open(kMarker, kSales).value().value(), 5);
    QCOMPARE(again.holding()->progress, std::string("here"));
    QCOMPARE(text_of(again.deliver({epoch(5, {{"d", "4"}})}, no_rejects, {})), std::string("epoch 5 was delivered before: the table is at 5"));
  }

  void everyTypeArrivesExactly() {
    const SchemaPtr schema = make_schema({{"b", {TypeKind::boolean}}, {"i", {TypeKind::int32}}, {"l", {TypeKind::int64}}, {"f", {TypeKind::float64}},
                                          {"d", {TypeKind::decimal, 38, 2}}, {"t", {TypeKind::varchar}}, {"j", {TypeKind::json}},
                                          {"y", {TypeKind::blob}}, {"day", {TypeKind::date}}, {"at", {TypeKind::timestamp}}, {"ms", {TypeKind::timestamp}}});
    SqliteSink sink(options());
    QVERIFY(sink.open(kMarker, schema).ok());
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"true", "-2147483648", "9223372036854775807", "0.1", "-12345", "007 ü", "{\"a\": [1]}", "raw", "20000", "1700000000123456", "1700000000123000"},
                                             std::vector<std::string>(11, "NULL")}, schema)}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT b, i, l, f, d, t, j, hex(y), day, at, ms FROM sales WHERE i IS NOT NULL"),
             QStringList{"1|-2147483648|9223372036854775807|0.1|-123.45|007 ü|{\"a\": [1]}|726177|2024-10-04|2023-11-14T22:13:20.123456Z|2023-11-14T22:13:20.123000Z"});
    QCOMPARE(ask("SELECT typeof(b), typeof(i), typeof(l), typeof(f), typeof(d), typeof(t), typeof(j), typeof(y), typeof(day), typeof(at) FROM sales WHERE i IS NOT NULL"),
             QStringList{"integer|integer|integer|real|text|text|text|blob|text|text"});
    QCOMPARE(ask("SELECT count(*) FROM sales WHERE coalesce(b, i, l, f, d, t, j, y, day, at, ms) IS NULL"), QStringList{"1"});
    QCOMPARE(ask("SELECT unixepoch(at) FROM sales WHERE i IS NOT NULL"), QStringList{"1700000000"});
  }

  void changesAreCarriedOutInOrderOfTheirKeys() {
    SqliteSink sink(options({"sku"}));
    QVERIFY(sink.open(kMarker, kChanges).ok());
    QCOMPARE(ask("SELECT name, type, pk FROM pragma_table_info('sales')"), (QStringList{"sku|TEXT|1", "qty|INT|0"}));
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"a", "c", "1"}, {"b", "c", "2"}, {"c", "c", "3"}, {"a", "u", "4"}}, kChanges),
                                   epoch(2, {{"b", "d", "NULL"}, {"c", "d", "NULL"}, {"c", "c", "5"}, {"d", "c", "6"}, {"d", "d", "NULL"}, {"x", "d", "NULL"}}, kChanges)}, no_rejects, {})),
             std::string("ok"));
    QCOMPARE(ask("SELECT sku, qty FROM sales ORDER BY sku"), (QStringList{"a|4", "c|5"}));
    QCOMPARE(text_of(sink.deliver({epoch(3, {{"a", "d", "NULL"}, {"b", "c", "7"}}, kChanges)}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT sku, qty FROM sales ORDER BY sku"), (QStringList{"b|7", "c|5"}));
  }

  void refusedRowsAreLeftOutAloneAndRecordedFirst() {
    prepare("CREATE TABLE sales (sku TEXT PRIMARY KEY, qty INT CHECK (qty < 100)); CREATE TABLE needs (sku TEXT REFERENCES sales); ");
    SqliteSink sink(options({"sku"}));
    QVERIFY(sink.open(kMarker, kChanges).ok());
    std::vector<RefusedRow> refused;
    QStringList seen_when_recorded{"not asked"};
    const auto record = [&](const std::vector<RefusedRow>& rows) {
      refused = rows;
      seen_when_recorded = ask("SELECT sku FROM sales");
      return Status();
    };
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"a", "c", "1"}, {"b", "c", "200"}, {"NULL", "c", "3"}, {"c", "c", "4"}}, kChanges), epoch(2, {{"d", "c", "100"}}, kChanges)}, record, {})),
             std::string("ok"));
    QCOMPARE(seen_when_recorded, QStringList());
    QCOMPARE(refused.size(), std::size_t(3));
    QVERIFY(refused[0].epoch == 1 && refused[0].row == 1 && refused[1].row == 2 && refused[2].epoch == 2 && refused[2].row == 0);
    QCOMPARE(refused[0].reason, std::string("a statement failed: CHECK constraint failed: qty < 100"));
    QCOMPARE(refused[1].reason, std::string("the key column \"sku\" is NULL"));
    QCOMPARE(ask("SELECT sku, qty FROM sales ORDER BY sku"), (QStringList{"a|1", "c|4"}));
    // What something else still needs cannot be removed.
    prepare("INSERT INTO needs VALUES ('a')");
    QCOMPARE(text_of(sink.deliver({epoch(3, {{"a", "d", "NULL"}, {"c", "d", "NULL"}}, kChanges)}, record, {})), std::string("ok"));
    QCOMPARE(refused.size(), std::size_t(1));
    QCOMPARE(refused[0].reason, std::string("a statement failed: FOREIGN KEY constraint failed"));
    QCOMPARE(ask("SELECT sku FROM sales"), QStringList{"a"});

    const auto fails = [](const std::vector<RefusedRow>&) { return Status(Error(ErrorKind::io, "the state is full")); };
    QCOMPARE(text_of(sink.deliver({epoch(4, {{"e", "c", "1"}, {"f", "c", "100"}}, kChanges)}, fails, {})), std::string("the state is full"));
    QCOMPARE(ask("SELECT sku FROM sales"), QStringList{"a"});
    QCOMPARE(ask("SELECT epoch FROM penstock_epochs"), QStringList{"3"});
  }

  void aTableThatDoesNotFitIsRefusedClearly_data() {
    QTest::addColumn<QString>("made");
    QTest::addColumn<bool>("by_key");
    QTest::addColumn<QString>("problem");
    QTest::newRow("column") << "sku TEXT" << false << "the table \"sales\" has no column 'qty'";
    QTest::newRow("type") << "sku INTEGER, qty INT" << false << "the table \"sales\" has 'sku' as INTEGER, which does not take VARCHAR";
    QTest::newRow("text for a number") << "sku TEXT, qty VARCHAR(9)" << false << "the table \"sales\" has 'qty' as VARCHAR(9), which does not take INTEGER";
    QTest::newRow("required") << "sku TEXT, qty INT, store INT NOT NULL" << false << "the table \"sales\" requires a value for 'store', which the rows do not have";
    QTest::newRow("key") << "sku TEXT, qty INT" << true
                         << "the table \"sales\" does not take the rows: a statement does not compile: ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint";
  }
  void aTableThatDoesNotFitIsRefusedClearly() {
    QFETCH(QString, made);
    QFETCH(bool, by_key);
    QFETCH(QString, problem);
    prepare("CREATE TABLE sales (" + made + ")");
    const auto opened = SqliteSink(options(by_key ? std::vector<std::string>{"sku"} : std::vector<std::string>())).open(kMarker, kSales);
    QVERIFY(!opened.ok() && opened.error().kind == ErrorKind::failed_precondition);
    QCOMPARE(QString::fromStdString(opened.error().message), problem);
  }

  void namesAreQuotedAndChecked() {
    const SchemaPtr schema = make_schema({{"o\"dd; name", {TypeKind::int32}}, {"select", {TypeKind::varchar}}});
    SqliteSinkOptions odd = options({"select"});
    odd.table = "sales\"; DROP TABLE x; --";
    SqliteSink sink(odd);
    QVERIFY(sink.open(kMarker, schema).ok());
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"1", "'); --"}}, schema)}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT * FROM \"sales\"\"; DROP TABLE x; --\""), QStringList{"1|'); --"});
    odd.table = "SQLite_master";
    QCOMPARE(SqliteSink(odd).open(kMarker, schema).error().message, std::string("'SQLite_master' cannot be a name in SQLite"));
    QCOMPARE(SqliteSink(options()).open(kMarker, kChanges).error().message, std::string("the table \"sales\" would get changes, which cannot be appended"));
  }

  void aRangeIsReplacedInTheSameTransaction() {
    const SchemaPtr schema = make_schema({{"units", {TypeKind::int32}}, {"window_start", {TypeKind::timestamp}}, {"_source", {TypeKind::varchar}},
                                          {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
    SqliteSink sink(options());
    QVERIFY(sink.open(kMarker, schema).ok());
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"1", "250000", "t", "0", "0"}, {"2", "250123", "t", "0", "1"}, {"3", "251000", "t", "1", "0"}}, schema)}, no_rejects, {})), std::string("ok"));
    SinkEpoch again = epoch(2, {{"20", "250123", "t", "0", "1"}}, schema);
    again.replaces = {{.column = "window_start", .from = 250'123, .until = 250'124}};
    QCOMPARE(text_of(sink.deliver({again}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT units FROM sales ORDER BY units"), (QStringList{"1", "3", "20"}));
    SinkEpoch by_origin = epoch(3, {}, schema);
    by_origin.replaces = {{.column = "_offset", .source = "t", .partition = 0, .from = 0, .until = 2}};
    QCOMPARE(text_of(sink.deliver({by_origin}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT units FROM sales"), QStringList{"3"});
  }

  void newColumnsAndThoseOfBefore() {
    SqliteSink sink(options());
    QVERIFY(sink.open(kMarker, kSales).ok());
    QVERIFY(sink.deliver({epoch(1, {{"a", "1"}})}, no_rejects, {}).ok());
    const SchemaPtr wider = make_schema({{"sku", {TypeKind::varchar}}, {"store", {TypeKind::int64}}, {"qty", {TypeKind::int32}}});
    QCOMPARE(sink.open(kMarker, wider).error().message, std::string("the table \"sales\" has no column 'store'"));
    SqliteSinkOptions evolving = options();
    evolving.adds_columns = true;
    SqliteSink to(evolving);
    QVERIFY(to.open(kMarker, wider).ok());
    QCOMPARE(text_of(to.deliver({epoch(2, {{"b", "2"}}), epoch(3, {{"c", "9", "3"}}, wider)}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT sku, store, qty FROM sales ORDER BY sku"), (QStringList{"a||1", "b||2", "c|9|3"}));
  }

  void anotherStateIsRefusedUntilItTakesOver() {
    Marker other = kMarker;
    other.state_id = "s2";
    SqliteSink first(options());
    QVERIFY(first.open(kMarker, kSales).ok());
    QVERIFY(first.deliver({epoch(7, {{"a", "1"}})}, no_rejects, {}).ok());
    SqliteSink second(options());
    const auto refused = second.open(other, kSales);
    QVERIFY(refused.error().kind == ErrorKind::failed_precondition);
    QCOMPARE(refused.error().message, std::string("the file holds rows up to epoch 7 of another state of stream 'sales' (s1)"));
    QVERIFY(second.holding() && second.holding()->epoch == 7 && second.holding()->state_id == "s1");
    other.take_over = true;
    QVERIFY(!second.open(other, kSales).value());
    QCOMPARE(text_of(second.deliver({epoch(1, {{"b", "2"}})}, no_rejects, {})), std::string("ok"));
    QCOMPARE(text_of(first.deliver({epoch(8, {{"c", "3"}})}, no_rejects, {})), std::string("another state of stream 'sales' has taken this table over"));
    QCOMPARE(ask("SELECT sku FROM sales ORDER BY sku"), (QStringList{"a", "b"}));
  }

  void aFileThatIsNoDatabaseIsNamed() {
    QDir().mkpath(root_->filePath("new folder"));
    QFile text(QString::fromStdString(file()));
    QVERIFY(text.open(QIODevice::WriteOnly) && text.write(QByteArray(5'000, 'x')) == 5'000);
    text.close();
    const auto opened = SqliteSink(options()).open(kMarker, kSales);
    QVERIFY(opened.error().kind == ErrorKind::data_loss);
    QVERIFY(opened.error().to_string().find("shop.db") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(SqliteSinkTest)
#include "sqlite_sink_test.moc"
