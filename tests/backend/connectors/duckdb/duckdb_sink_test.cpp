#include "connectors/duckdb/duckdb_sink.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "backend/connectors/duckdb/duckdb_lines.h"
#include "connectors/duckdb/duckdb_connector.h"

using namespace penstock;
using penstock::test::duckdb_lines;
using penstock::test::make_batch;
using penstock::test::make_schema;

namespace {

const SchemaPtr kSales = make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
const SchemaPtr kChanges = make_schema({{"sku", {TypeKind::varchar}}, {"_op", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
const Marker kMarker{.state_id = "s1", .sink = "silver.duckdb.sales", .shard = 0, .stream = "sales"};

SinkEpoch epoch(std::int64_t number, const std::vector<std::vector<std::string>>& rows, const SchemaPtr& schema = kSales) {
  return {.epoch = number, .rows = {make_batch(schema, rows)}};
}

Status no_rejects(const std::vector<RefusedRow>&) { return Error(ErrorKind::internal, "no row should have been refused"); }

std::string text_of(const Status& status) { return status.ok() ? "ok" : status.error().message; }

}  // namespace

class DuckDbSinkTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> root_;

  std::string file() const { return root_->filePath("new folder/shop.duckdb").toStdString(); }
  DuckDbSinkOptions options(std::vector<std::string> key = {}) const { return {.path = file(), .table = "sales", .key = std::move(key)}; }
  QStringList ask(const QString& sql) const { return duckdb_lines(file(), sql); }

 private slots:
  void init() { root_ = std::make_unique<QTemporaryDir>(); }

  void aMissingTableIsMadeAndRowsAppendedWithTheirMarker() {
    DuckDbSink sink(options());
    const auto opened = sink.open(kMarker, kSales);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
    QVERIFY(!*opened);
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"a", "1"}, {"b", "NULL"}}), epoch(2, {{"c", "3"}})}, no_rejects, {})), std::string("ok"));
    SinkEpoch last = epoch(5, {{"a", "4"}});
    last.progress = "it\x27s here";
    QCOMPARE(text_of(sink.deliver({last}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT sku, qty FROM sales ORDER BY rowid"), (QStringList{"a|1", "b|NULL", "c|3", "a|4"}));
    QCOMPARE(ask("SELECT state_id, place, stream, epoch, retired, progress FROM penstock_epochs"), QStringList{"s1|silver.duckdb.sales/0|sales|5|false|it\x27s here"});
    DuckDbSink again(options());
    QCOMPARE(again.open(kMarker, kSales).value().value(), 5);
    QCOMPARE(again.holding()->progress, std::string("it\x27s here"));
    QVERIFY(!again.deliver({epoch(5, {{"d", "4"}})}, no_rejects, {}).ok());
  }

  void everyTypeArrivesExactly() {
    const SchemaPtr schema = make_schema({{"b", {TypeKind::boolean}}, {"i", {TypeKind::int32}}, {"l", {TypeKind::int64}}, {"f", {TypeKind::float64}}, {"d", {TypeKind::decimal, 38, 2}},
                                          {"t", {TypeKind::varchar}}, {"j", {TypeKind::json}}, {"y", {TypeKind::blob}}, {"day", {TypeKind::date}}, {"moment", {TypeKind::timestamp}}});
    DuckDbSink sink(options());
    QVERIFY(sink.open(kMarker, schema).ok());
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"true", "-2147483648", "9223372036854775807", "0.1", "-12345", "007 \xc3\xbc", "{\"a\": [1]}", "raw", "20000", "1700000000123456"}, std::vector<std::string>(10, "NULL")}, schema)},
                                  no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT b, i, l, f, d, t, j->>\x27$.a[0]\x27, hex(y), day, epoch_us(moment) FROM sales WHERE i IS NOT NULL"),
             QStringList{QString::fromUtf8("true|-2147483648|9223372036854775807|0.1|-123.45|007 \xc3\xbc|1|726177|2024-10-04|1700000000123456")});
    QCOMPARE(ask("SELECT data_type FROM duckdb_columns() WHERE table_name = \x27sales\x27 ORDER BY column_index"),
             (QStringList{"BOOLEAN", "INTEGER", "BIGINT", "DOUBLE", "DECIMAL(38,2)", "VARCHAR", "JSON", "BLOB", "DATE", "TIMESTAMP WITH TIME ZONE"}));
  }

  void changesAreCarriedOutInOrderOfTheirKeys() {
    DuckDbSink sink(options({"sku"}));
    QVERIFY(sink.open(kMarker, kChanges).ok());
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"a", "c", "1"}, {"b", "c", "2"}, {"c", "c", "3"}, {"a", "u", "4"}}, kChanges),
                                   epoch(2, {{"b", "d", "NULL"}, {"c", "d", "NULL"}, {"c", "c", "5"}, {"d", "c", "6"}, {"d", "d", "NULL"}, {"x", "d", "NULL"}}, kChanges)}, no_rejects, {})),
             std::string("ok"));
    QCOMPARE(ask("SELECT sku, qty FROM sales ORDER BY sku"), (QStringList{"a|4", "c|5"}));
  }

  void refusedRowsAreFoundAndTheRestGoesIn() {
    QVERIFY(QDir().mkpath(root_->filePath("new folder")));
    QCOMPARE(ask("CREATE TABLE sales (sku VARCHAR NOT NULL, qty INTEGER CHECK (qty > 0))"), QStringList());
    DuckDbSink sink(options());
    QVERIFY(sink.open(kMarker, kSales).ok());
    std::vector<RefusedRow> refused;
    std::vector<std::vector<std::string>> rows;
    for (int number = 1; number <= 100; ++number) rows.push_back({"s" + std::to_string(number), std::to_string(number)});
    rows[17][1] = "0";
    rows[99][0] = "NULL";
    const auto record = [&](const std::vector<RefusedRow>& these) {
      refused = these;
      return Status();
    };
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"first", "1"}}), epoch(2, rows)}, record, {})), std::string("ok"));
    QCOMPARE(refused.size(), std::size_t(2));
    QVERIFY(refused[0].epoch == 2 && refused[0].row == 17 && refused[1].row == 99);
    QVERIFY2(refused[0].reason.find("CHECK") != std::string::npos, refused[0].reason.c_str());
    QCOMPARE(ask("SELECT count(*), sum(qty) FROM sales"), QStringList{QString("99|%1").arg(1 + 5050 - 18 - 100)});
    // NULL is no key.
    DuckDbSinkOptions keyed = options({"sku"});
    keyed.table = "keyed";
    DuckDbSink upserting(keyed);
    QVERIFY(upserting.open({.state_id = "s1", .sink = "k", .shard = 0, .stream = "sales"}, kSales).ok());
    refused.clear();
    QCOMPARE(text_of(upserting.deliver({epoch(1, {{"NULL", "1"}, {"a", "2"}})}, record, {})), std::string("ok"));
    QVERIFY(refused.size() == 1 && refused[0].row == 0);
    QCOMPARE(ask("SELECT * FROM keyed"), QStringList{"a|2"});
  }

  void aRangeIsReplacedInTheSameTransaction() {
    const SchemaPtr schema = make_schema({{"qty", {TypeKind::int32}}, {"window_start", {TypeKind::timestamp}}, {"_source", {TypeKind::varchar}}, {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
    DuckDbSink sink(options());
    QVERIFY(sink.open(kMarker, schema).ok());
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"1", "0", "t", "0", "0"}, {"2", "60", "t", "0", "1"}, {"3", "60", "t", "1", "1"}}, schema)}, no_rejects, {})), std::string("ok"));
    SinkEpoch by_window = epoch(2, {{"4", "60", "t", "0", "7"}}, schema), by_origin = epoch(3, {{"5", "0", "t", "0", "0"}}, schema);
    by_window.replaces = {{.column = "window_start", .from = 60, .until = 61}};
    by_origin.replaces = {{.column = "_offset", .source = "t", .partition = 0, .from = 0, .until = 1}};
    QCOMPARE(text_of(sink.deliver({by_window, by_origin}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT qty FROM sales ORDER BY qty"), (QStringList{"4", "5"}));
  }

  void aSchemaMayHaveTheNameOfTheFile() {
    DuckDbSinkOptions of_schema = options();
    of_schema.table = "shop.sales";
    DuckDbSink sink(of_schema);
    QVERIFY(sink.open(kMarker, kSales).ok());
    QCOMPARE(text_of(sink.deliver({epoch(1, {{"a", "1"}})}, no_rejects, {})), std::string("ok"));
    QCOMPARE(ask("SELECT * FROM shop.shop.sales"), QStringList{"a|1"});
  }

  void aTableThatDoesNotFitIsRefused() {
    QVERIFY(QDir().mkpath(root_->filePath("new folder")));
    QCOMPARE(ask("CREATE TABLE sales (sku INTEGER, qty INTEGER)"), QStringList());
    DuckDbSink sink(options());
    const auto refused = sink.open(kMarker, kSales);
    QVERIFY(!refused.ok() && refused.error().kind == ErrorKind::failed_precondition);
    DuckDbSinkOptions changes = options();
    changes.table = "other";
    QVERIFY(!DuckDbSink(changes).open(kMarker, kChanges).ok());
    // Nothing of what was refused is left behind.
    QCOMPARE(ask("SELECT count(*) FROM duckdb_tables() WHERE table_name <> \x27sales\x27"), QStringList{"0"});
  }

  void aFileThatIsNoneOrInUseIsSaid() {
    QVERIFY(QDir().mkpath(root_->filePath("new folder")));
    QFile other(QString::fromStdString(file()));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write(QByteArray(20'000, 'x'));
    other.close();
    DuckDbSink sink(options());
    const auto opened = sink.open(kMarker, kSales);
    QVERIFY(!opened.ok());
    QVERIFY2(opened.error().kind == ErrorKind::data_loss, opened.error().to_string().c_str());
  }

  void anotherStateIsRefusedUntilItTakesOver() {
    DuckDbSink first(options());
    QVERIFY(first.open(kMarker, kSales).ok());
    QCOMPARE(text_of(first.deliver({epoch(3, {{"a", "1"}})}, no_rejects, {})), std::string("ok"));
    Marker stranger = kMarker;
    stranger.state_id = "s2";
    DuckDbSink second(options());
    const auto refused = second.open(stranger, kSales);
    QVERIFY(!refused.ok());
    QVERIFY2(refused.error().message.find("up to epoch 3 of another state") != std::string::npos, refused.error().to_string().c_str());
    QCOMPARE(second.holding()->epoch, 3);
    stranger.take_over = true;
    QVERIFY(second.open(stranger, kSales).ok());
    QCOMPARE(text_of(second.deliver({epoch(1, {{"b", "2"}})}, no_rejects, {})), std::string("ok"));
    QVERIFY(!first.deliver({epoch(4, {{"c", "3"}})}, no_rejects, {}).ok());
    QCOMPARE(ask("SELECT sku FROM sales ORDER BY sku"), (QStringList{"a", "b"}));
  }
};

QTEST_GUILESS_MAIN(DuckDbSinkTest)
#include "duckdb_sink_test.moc"
