// What happens to deliveries when the process is killed or the disk fails: each row is there once, or not yet, and
// nothing half done is left.

#include <QCoreApplication>
#include <QTemporaryDir>
#include <QTest>

#include <QProcess>

#include <filesystem>
#include <random>

#include "backend/connectors/delta/table_rows.h"

using namespace penstock;
using penstock::test::parquet;
using penstock::test::table_rows;

namespace {

namespace fs = std::filesystem;

QStringList ids(int epochs) {
  QStringList ids;
  for (int id = 10; id < (epochs + 1) * 10; ++id) ids << QString::number(id);
  ids.sort();
  return ids;
}

// What MODE upsert leaves: each epoch has moved the rows of the one before.
QStringList moved_rows(int epochs) {
  const auto at = [](int epoch) { return test::lines(test::make_batch(test::make_schema({{"at", {TypeKind::timestamp}}}), {{std::to_string(epoch * std::int64_t{60'000'000})}})).front(); };
  QStringList rows{QString("%1|%2").arg(-epochs).arg(at(epochs))};
  for (int id = 10; id < (epochs + 1) * 10; ++id) rows << QString("%1|%2").arg(id).arg(at(std::min(epochs, id / 10 + 1)));
  rows.sort();
  return rows;
}

// Files that neither the log nor its history knows.
QStringList strangers(const std::string& folder) {
  delta::DeltaLog log(folder, &parquet());
  if (!log.refresh().ok()) return {"the log cannot be read"};
  QStringList found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != "_delta_log" && !log.snapshot().files.contains(name) && !log.snapshot().removed.contains(name)) found << name.c_str();
  }
  for (const auto& entry : fs::directory_iterator(log.log_folder()))
    if (entry.path().filename().string().starts_with('.')) found << entry.path().filename().c_str();
  return found;
}

}  // namespace

class DeltaDeliveryTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;
  int tables_ = 0;
  QByteArray said_;        // by the last child

  std::string new_table() { return root_.filePath(QString::number(++tables_)).toStdString(); }

  void start_child(QProcess& child, const std::string& folder, const QString& mode, int epochs, const QString& variable = {}, const QString& value = {}) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!variable.isEmpty()) environment.insert(variable, value);
    child.setProcessEnvironment(environment);
    child.start(QCoreApplication::applicationDirPath() + "/delta_crash_child", {QString::fromStdString(folder), mode, QString::number(epochs)});
    QVERIFY(child.waitForStarted(60'000));
  }

  // The child's exit code; -1 when a signal killed it.
  int run_child(const std::string& folder, const QString& mode, int epochs, const QString& variable = {}, const QString& value = {}) {
    QProcess child;
    start_child(child, folder, mode, epochs, variable, value);
    child.waitForFinished(240'000);
    said_ = child.readAllStandardOutput().trimmed();
    return child.exitStatus() == QProcess::NormalExit ? child.exitCode() : -1;
  }

 private slots:
  void noCrashPointLosesOrDoublesARow_data() {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("point");
    QTest::addColumn<int>("epochs");
    for (const char* mode : {"append", "replay"})
      for (const char* point : {"delta.before_file:1", "delta.before_file:6", "delta.after_file:1", "delta.after_file:6", "delta.before_log:1",
                                "delta.before_log:6", "delta.after_log:1", "delta.after_log:6", "parquet.before_rename:1", "parquet.before_rename:6"})
        QTest::addRow("%s %s", mode, point) << mode << point << 8;
    for (const char* point : {"delta.before_file:1", "delta.after_file:6", "delta.after_merge:1", "delta.after_merge:6", "delta.before_log:1", "delta.before_log:6",
                              "delta.after_log:1", "delta.after_log:6", "parquet.before_rename:1", "parquet.before_rename:6", "parquet.before_rename:7"})
      QTest::addRow("upsert %s", point) << "upsert" << point << 8;
    QTest::addRow("checkpoint of an upsert") << "upsert" << "delta.after_checkpoint:1" << 14;
    QTest::addRow("checkpoint") << "append" << "delta.after_checkpoint:1" << 14;
    QTest::addRow("compaction") << "append" << "delta.after_compaction_file:1" << 40;
    QTest::addRow("commit of a compaction") << "append" << "delta.after_log:33" << 40;
    QTest::addRow("before the commit of a compaction") << "append" << "delta.before_log:33" << 40;
  }
  void noCrashPointLosesOrDoublesARow() {
    QFETCH(QString, mode);
    QFETCH(QString, point);
    QFETCH(int, epochs);
    const std::string folder = new_table();
    QCOMPARE(run_child(folder, mode, epochs, "PENSTOCK_CRASH_AT", point), -1);
    QCOMPARE(run_child(folder, mode, epochs), 0);
    if (mode == "upsert") QCOMPARE(table_rows(folder), moved_rows(epochs));
    else QCOMPARE(table_rows(folder, {"id"}), ids(epochs));
    QCOMPARE(strangers(folder), QStringList());
  }

  void aFailingDiskLeavesNothingHalfDone_data() {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("failure");
    QTest::addColumn<QByteArray>("kind");
    QTest::newRow("full while the data file is written") << "append" << "write:ENOSPC:4:.parquet" << QByteArray("resource_exhausted");
    QTest::newRow("full while a file is written anew") << "replay" << "write:ENOSPC:4:.parquet" << QByteArray("resource_exhausted");
    QTest::newRow("full while a file is merged") << "upsert" << "write:ENOSPC:4:.parquet" << QByteArray("resource_exhausted");
    QTest::newRow("full while the commit is written") << "append" << "write:ENOSPC:4:.tmp-" << QByteArray("resource_exhausted");
    QTest::newRow("full when the commit gets its name") << "append" << "link:ENOSPC:4:.json" << QByteArray("resource_exhausted");
    QTest::newRow("the first commit of all") << "append" << "link:ENOSPC:1:.json" << QByteArray("resource_exhausted");
    QTest::newRow("broken while the data file is written") << "append" << "write:EIO:4:.parquet" << QByteArray("io");
    QTest::newRow("broken when the data file is synced") << "append" << "sync:EIO:4:.parquet" << QByteArray("io");
    QTest::newRow("broken when the commit is synced") << "append" << "sync:EIO:4:.tmp-" << QByteArray("io");
  }
  void aFailingDiskLeavesNothingHalfDone() {
    QFETCH(QString, mode);
    QFETCH(QString, failure);
    QFETCH(QByteArray, kind);
    const std::string folder = new_table();
    QCOMPARE(run_child(folder, mode, 8, "PENSTOCK_DISK_FAILS", failure), 3);
    QCOMPARE(said_, kind);
    if (fs::exists(folder + "/_delta_log/00000000000000000000.json")) {
      const QStringList seen = table_rows(folder, {"id"});
      if (mode == "upsert") QCOMPARE(table_rows(folder), moved_rows(static_cast<int>(seen.size()) / 10));
      else QCOMPARE(seen, ids(static_cast<int>(seen.size()) / 10));
      QCOMPARE(strangers(folder), QStringList());
    }
    QCOMPARE(run_child(folder, mode, 8), 0);
    if (mode == "upsert") QCOMPARE(table_rows(folder), moved_rows(8));
    else QCOMPARE(table_rows(folder, {"id"}), ids(8));
  }

  void aFullDiskForTheCheckpointOnlyDelaysIt() {
    const std::string folder = new_table();
    QCOMPARE(run_child(folder, "append", 12, "PENSTOCK_DISK_FAILS", "write:ENOSPC:1:.ndjson"), 0);
    QVERIFY(!fs::exists(folder + "/_delta_log/_last_checkpoint"));
    QCOMPARE(run_child(folder, "append", 13), 0);
    QVERIFY(fs::exists(folder + "/_delta_log/_last_checkpoint"));
    QCOMPARE(table_rows(folder, {"id"}), ids(13));
    QCOMPARE(strangers(folder), QStringList());
  }

  void aCommitThatMayNotLastIsLookedUpAgain() {
    const std::string folder = new_table();
    // The folder's sync after the third commit fails: it stands there, but nobody knows for how long.
    QCOMPARE(run_child(folder, "append", 8, "PENSTOCK_DISK_FAILS", "sync:EIO:4:/_delta_log"), 3);
    QVERIFY2(said_ == "unavailable" || said_ == "io", said_);
    QCOMPARE(run_child(folder, "append", 8), 0);
    QCOMPARE(table_rows(folder, {"id"}), ids(8));
  }

  void killedAtRandomMomentsNoRowIsLostOrDoubled_data() {
    QTest::addColumn<QString>("mode");
    for (const char* mode : {"replay", "upsert"}) QTest::addRow("%s", mode) << mode;
  }
  void killedAtRandomMomentsNoRowIsLostOrDoubled() {
    QFETCH(QString, mode);
    const auto seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937 random(seed);
    const std::string folder = new_table();
    for (int kill = 0; kill < 10; ++kill) {
      QProcess child;
      start_child(child, folder, mode, 1'000'000);
      child.waitForFinished(static_cast<int>(random() % 400));
      child.kill();
      QVERIFY(child.waitForFinished(60'000));
    }
    delta::DeltaLog log(folder, &parquet());
    QVERIFY(log.refresh().ok());
    const int reached = log.snapshot().exists() ? static_cast<int>(log.snapshot().transaction_version("s/silver.delta/0").value_or(0)) : 0;
    QCOMPARE(run_child(folder, mode, reached + 3), 0);
    if (mode == "upsert") QCOMPARE(table_rows(folder), moved_rows(reached + 3));
    else QCOMPARE(table_rows(folder, {"id"}), ids(reached + 3));
    QCOMPARE(strangers(folder), QStringList());
  }
};

QTEST_GUILESS_MAIN(DeltaDeliveryTest)
#include "delta_delivery_test.moc"
