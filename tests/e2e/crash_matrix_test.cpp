#include <QDir>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

#include "connectors/delta/delta_reader.h"
#include "sql/parquet_files.h"

using namespace penstock;

namespace {

constexpr const char* kPipeline =
    "stream: sales\n"
    "source:\n"
    "  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 1, rate: 2000, partitions: 2, diurnal: false,\n"
    "              start_at: \"2026-01-01T00:00:00Z\", limit: 24000 }\n"
    "flush: 1ms\n"
    "steps:\n"
    "  bronze: { land: bronze.sales }\n"
    "  silver:\n"
    "    sql: SELECT event_id, store_id, sku, qty, sold_at FROM bronze\n"
    "    dedupe: { key: event_id, within: 10m }\n"
    "    land: silver.sales\n"
    "  gold:\n"
    "    window: { tumbling: 1s, time: sold_at, lateness: 1s }\n"
    "    sql: SELECT sku, window_start, sum(qty) AS units FROM silver GROUP BY ALL\n"
    "    land: gold.units\n";

// The rows of the tables, sorted: what a reader finds.
QMap<QString, QStringList> tables_in(const QString& folder) {
  static const auto parquet = make_parquet_files();
  QMap<QString, QStringList> tables;
  for (const char* name : {"bronze/sales", "silver/sales", "gold/units"}) {
    auto table = DeltaTable::open((folder + "/" + name).toStdString(), parquet->get());
    if (!table.ok()) continue;
    const auto snapshot = table->snapshot();
    if (!snapshot.ok()) continue;
    QStringList rows;
    const auto status = (*parquet)->read(snapshot->files, "", snapshot->schema, [&](const Batch& batch) -> Status {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        QString line;
        for (std::size_t column = 0; column < batch.schema()->size(); ++column)
          if ((*batch.schema())[column].name != origin::ingest_time) line += QString::fromStdString(batch.column(column).to_text(row)) + "|";
        rows << line;
      }
      return {};
    });
    if (!status.ok()) qWarning("%s", status.error().to_string().c_str());
    rows.sort();
    tables[name] = rows;
  }
  return tables;
}

// Runs the child; true when it ended by itself with 0. `crash_at` arms a crash point for this life only.
bool run_child(const QString& folder, const QString& crash_at, bool replay, int kill_after_ms = -1) {
  QProcess child;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  if (!crash_at.isEmpty()) environment.insert("PENSTOCK_CRASH_AT", crash_at);
  child.setProcessEnvironment(environment);
  child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
  QStringList arguments = {folder + "/workspace", folder + "/state", folder + "/tables"};
  if (replay) arguments << "replay";
  child.start(STREAM_CHILD, arguments);
  if (!child.waitForStarted(30000)) return false;
  if (kill_after_ms >= 0 && !child.waitForFinished(kill_after_ms)) child.kill();
  if (child.state() != QProcess::NotRunning && !child.waitForFinished(120000)) {
    qWarning("the child does not end");
    child.kill();
    child.waitForFinished();
    return false;
  }
  return child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0;
}

}  // namespace

// Kills a stream at named points and at random moments, and compares every row of every table with those of a run that
// nobody disturbed.
class CrashMatrixTest : public QObject {
  Q_OBJECT

  QMap<QString, QStringList> expected_;

  void make_workspace(const QString& folder) {
    QDir().mkpath(folder + "/workspace/pipelines");
    QDir().mkpath(folder + "/workspace/contracts");
    const QString minimal = qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/minimal";
    QVERIFY(QFile::copy(minimal + "/contracts/pos_sale.avsc", folder + "/workspace/contracts/pos_sale.avsc"));
    std::ofstream((folder + "/workspace/penstock.yaml").toStdString()) << "workspace: crash\n";
    std::ofstream((folder + "/workspace/pipelines/sales.yaml").toStdString()) << kPipeline;
  }

  void compare(const QString& folder) {
    const auto found = tables_in(folder + "/tables");
    for (const QString& table : expected_.keys()) QCOMPARE(found[table], expected_[table]);
  }

 private slots:
  void initTestCase() {
    QTemporaryDir folder;
    make_workspace(folder.path());
    QVERIFY(run_child(folder.path(), "", false));
    expected_ = tables_in(folder.path() + "/tables");
    QCOMPARE(expected_["bronze/sales"].size(), 24000);
    QVERIFY(expected_["silver/sales"].size() > 23000);
    QVERIFY(expected_["gold/units"].size() > 100);
  }

  void every_crash_point_leaves_the_same_rows_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"epoch.before_commit", "epoch.after_commit", "delivery.before", "delivery.after", "delivery.trimmed", "delta.before_file",
                              "delta.after_file", "delta.before_log", "delta.after_log"})
      for (const int pass : {1, 4}) QTest::addRow("%s, pass %d", point, pass) << QString("%1:%2").arg(point).arg(pass);
    QTest::addRow("delta.after_checkpoint") << "delta.after_checkpoint:1";
  }
  void every_crash_point_leaves_the_same_rows() {
    QFETCH(QString, point);
    QTemporaryDir folder;
    make_workspace(folder.path());
    (void)run_child(folder.path(), point, false);
    QVERIFY(run_child(folder.path(), "", false));
    compare(folder.path());
  }

  void a_replay_that_is_killed_leaves_the_same_rows_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"replay.epoch", "replay.before_computed", "replay.before_delivery", "delta.before_log", "delta.after_log", "delivery.after"})
      QTest::addRow("%s", point) << QString("%1:1").arg(point);
  }
  void a_replay_that_is_killed_leaves_the_same_rows() {
    QFETCH(QString, point);
    QTemporaryDir folder;
    make_workspace(folder.path());
    QVERIFY(run_child(folder.path(), "", false));
    (void)run_child(folder.path(), point, true);
    compare_after_replay(folder.path());
  }

  void random_kills_leave_the_same_rows_data() {
    QTest::addColumn<quint32>("seed");
    // PENSTOCK_CRASH_SEED replays one; PENSTOCK_CRASH_RUNS asks for more than these.
    const QString one = qEnvironmentVariable("PENSTOCK_CRASH_SEED");
    const int runs = qEnvironmentVariableIntValue("PENSTOCK_CRASH_RUNS");
    const quint32 first = one.isEmpty() ? 20261121u : one.toUInt();
    for (quint32 i = 0; i < quint32(one.isEmpty() ? (runs > 0 ? runs : 12) : 1); ++i) QTest::addRow("seed %u", first + i) << first + i;
  }
  void random_kills_leave_the_same_rows() {
    QFETCH(quint32, seed);
    QRandomGenerator random(seed);
    QTemporaryDir folder;
    make_workspace(folder.path());
    for (int life = 0; life < 4; ++life)
      if (run_child(folder.path(), "", false, random.bounded(30, 900))) break;
    QVERIFY(run_child(folder.path(), "", false));
    compare(folder.path());
  }

 private:
  void compare_after_replay(const QString& folder) {
    QVERIFY(run_child(folder, "", true));
    compare(folder);
  }
};

QTEST_GUILESS_MAIN(CrashMatrixTest)
#include "crash_matrix_test.moc"
