#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTest>

#include <QTemporaryDir>

#include "backend/sql/rows.h"
#include "sql/parquet_files.h"
#include "sql/session.h"

using namespace penstock;
using namespace penstock::test;

namespace {

SchemaPtr every_type() {
  return make_schema({{"flag", {TypeKind::boolean}},
                      {"small", {TypeKind::int32}},
                      {"large", {TypeKind::int64}},
                      {"real", {TypeKind::float64}},
                      {"price", {TypeKind::decimal, 18, 2}},
                      {"wide", {TypeKind::decimal, 38, 4}},
                      {"name", {TypeKind::varchar}},
                      {"doc", {TypeKind::json}},
                      {"raw", {TypeKind::blob}},
                      {"day", {TypeKind::date}},
                      {"at", {TypeKind::timestamp}},
                      {"nothing", {TypeKind::varchar}}});
}

Batch three_rows() {
  return make_batch(every_type(), {{"true", "-5", "9007199254740993", "0.5", "-105", "99999", "a name é that is much longer than 32 characters", "{\"a\":1}", "raw", "20000", "1763649127123456", "NULL"},
                                   {"NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
                                   {"false", "10", "-3", "-2.25", "1000", "-2", "b name é that is much longer than 32 characters", "[]", "\xff", "19000", "1763649127000000", "NULL"}});
}

QStringList read_all(Parquet& parquet, const std::vector<std::string>& paths, const SchemaPtr& schema, const std::string& condition = {}) {
  QStringList result;
  const auto status = parquet.read(paths, condition, schema, [&](const Batch& rows) {
    result << lines(rows);
    return Status();
  });
  if (!status.ok()) result << QString::fromStdString("error: " + status.error().to_string());
  return result;
}

}  // namespace

class ParquetFilesTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    parquet_ = std::move(make_parquet_files()).value();
  }

  void rows_are_read_as_they_were_written() {
    const Batch rows = three_rows();
    const auto file = parquet_->write({rows, rows.slice(0, 1)}, every_type(), path("a.parquet"));
    QVERIFY2(file.ok(), file.ok() ? "" : file.error().message.c_str());
    QCOMPARE(file->rows, 4);
    QCOMPARE(file->bytes, QFileInfo(QString::fromStdString(path("a.parquet"))).size());
    QCOMPARE(read_all(*parquet_, {path("a.parquet")}, every_type()), lines(rows) + lines(rows.slice(0, 1)));
    QCOMPARE(QDir(folder_->path()).entryList(QDir::Files | QDir::Hidden), QStringList("a.parquet"));
  }

  void statistics_are_as_delta_wants_them() {
    const auto file = parquet_->write({three_rows()}, every_type(), path("a.parquet"));
    QVERIFY(file.ok());
    QCOMPARE(QString::fromStdString(file->statistics),
             QString("{\"numRecords\":3,"
                     "\"minValues\":{\"small\":-5,\"large\":-3,\"real\":-2.25,\"price\":-1.05,\"wide\":-0.0002,\"name\":\"a name é that is much longer tha\","
                     "\"doc\":\"[]\",\"day\":\"2022-01-08\",\"at\":\"2025-11-20T14:32:07.000Z\"},"
                     "\"maxValues\":{\"small\":10,\"large\":9007199254740993,\"real\":0.5,\"price\":10.00,\"wide\":9.9999,\"name\":\"b name é that is much longer thb\","
                     "\"doc\":\"{\\\"a\\\":1}\",\"day\":\"2024-10-04\",\"at\":\"2025-11-20T14:32:07.124Z\"},"
                     "\"nullCount\":{\"flag\":1,\"small\":1,\"large\":1,\"real\":1,\"price\":1,\"wide\":1,\"name\":1,\"doc\":1,\"raw\":1,\"day\":1,\"at\":1,\"nothing\":3}}"));
  }

  void statistics_cover_all_row_groups_and_leave_out_nan() {
    const auto schema = make_schema({{"n", {TypeKind::int64}}, {"real", {TypeKind::float64}}, {"d", {TypeKind::decimal, 10, 1}}});
    std::vector<std::vector<std::string>> rows;
    for (int n = 0; n < 10'000; ++n) rows.push_back({n < 3'000 ? "NULL" : std::to_string(n - 5'000), n == 9'000 ? "nan" : "1", std::to_string(n * 7 - 40'000)});
    const auto file = parquet_->write({make_batch(schema, rows)}, schema, path("a.parquet"), {.compression = "zstd", .row_group_rows = 2'048});
    QVERIFY(file.ok());
    QCOMPARE(QString::fromStdString(file->statistics),
             QString("{\"numRecords\":10000,\"minValues\":{\"n\":-2000,\"d\":-4000.0},\"maxValues\":{\"n\":4999,\"d\":2999.3},\"nullCount\":{\"n\":3000,\"real\":0,\"d\":0}}"));
  }

  void only_the_first_32_columns_have_statistics() {
    std::vector<Field> fields;
    for (int column = 0; column < 40; ++column) fields.push_back({"c" + std::to_string(column), {TypeKind::int32}});
    const auto schema = std::make_shared<const Schema>(fields);
    const auto file = parquet_->write({make_batch(schema, {std::vector<std::string>(40, "7")})}, schema, path("a.parquet"));
    QVERIFY(file.ok());
    QVERIFY(file->statistics.find("\"c31\":7") != std::string::npos);
    QVERIFY(file->statistics.find("\"c32\"") == std::string::npos);
  }

  void times_are_utc_microseconds_and_json_is_text() {
    QVERIFY(parquet_->write({three_rows()}, every_type(), path("a.parquet")).ok());
    auto session = std::move(Session::open({.file_access = true})).value();
    QCOMPARE(lines(session->query("SELECT name, type, converted_type, logical_type FROM parquet_schema('" + path("a.parquet") + "') WHERE name IN ('at', 'doc', 'raw')").value()),
             QStringList({"doc|BYTE_ARRAY|UTF8|NULL", "raw|BYTE_ARRAY|NULL|NULL",
                          "at|INT64|TIMESTAMP_MICROS|TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))"}));
  }

  void files_are_read_in_order_under_a_condition_and_cast_to_a_newer_schema() {
    const auto old_schema = make_schema({{"id", {TypeKind::int32}}, {"name", {TypeKind::varchar}}});
    const auto new_schema = make_schema({{"id", {TypeKind::int64}}, {"added", {TypeKind::json}}, {"name", {TypeKind::varchar}}});
    QVERIFY(parquet_->write({make_batch(old_schema, {{"3", "c"}, {"1", "a"}})}, old_schema, path("old.parquet")).ok());
    QVERIFY(parquet_->write({make_batch(new_schema, {{"2", "{}", "b"}})}, new_schema, path("new.parquet")).ok());
    const std::vector<std::string> both{path("old.parquet"), path("new.parquet")};
    QCOMPARE(read_all(*parquet_, both, new_schema), QStringList({"3|NULL|c", "1|NULL|a", "2|{}|b"}));
    QCOMPARE(read_all(*parquet_, both, new_schema, "id >= 2 -- kept"), QStringList({"3|NULL|c", "2|{}|b"}));

    const auto merged = parquet_->rewrite(both, "name <> 'a'", new_schema, path("merged.parquet"));
    QVERIFY2(merged.ok(), merged.ok() ? "" : merged.error().message.c_str());
    QCOMPARE(merged->rows, 2);
    QCOMPARE(read_all(*parquet_, {path("merged.parquet")}, new_schema), QStringList({"3|NULL|c", "2|{}|b"}));
    QVERIFY(merged->statistics.starts_with("{\"numRecords\":2,\"minValues\":{\"id\":2,"));
  }

  void no_rows_make_a_file_without_rows() {
    const auto file = parquet_->write({}, every_type(), path("a.parquet"));
    QVERIFY(file.ok());
    QCOMPARE(file->rows, 0);
    QCOMPARE(read_all(*parquet_, {path("a.parquet")}, every_type()), QStringList());
    QVERIFY(file->statistics.starts_with("{\"numRecords\":0,\"minValues\":{},\"maxValues\":{},"));
  }

  void large_files_come_in_batches() {
    const auto schema = make_schema({{"n", {TypeKind::int64}}});
    BatchBuilder builder(schema);
    std::vector<Batch> rows;
    for (std::int64_t n = 0; n < 150'000; ++n) {
      builder[0].append_int64(n);
      if (builder.rows() == kMaxBatchRows) rows.push_back(builder.finish());
    }
    rows.push_back(builder.finish());
    QCOMPARE(parquet_->write(rows, schema, path("a.parquet"))->rows, 150'000);
    std::int64_t next = 0;
    QVERIFY(parquet_->read({path("a.parquet")}, "", schema, [&](const Batch& batch) -> Status {
      if (batch.rows() > kMaxBatchRows) return Error(ErrorKind::internal, "too large");
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        if (batch.column(0).int64(row) != next++) return Error(ErrorKind::internal, "out of order");
      }
      return {};
    }).ok());
    QCOMPARE(next, 150'000);
  }

  void what_exists_is_not_replaced_and_what_fails_leaves_nothing() {
    const auto schema = make_schema({{"n", {TypeKind::int64}}});
    QVERIFY(parquet_->write({}, schema, path("a.parquet")).ok());
    QCOMPARE(parquet_->write({}, schema, path("a.parquet")).error().kind, ErrorKind::already_exists);
    QVERIFY(!parquet_->write({}, schema, path("b.parquet"), {.compression = "none such"}).ok());
    QCOMPARE(parquet_->write({}, schema, path("gone/b.parquet")).error().kind, ErrorKind::io);
    QCOMPARE(parquet_->rewrite({path("a.parquet")}, "no_such > 1", schema, path("b.parquet")).error().kind, ErrorKind::invalid_argument);
    QCOMPARE(QDir(folder_->path()).entryList(QDir::Files | QDir::Hidden), QStringList("a.parquet"));
  }

  void damaged_and_missing_files_are_told_apart() {
    const auto schema = make_schema({{"n", {TypeKind::int64}}});
    QFile file(QString::fromStdString(path("a.parquet")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("this is no Parquet file");
    file.close();
    const auto ignore = [](const Batch&) { return Status(); };
    QCOMPARE(parquet_->read({path("a.parquet")}, "", schema, ignore).error().kind, ErrorKind::data_loss);
    QCOMPARE(parquet_->read({path("none.parquet")}, "", schema, ignore).error().kind, ErrorKind::not_found);
  }

  void json_lines_become_a_file_and_come_back() {
    QFile file(QString::fromStdString(path("in.ndjson")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"txn\":{\"appId\":\"x\",\"version\":3}}\n{\"add\":{\"path\":\"a.parquet\",\"partitionValues\":{\"day\":null},\"size\":5}}\n");
    file.close();
    const std::string columns = "{'txn': 'STRUCT(appId VARCHAR, version BIGINT)', 'add': 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT)'}";
    const auto written = parquet_->write_json(path("in.ndjson"), columns, path("out.parquet"));
    QVERIFY2(written.ok(), written.ok() ? "" : written.error().message.c_str());
    QStringList found;
    QVERIFY(parquet_->read_json(path("out.parquet"), [&](std::string_view line) {
      found << QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size()));
      return Status();
    }).ok());
    QCOMPARE(found, QStringList({"{\"txn\":{\"appId\":\"x\",\"version\":3},\"add\":null}",
                                 "{\"txn\":null,\"add\":{\"path\":\"a.parquet\",\"partitionValues\":{\"day\":null},\"size\":5}}"}));
  }

 private:
  std::string path(const char* name) const { return folder_->filePath(name).toStdString(); }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Parquet> parquet_;
};

QTEST_APPLESS_MAIN(ParquetFilesTest)
#include "parquet_files_test.moc"
