#include "connectors/delta/delta_connector.h"

#include <QTemporaryDir>
#include <QTest>

#include "backend/connectors/delta/table_rows.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::parquet;
using penstock::test::table_rows;

namespace {

Settings settings(std::initializer_list<std::pair<const char*, const char*>> entries) {
  Setting map{.kind = Setting::Kind::map};
  for (const auto& [name, text] : entries)
    map.entries.emplace_back(name, Setting{.kind = Setting::Kind::text, .text = text, .at = {"pipelines/sales.yaml", 4, 3}});
  return Settings(map);
}

const SchemaPtr kBronze = make_schema({{"_raw", {TypeKind::blob}}, {"_key", {TypeKind::blob}}, {"_headers", {TypeKind::json}}, {"_source", {TypeKind::varchar}},
                                       {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}, {"_source_time", {TypeKind::timestamp}}});

}  // namespace

class DeltaConnectorTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;
  ConnectorContext context() const { return {.parquet = &parquet(), .tables_root = root_.path().toStdString()}; }

 private slots:
  void settingsSayHowTheSinkWaits() {
    const auto sink = delta_connector().make_sink({}, settings({{"table", "silver.sales"}, {"flush", "3s"}, {"flush_bytes", "1MiB"}}), context());
    QVERIFY((*sink)->traits().flush == std::chrono::seconds(3));
    QCOMPARE((*sink)->traits().flush_bytes, 1 << 20);
    QVERIFY((*sink)->traits().replaces);
    QCOMPARE((*sink)->name(), std::string("delta silver.sales"));
    const auto plain = delta_connector().make_sink({}, Settings(Setting{.kind = Setting::Kind::text, .text = "bronze.sales"}), context());
    QVERIFY((*plain)->traits().flush == std::chrono::seconds(10));
    QVERIFY(!(*plain)->traits().replaces);
  }

  void wrongSettingsSayWhere() {
    const auto outside = delta_connector().make_sink({}, settings({{"table", "../sales"}}), context());
    QCOMPARE(outside.error().message, std::string("'../sales' is not the name of a table"));
    const auto soon = delta_connector().make_sink({}, settings({{"table", "silver.sales"}, {"flush", "soon"}}), context());
    QCOMPARE(soon.error().where, std::string("pipelines/sales.yaml:4:3"));
    const auto when = delta_connector().make_source({}, settings({{"table", "bronze.sales"}, {"source", "t"}, {"from_time", "noon"}}), context());
    QCOMPARE(when.error().message, std::string("'noon' is not a time"));
  }

  void whatTheSinkLandsTheSourceReadsAgain() {
    const auto sink = delta_connector().make_sink({}, settings({{"table", "bronze.sales"}}), context());
    QVERIFY((*sink)->open({.state_id = "s", .sink = "bronze.delta", .stream = "sales"}, kBronze).ok());
    const Batch rows = make_batch(kBronze, {{"one", "NULL", "NULL", "t", "0", "7", "1000000"}, {"two", "NULL", "NULL", "t", "0", "8", "2000000"}});
    QVERIFY((*sink)->deliver({{.epoch = 1, .rows = {rows}}}, [](const auto&) { return Status(); }, {}).ok());
    QCOMPARE(table_rows(root_.filePath("bronze/sales").toStdString(), {"_raw", "_offset"}), (QStringList{"one|7", "two|8"}));

    const auto source = delta_connector().make_source(
        {}, settings({{"table", "bronze.sales"}, {"source", "t"}, {"from_time", "1970-01-01T00:00:02Z"}, {"until_time", "1970-01-01T00:00:02.000001Z"}}), context());
    QVERIFY((*source)->assign({{.partition = 0}}).ok());
    RawBatch read;
    QVERIFY((*source)->poll(read, {}, {}).value() == PollOutcome::rows);
    QCOMPARE(read.rows(), 1);
    QVERIFY(read[0].value == "two");
  }
};

QTEST_GUILESS_MAIN(DeltaConnectorTest)
#include "delta_connector_test.moc"
