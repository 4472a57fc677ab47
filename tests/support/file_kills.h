#pragma once

// Kills a child that delivers to a database file (crash_epochs.h), at crash points and at random moments: each row is there once, or not yet.

#include <QCoreApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <random>

namespace penstock::test {

class FileKills {
 public:
  // `child` is a program beside the test's own; `ask` gives what a query finds in a file; `seconds` is SQL for the seconds since 1970 of
  // the column window_start, `of_id` for the whole part of a tenth of id, `least` names the function of the lesser of two.
  struct Peer {
    QString child;
    std::function<QStringList(const std::string& file, const QString& sql)> ask;
    QString seconds, of_id, least;
    QString integrity;      // a query that gives "ok" of a sound file; empty: none
  };
  explicit FileKills(Peer peer) : peer_(std::move(peer)) {}

  static void modes_and_points(const QString& prefix) {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("point");
    for (const char* mode : {"append", "replay", "changes"})
      for (const char* point : {"after_rows", "before_commit", "after_commit"})
        for (const int pass : {1, 4}) QTest::addRow("%s %s %d", mode, point, pass) << mode << QString("%1.%2:%3").arg(prefix, point).arg(pass);
  }
  void kill_at(const QString& mode, const QString& point) {
    const std::string file = new_file();
    QVERIFY(!run_child(file, mode, 8, point));
    QVERIFY(run_child(file, mode, 8));
    check_rows(file, mode, 8);
  }
  void kill_at_random(const QString& mode) {
    const auto seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937 random(seed);
    const std::string file = new_file();
    for (int kill = 0; kill < 10; ++kill) {
      QProcess child;
      start_child(child, file, mode, 1'000'000);
      child.waitForFinished(static_cast<int>(20 + random() % 200));
      child.kill();
      QVERIFY(child.state() == QProcess::NotRunning || child.waitForFinished(60'000));
    }
    QVERIFY(run_child(file, mode, 1));      // the table is there, also when each was killed before its first epoch
    const int reached = peer_.ask(file, "SELECT epoch FROM penstock_epochs").value(0).toInt();
    QVERIFY(run_child(file, mode, reached + 3));
    check_rows(file, mode, reached + 3);
  }

 private:
  std::string new_file() { return root_.filePath(QString::number(++files_) + ".db").toStdString(); }

  void start_child(QProcess& child, const std::string& file, const QString& mode, int epochs, const QString& crash_at = {}) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!crash_at.isEmpty()) environment.insert("PENSTOCK_CRASH_AT", crash_at);
    child.setProcessEnvironment(environment);
    child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    child.start(QCoreApplication::applicationDirPath() + "/" + peer_.child, {QString::fromStdString(file), mode, QString::number(epochs)});
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
    QCOMPARE(peer_.ask(file, "SELECT count(*), count(DISTINCT id), min(id), max(id) FROM crash"),
             QStringList(QString("%1|%1|%2|%3").arg(epochs * 10 + (changes ? 1 : 0)).arg(changes ? -epochs : 10).arg(epochs * 10 + 9)));
    // Of the epoch that a row is of, or, where the next has moved it, of that one.
    const QString of_epoch = changes ? QString("%1(%2, %3 + 1)").arg(peer_.least).arg(epochs).arg(peer_.of_id) : peer_.of_id;
    QCOMPARE(peer_.ask(file, "SELECT count(*) FROM crash WHERE id > 0 AND " + peer_.seconds + " <> 60 * (" + of_epoch + ")"), QStringList("0"));
    if (!peer_.integrity.isEmpty()) QCOMPARE(peer_.ask(file, peer_.integrity), QStringList("ok"));
  }

  const Peer peer_;
  QTemporaryDir root_;
  int files_ = 0;
};

}  // namespace penstock::test
