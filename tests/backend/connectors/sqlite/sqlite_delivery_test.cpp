// What happens to deliveries when the process is killed: each row is there once, or not yet.

#include <QCoreApplication>
#include <QTemporaryDir>
#include <QTest>

#include <random>

#include "backend/connectors/sqlite/sqlite_text.h"

using penstock::test::sqlite_lines;

class SqliteDeliveryTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;
  int files_ = 0;

  std::string new_file() { return root_.filePath(QString::number(++files_) + ".db").toStdString(); }

  void start_child(QProcess& child, const std::string& file, const QString& mode, int epochs, const QString& crash_at = {}) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!crash_at.isEmpty()) environment.insert("PENSTOCK_CRASH_AT", crash_at);
    child.setProcessEnvironment(environment);
    child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    child.start(QCoreApplication::applicationDirPath() + "/sqlite_crash_child", {QString::fromStdString(file), mode, QString::number(epochs)});
    QVERIFY(child.waitForStarted(60'000));
  }
  // Whether it delivered all; false when a signal killed it.
  bool run_child(const std::string& file, const QString& mode, int epochs, const QString& crash_at = {}) {
    QProcess child;
    start_child(child, file, mode, epochs, crash_at);
    child.waitForFinished(120'000);
    return child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0;
  }

  void check_rows(const std::string& file, const QString& mode, int epochs) {
    const bool changes = mode == "changes";
    QCOMPARE(sqlite_lines(file, "SELECT count(*), count(DISTINCT id), min(id), max(id) FROM crash"),
             QStringList(QString("%1|%1|%2|%3").arg(epochs * 10 + (changes ? 1 : 0)).arg(changes ? -epochs : 10).arg(epochs * 10 + 9)));
    // Minutes since 1970: of the epoch that a row is of, or, where the next has moved it, of that one.
    const QString of_epoch = changes ? QString("min(%1, id / 10 + 1)").arg(epochs) : "id / 10";
    QCOMPARE(sqlite_lines(file, "SELECT count(*) FROM crash WHERE id > 0 AND unixepoch(window_start) <> 60 * (" + of_epoch + ")"), QStringList("0"));
    QCOMPARE(sqlite_lines(file, "PRAGMA integrity_check"), QStringList("ok"));
  }

 private slots:
  void noCrashPointLosesOrDoublesARow_data() {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("point");
    for (const char* mode : {"append", "replay", "changes"})
      for (const char* point : {"sqlite.after_rows", "sqlite.before_commit", "sqlite.after_commit"})
        for (const int pass : {1, 4}) QTest::addRow("%s %s %d", mode, point, pass) << mode << QString("%1:%2").arg(point).arg(pass);
  }
  void noCrashPointLosesOrDoublesARow() {
    QFETCH(QString, mode);
    QFETCH(QString, point);
    const std::string file = new_file();
    QVERIFY(!run_child(file, mode, 8, point));
    QVERIFY(run_child(file, mode, 8));
    check_rows(file, mode, 8);
  }

  void killedAtRandomMomentsNoRowIsLostOrDoubled_data() {
    QTest::addColumn<QString>("mode");
    for (const char* mode : {"replay", "changes"}) QTest::addRow("%s", mode) << mode;
  }
  void killedAtRandomMomentsNoRowIsLostOrDoubled() {
    QFETCH(QString, mode);
    const auto seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937 random(seed);
    const std::string file = new_file();
    for (int kill = 0; kill < 10; ++kill) {
      QProcess child;
      start_child(child, file, mode, 1'000'000);
      child.waitForFinished(static_cast<int>(20 + random() % 200));
      child.kill();
      QVERIFY(child.waitForFinished(60'000));
    }
    QVERIFY(run_child(file, mode, 1));      // the table is there, also when each was killed before its first epoch
    const int reached = sqlite_lines(file, "SELECT epoch FROM penstock_epochs").value(0).toInt();
    QVERIFY(run_child(file, mode, reached + 3));
    check_rows(file, mode, reached + 3);
  }
};

QTEST_GUILESS_MAIN(SqliteDeliveryTest)
#include "sqlite_delivery_test.moc"
