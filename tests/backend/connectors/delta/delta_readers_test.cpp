// Three other implementations read what the sink writes: delta-rs, DuckDB and Spark (tests/peers/delta-check).

#include <QTemporaryDir>
#include <QTest>

#include <QProcess>
#include <QRegularExpression>

#include <filesystem>

#include "backend/connectors/delta/table_rows.h"
#include "connectors/delta/delta_sink.h"
#include "connectors/delta/log_folder.h"
#include "support/spark_server.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::parquet;

namespace {

namespace fs = std::filesystem;

QStringList delta_check(const std::vector<std::string>& folders, const QStringList& more = {},
                        const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment()) {
  QStringList arguments;
  for (const std::string& folder : folders) arguments << QString::fromStdString(folder);
  QProcess process;
  process.setProcessEnvironment(environment);
  process.start(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/peers/delta-check", arguments + more);
  process.waitForFinished(500'000);
  const QString problem = QString::fromUtf8(process.readAllStandardError());
  if (process.exitCode() != 0) return {problem};
  return QString::fromUtf8(process.readAllStandardOutput()).split('\n', Qt::SkipEmptyParts);
}

// "delta-rs rows 7 checksum 0123…" of a check, as "7 0123…".
QString rows_and_checksum(const QStringList& check) {
  const auto match = QRegularExpression("rows (\\d+) checksum (\\w+)").match(check.isEmpty() ? QString() : check.back());
  return match.hasMatch() ? match.captured(1) + " " + match.captured(2) : check.join('\n');
}

const SchemaPtr kEvery = make_schema({{"b", {TypeKind::boolean}}, {"i", {TypeKind::int32}}, {"l", {TypeKind::int64}}, {"f", {TypeKind::float64}},
                                      {"d", {TypeKind::decimal, 18, 2}}, {"wide", {TypeKind::decimal, 38, 10}}, {"t", {TypeKind::varchar}},
                                      {"j", {TypeKind::json}}, {"y", {TypeKind::blob}}, {"day", {TypeKind::date}}, {"at", {TypeKind::timestamp}}});

std::vector<std::string> row_of(int number) {
  const std::string text = std::to_string(number);
  return {number % 2 ? "true" : "false", text, "-" + text, text + ".5", text, text, "text ü " + text, "{\"n\":" + text + "}", "raw" + text, text, text + "123456"};
}

}  // namespace

// What one reader found in each table, "7 0123…".
QStringList found_by(const QString& reader, const QStringList& check) {
  QStringList found;
  for (const QString& line : check)
    if (line.startsWith(reader + " rows ")) found << rows_and_checksum({line});
  return found;
}

class DeltaReadersTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;

  std::string folder(const char* name) const { return root_.filePath(name).toStdString(); }

  void deliver(const std::string& folder, int from, int until, int shard = 0) {
    DeltaSinkOptions options;
    options.folder = folder;
    options.append_only = true;
    DeltaSink sink(options, &parquet(), &Clock::system());
    QVERIFY(sink.open({.state_id = "s", .sink = "bronze.delta", .shard = shard, .stream = "x"}, kEvery).ok());
    for (int number = from; number < until; ++number) {
      const Status done = sink.deliver({{.epoch = number, .rows = {make_batch(kEvery, {row_of(number)})}}}, [](const auto&) { return Status(); }, {});
      QVERIFY2(done.ok(), done.ok() ? "" : done.error().to_string().c_str());
    }
  }

  static Batch with_op(const Batch& rows, const std::string& op) {
    return Batch::join_columns(rows, make_batch(make_schema({{"_op", {TypeKind::varchar}}}), {{op}}));
  }
  // The rows 1 … 30; the even ones come again with the values of the next number, those of fives up to 25 go.
  void deliver_changes(const std::string& table) {
    DeltaSinkOptions options;
    options.folder = table;
    options.key = {"i"};
    options.bucket_bytes = 2'000;
    DeltaSink sink(options, &parquet(), &Clock::system());
    const SchemaPtr schema = with_op(make_batch(kEvery, {row_of(1)}), "c").schema();
    QVERIFY(sink.open({.state_id = "s", .sink = "gold.delta", .shard = 0, .stream = "x"}, schema).ok());
    for (int number = 1; number <= 45; ++number) {
      std::vector<Batch> rows;
      if (number <= 30) rows = {with_op(make_batch(kEvery, {row_of(number)}), "c")};
      else if (number <= 35) rows = {with_op(make_batch(kEvery, {row_of((number - 30) * 5)}), "d")};
      for (int even = 2; number == 40 && even <= 30; even += 2)
        if (even % 5 != 0) rows.push_back(with_op(make_batch(kEvery, {moved_row_of(even)}), "u"));
      const Status done = sink.deliver({{.epoch = number, .rows = rows}}, [](const auto&) { return Status(); }, {});
      QVERIFY2(done.ok(), done.ok() ? "" : done.error().to_string().c_str());
    }
  }
  static std::vector<std::string> moved_row_of(int number) {
    std::vector<std::string> row = row_of(number + 1);
    row[1] = std::to_string(number);
    return row;
  }
  void deliver_last_changes(const std::string& table) {
    DeltaSinkOptions options;
    options.folder = table;
    DeltaSink sink(options, &parquet(), &Clock::system());
    QVERIFY(sink.open({.state_id = "s", .sink = "bronze.delta", .shard = 0, .stream = "x"}, kEvery).ok());
    std::vector<std::vector<std::string>> rows;
    for (int number = 1; number <= 30; ++number)
      if (number > 25 || number % 5 != 0) rows.push_back(number % 2 || number % 5 == 0 ? row_of(number) : moved_row_of(number));
    QVERIFY(sink.deliver({{.epoch = 1, .rows = {make_batch(kEvery, rows)}}}, [](const auto&) { return Status(); }, {}).ok());
  }

 private slots:
  void deltaRsSeesEveryTypeNullsAndTheMarker() {
    const std::string table = folder("types");
    deliver(table, 1, 3);
    DeltaSinkOptions options;
    options.folder = table;
    DeltaSink sink(options, &parquet(), &Clock::system());
    QVERIFY(sink.open({.state_id = "s", .sink = "bronze.delta", .shard = 0, .stream = "x"}, kEvery).ok());
    QVERIFY(sink.deliver({{.epoch = 3, .rows = {make_batch(kEvery, {std::vector<std::string>(11, "NULL")})}}}, [](const auto&) { return Status(); }, {}).ok());
    const QStringList check = delta_check({table});
    QCOMPARE(check.mid(0, 13), (QStringList{"version 2", "field b \"boolean\" null", "field i \"integer\" null", "field l \"long\" null",
                                            "field f \"double\" null", "field d \"decimal(18,2)\" null", "field wide \"decimal(38,10)\" null",
                                            "field t \"string\" null", "field j \"string\" null", "field y \"binary\" null", "field day \"date\" null",
                                            "field at \"timestamp\" null", "txn s/bronze.delta/0 3"}));
    QVERIFY(rows_and_checksum(check).startsWith("3 "));
  }

  void compactionAndCheckpointsChangeNothingForDeltaRs() {
    const std::string plain = folder("plain"), compacted = folder("compacted");
    deliver(plain, 1, 31);
    deliver(compacted, 1, 31);
    const QString expected = rows_and_checksum(delta_check({plain}));
    QVERIFY2(expected.startsWith("30 "), qPrintable(expected));
    QCOMPARE(rows_and_checksum(delta_check({compacted})), expected);

    deliver(plain, 31, 42);
    QCOMPARE(DeltaTable::open(plain, &parquet())->snapshot()->files.size(), std::size_t(10));   // 32 of them became one
    const QString whole = rows_and_checksum(delta_check({plain}));
    QVERIFY2(whole.startsWith("41 "), qPrintable(whole));
    // Only what the checkpoints say, and what came after the last of them.
    const auto listing = delta::list_log(plain + "/_delta_log");
    const std::int64_t checkpoint = listing->checkpoints.back().version;
    QVERIFY(checkpoint >= 40);
    for (std::int64_t version = 0; version <= checkpoint; ++version) fs::remove(plain + "/_delta_log/" + delta::commit_name(version));
    QCOMPARE(rows_and_checksum(delta_check({plain})), whole);
    QVERIFY(rows_and_checksum(delta_check({compacted}, {"--version", "9"})).startsWith("10 "));
  }

  // Values that a path cannot hold, NULL, dates, times and numbers: they stand in the log alone.
  void deltaRsAndDuckDbReadADividedTable() {
    std::vector<std::vector<std::string>> rows;
    for (int number = 0; number < 40; ++number) {
      rows.push_back(row_of(number));
      rows.back()[6] = std::vector<std::string>{"a/b c%3D=ü", "plain", "NULL", "q?\"x\"#"}[static_cast<std::size_t>(number % 4)];
      rows.back()[9] = number % 3 ? std::to_string(number % 3) : "NULL";
      rows.back()[10] = number % 2 ? "1790000000123456" : "1790000000000000";
    }
    for (const bool is_divided : {false, true}) {
      DeltaSinkOptions options;
      options.folder = folder(is_divided ? "divided" : "whole");
      if (is_divided) options.partition_by = {"t", "day", "at", "d"};
      DeltaSink sink(options, &parquet(), &Clock::system());
      QVERIFY(sink.open({.state_id = "s", .sink = "bronze.delta", .shard = 0, .stream = "x"}, kEvery).ok());
      for (int epoch = 0; epoch < 4; ++epoch) {
        const std::vector<std::vector<std::string>> some(rows.begin() + epoch * 10, rows.begin() + epoch * 10 + 10);
        const Status done = sink.deliver({{.epoch = epoch + 1, .rows = {make_batch(kEvery, some)}}}, [](const auto&) { return Status(); }, {});
        QVERIFY2(done.ok(), done.ok() ? "" : done.error().to_string().c_str());
      }
    }
    QCOMPARE(test::table_rows(folder("divided")), test::table_rows(folder("whole")));
    const QStringList check = delta_check({folder("whole"), folder("divided")}, {"--duckdb"});
    const QStringList found = found_by("delta-rs", check);
    QVERIFY2(found.size() == 2 && found[0].startsWith("40 "), qPrintable(check.join("\n")));
    QCOMPARE(found[1], found[0]);
    QCOMPARE(found_by("duckdb", check), found);
  }

  // The tables of the two above and one with changes by key: every type with nulls; a compacted one; one of which only the checkpoint and what came
  // after it is left.
  void deltaRsDuckDbAndSparkReadTheSame() {
    test::SparkServer spark;
    QCOMPARE(spark.start(), QString());
    deliver_changes(folder("upserted"));
    const std::vector<std::string> tables = {folder("types"), folder("compacted"), folder("plain"), folder("upserted")};
    const QStringList check = delta_check(tables, {"--duckdb", "--spark"}, spark.environment());
    const QStringList expected = found_by("delta-rs", check);
    QVERIFY2(expected.size() == 4, qPrintable(check.join("\n")));
    for (const int table : {0, 1, 2, 3}) QVERIFY2(expected[table].startsWith(QStringList{"3 ", "30 ", "41 ", "25 "}[table]), qPrintable(check.join("\n")));
    // The same rows, appended once.
    deliver_last_changes(folder("expected"));
    QCOMPARE(expected[3], rows_and_checksum(delta_check({folder("expected")})));
    QCOMPARE(found_by("duckdb", check), expected);
    QCOMPARE(found_by("spark", check), expected);
    // Bronze only takes new rows: the others keep to it.
    for (const QString& answer : delta_check({folder("compacted")}, {"--delete", "--spark"}, spark.environment()))
      QVERIFY2(answer.contains(" refuses: ") && answer.contains("append", Qt::CaseInsensitive), qPrintable(answer));
    QCOMPARE(found_by("delta-rs", delta_check({folder("compacted")})), expected.mid(1, 1));
  }
};

QTEST_GUILESS_MAIN(DeltaReadersTest)
#include "delta_readers_test.moc"
