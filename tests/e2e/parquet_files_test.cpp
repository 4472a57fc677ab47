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

  // A full load and the changes behind it, as DMS puts them: in CSV as it writes by default, and in Parquet.
  void files_of_dms_become_the_table_again_data() {
    QTest::addColumn<bool>("parquet");
    QTest::newRow("csv") << false;
    QTest::newRow("parquet") << true;
  }
  void files_of_dms_become_the_table_again() {
    QFETCH(bool, parquet);
    Site site("minimal");
    site.write("contracts/order.json", "{\"type\": \"object\", \"required\": [\"id\", \"name\"], \"properties\": {\"id\": {\"type\": \"integer\"}, \"name\": {\"type\": \"string\"},"
                                       "\"price\": {\"type\": [\"number\", \"null\"], \"x-precision\": 10, \"x-scale\": 2}, \"seen\": {\"type\": [\"string\", \"null\"], \"format\": \"date-time\"}}}");
    site.write("pipelines/sales.yaml", "stream: orders\nflush: 100ms\nsource: { files: { path: in, recursive: true, " + QByteArray(parquet ? "format: parquet" : "format: csv, header: false") +
                                           ", envelope: dms, contract: contracts/order.json, key: [id], every: 100ms, settle: 200ms } }\n"
                                           "steps:\n  silver: { sql: \"SELECT id, name, price, seen FROM source\", land: silver.orders }\n");
    QVERIFY2(site.ctl({"validate"}).exit_code == 0, site.ctl({"validate"}).out.c_str());
    auto writer = std::move(*make_parquet_files());
    int files = 0;
    const auto drop = [&](const QString& name, std::vector<std::vector<std::string>> rows) {
      const QString aside = site.workspace() + "/" + QString::number(++files), file = site.workspace() + "/in/" + name + (parquet ? ".parquet" : ".csv");
      QDir().mkpath(QFileInfo(file).path());
      const bool has_op = rows.front().size() == 5;
      if (parquet) {
        const SchemaPtr plain = test::make_schema({{"id", {TypeKind::int64}}, {"name", {TypeKind::varchar}}, {"price", {TypeKind::decimal, 10, 2}}, {"seen", {TypeKind::timestamp}}});
        const SchemaPtr with_op = test::make_schema({{"Op", {TypeKind::varchar}}, {"id", {TypeKind::int64}}, {"name", {TypeKind::varchar}}, {"price", {TypeKind::decimal, 10, 2}}, {"seen", {TypeKind::timestamp}}});
        for (auto& row : rows) {
          if (row[row.size() - 2] != "NULL") row[row.size() - 2] += "00";
          if (row.back() != "NULL") row.back() = "1798804800000000";
        }
        QVERIFY(writer->write({test::make_batch(has_op ? with_op : plain, rows)}, has_op ? with_op : plain, aside.toStdString()).ok());
      } else {
        QByteArray lines;
        for (const auto& row : rows) {
          for (std::size_t i = 0; i < row.size(); ++i) lines += (i > 0 ? "," : "") + QByteArray::fromStdString(row[i]);
          lines += "\n";
        }
        QFile out(aside);
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(lines) == lines.size());
      }
      QVERIFY(QFile::rename(aside, file));
    };
    const std::string noon = "2027-01-01 12:00:00.000000";
    drop("2026/11/20/20261120-101500123", {{"U", "1", "Ada", "3", noon}, {"D", "2", "Bo", "2", noon}, {"I", "4", "Di", "NULL", "NULL"}});
    drop("LOAD00000001", {{"1", "ada", "1", noon}, {"2", "Bo", "2", noon}, {"3", "Cy", "NULL", "NULL"}});
    site.start_engine();
    std::string rows;
    const auto has = [&](const std::string& expected) {
      return QTest::qWaitFor([&] {
        const auto found = site.ctl({"query", "SELECT string_agg(concat_ws(' ', id, name, price, epoch(seen)::BIGINT), ', ' ORDER BY id) AS r FROM silver.orders"}).json();
        if (found.is_object() && found.contains("rows") && !found["rows"].empty() && found["rows"][0]["r"].is_string()) rows = found["rows"][0]["r"].get<std::string>();
        return rows == expected;
      }, 120'000);
    };
    QVERIFY2(has("1 Ada 3.00 1798804800, 3 Cy, 4 Di"), (rows + site.ctl({"dlq", "list"}).out).c_str());
    site.kill_engine();
    drop("2026/11/20/20261120-111500123", {{"D", "4", "Di", "NULL", "NULL"}, {"U", "3", "Cyd", "7", noon}, {"I", "2", "Bob", "9", noon}});
    site.start_engine();
    QVERIFY2(has("1 Ada 3.00 1798804800, 2 Bob 9.00 1798804800, 3 Cyd 7.00 1798804800"), (rows + site.ctl({"dlq", "list"}).out).c_str());
    QCOMPARE(site.pipeline("orders")["rows"]["dead"].get<std::int64_t>(), 0);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::ParquetFilesTest)
#include "parquet_files_test.moc"
