#include <QDir>
#include <QTest>

#include "backend/sql/rows.h"
#include "e2e/programs.h"
#include "sql/parquet_files.h"

namespace penstock::e2e {

// Parquet files that are put into a folder come to a table with the types that they have, though the pod is killed.
class ParquetFilesTest : public QObject {
  Q_OBJECT

  const SchemaPtr schema_ = test::make_schema({{"id", {TypeKind::int64}}, {"price", {TypeKind::decimal, 10, 2}}, {"sold_at", {TypeKind::timestamp}}, {"sku", {TypeKind::varchar}}});

 private slots:
  void rows_of_parquet_files_land_once_with_their_types() {
    Site site("minimal");
    site.write("pipelines/sales.yaml",
               "stream: sales\nflush: 100ms\nsource: { files: { path: in, format: parquet, every: 100ms, settle: 200ms } }\n"
               "steps:\n  bronze: { land: bronze.sales }\n  silver: { sql: \"SELECT id, price, sold_at, sku FROM bronze\", land: silver.sales }\n");
    QDir().mkpath(site.workspace() + "/in");
    auto parquet = std::move(*make_parquet_files());
    const auto drop = [&](int file, int rows) {
      std::vector<std::vector<std::string>> values;
      for (int row = 0; row < rows; ++row) {
        const std::string id = std::to_string(file * 100'000 + row);
        values.push_back({id, "110", "1790000000123456", row % 2 ? "NULL" : "s" + id});
      }
      const QString name = QString("%1.parquet").arg(file);
      QVERIFY(parquet->write({test::make_batch(schema_, values)}, schema_, (site.workspace() + "/" + name).toStdString()).ok());
      QVERIFY(QFile::rename(site.workspace() + "/" + name, site.workspace() + "/in/" + name));
    };
    site.start_engine();
    drop(1, 20'000);
    std::int64_t rows = 0;
    const auto reaches = [&](std::int64_t count) { return QTest::qWaitFor([&] { return (rows = site.number("SELECT count(*) FROM silver.sales")) >= count; }, 120'000); };
    QVERIFY2(reaches(20'000), site.ctl({"status"}).out.c_str());
    drop(2, 30'000);
    const auto pods = site.running_pods();
    QVERIFY(!pods.empty());
    QCOMPARE(QProcess::execute("kill", {"-9", QString::number(pods.front()["process_id"].get<std::int64_t>())}), 0);
    drop(3, 7);
    QVERIFY2(reaches(50'007), qPrintable(QString::number(rows)));
    QCOMPARE(rows, 50'007);
    QCOMPARE(site.number("SELECT count(DISTINCT id) FROM silver.sales"), 50'007);
    QCOMPARE(site.number("SELECT count(*) FROM silver.sales WHERE price = 1.10 AND typeof(price) = 'DECIMAL(10,2)' AND epoch_us(sold_at) = 1790000000123456 AND (sku IS NULL) = (id % 2 = 1)"), 50'007);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::ParquetFilesTest)
#include "parquet_files_test.moc"
