// What closing, and killing, the console does to the streams: nothing that the operator did not ask for.

#include <QDirIterator>
#include <set>

#include "e2e/console/console_at_work.h"
#include "support/operator.h"

using namespace penstock;
using namespace penstock::e2e;
using penstock::test::Operator;

namespace {

constexpr int kPatience = Operator::usualPatience;
const QString kRows = "SELECT count(*) FROM bronze.pos_sales";
const QString kDoubled = "SELECT count(*) FROM (SELECT _source, _partition, _offset FROM bronze.pos_sales GROUP BY ALL HAVING count(*) > 1)";

bool lives(std::int64_t process) { return QFile::exists(QStringLiteral("/proc/%1").arg(process)); }

// The process of the penstockd that runs this workspace without a window; 0: there is none.
std::int64_t backgroundEngine(const QString& workspace) {
  for (const QString& process : QDir("/proc").entryList(QDir::Dirs)) {
    QFile line("/proc/" + process + "/cmdline");
    if (!line.open(QIODevice::ReadOnly)) continue;
    const QList<QByteArray> words = line.readAll().split('\0');
    if (words.value(0).endsWith("/penstockd") && words.contains("--keep-pods") && words.contains(workspace.toUtf8())) return process.toLongLong();
  }
  return 0;
}

// Rows of a Delta table by its log alone, for when no engine is there to be asked.
std::int64_t rowsByTheLog(const QString& state, const QString& table) {
  std::map<std::string, std::int64_t> files;
  QDirIterator all(state, {"*.json"}, QDir::Files, QDirIterator::Subdirectories);
  std::set<QString> versions;
  while (all.hasNext()) {
    if (const QString path = all.next(); path.contains(table + "/_delta_log/")) versions.insert(path);
  }
  for (const QString& path : versions) {
    QFile log(path);
    if (!log.open(QIODevice::ReadOnly)) continue;
    while (!log.atEnd()) {
      const auto action = nlohmann::json::parse(log.readLine().toStdString(), nullptr, false);
      if (action.contains("remove")) files.erase(action["remove"]["path"].get<std::string>());
      if (!action.contains("add")) continue;
      const auto stats = nlohmann::json::parse(action["add"]["stats"].get<std::string>());
      files[action["add"]["path"].get<std::string>()] = stats["numRecords"].get<std::int64_t>();
    }
  }
  std::int64_t rows = 0;
  for (const auto& [path, count] : files) rows += count;
  return rows;
}

}  // namespace

class ConsoleClosingTest : public QObject {
  Q_OBJECT
 private slots:
  void closingAsksAndKeepRunningKeepsThePods();
  void drainAndStopLeavesNothingBehind();
  void aKilledConsoleKillsNoStreamAndTheNextAdoptsItsPods();
};

#define DO(action) QVERIFY2(user.action, qPrintable(user.problem()))

void ConsoleClosingTest::closingAsksAndKeepRunningKeepsThePods() {
  const EmptyHome home;
  const Witness witness(home.demo());
  Leftovers leftovers;
  std::map<std::string, std::int64_t> pods;
  std::int64_t rows = 0;
  {
    ConsoleAtWork console({"--demo"});
    QVERIFY(QTest::qWaitForWindowActive(&console.window()));
    Operator user(console.window(), Operator::Hand::Mouse);
    QTRY_VERIFY_WITH_TIMEOUT(witness.number(kRows) > 0, kPatience);
    pods = witness.pods();
    QCOMPARE(pods.size(), std::size_t{2});
    leftovers.add(pods);

    console.window().close();
    DO(waitsFor("Streams are running."));
    QVERIFY(user.keepsPicture(pictureFolder("closing"), "asks"));
    DO(presses("Cancel"));
    QTRY_VERIFY_WITH_TIMEOUT(!user.sees("Streams are running."), kPatience);
    QVERIFY(console.window().isVisible());
    rows = witness.number(kRows);
    QTRY_VERIFY_WITH_TIMEOUT(witness.number(kRows) > rows, kPatience);

    console.window().close();
    DO(presses("Keep running"));
    QTRY_VERIFY_WITH_TIMEOUT(!console.window().isVisible(), kPatience);
  }
  // Pods write while no engine looks after them, and the one in the background has the workspace only a moment after it began.
  QTRY_VERIFY_WITH_TIMEOUT(backgroundEngine(home.demo()) > 0, kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(rowsByTheLog(home.path("state"), "pos_sales") > rows, kPatience);
  leftovers.add({{"penstockd", backgroundEngine(home.demo())}});
  QTRY_COMPARE_WITH_TIMEOUT(witness.pods(), pods, kPatience);
  rows = witness.number(kRows);
  QTRY_VERIFY_WITH_TIMEOUT(witness.number(kRows) > rows, kPatience);
  QCOMPARE(witness.number(kDoubled), 0);
}

void ConsoleClosingTest::drainAndStopLeavesNothingBehind() {
  const EmptyHome home;
  const Witness witness(home.demo());
  Leftovers leftovers;
  ConsoleAtWork console({"--demo"});
  QVERIFY(QTest::qWaitForWindowActive(&console.window()));
  Operator user(console.window(), Operator::Hand::Keyboard);
  QTRY_VERIFY_WITH_TIMEOUT(witness.number(kRows) > 0, kPatience);
  const auto pods = witness.pods();
  leftovers.add(pods);
  console.window().close();
  DO(waitsFor("Streams are running."));
  DO(presses("Drain and stop"));
  QTRY_VERIFY_WITH_TIMEOUT(!console.window().isVisible(), kPatience);
  for (const auto& [name, process] : pods) QVERIFY2(!lives(process), name.c_str());
}

void ConsoleClosingTest::aKilledConsoleKillsNoStreamAndTheNextAdoptsItsPods() {
  const EmptyHome home;
  const Witness witness(home.demo());
  Leftovers leftovers;
  const QString program = qEnvironmentVariable("PENSTOCK_BIN") + "/penstock";
  QProcess first;
  first.start(program, {"--demo"});
  QTRY_VERIFY_WITH_TIMEOUT(rowsByTheLog(home.path("state"), "pos_sales") > 0, kPatience);
  const auto pods = witness.pods();
  QCOMPARE(pods.size(), std::size_t{2});
  leftovers.add(pods);
  first.kill();
  QVERIFY(first.waitForFinished());

  const auto rows = rowsByTheLog(home.path("state"), "pos_sales");
  QTRY_VERIFY_WITH_TIMEOUT(rowsByTheLog(home.path("state"), "pos_sales") > rows, kPatience);

  QProcess second;
  second.start(program, {"--demo"});
  QTRY_COMPARE_WITH_TIMEOUT(witness.pods(), pods, kPatience);
  const auto adopted = witness.number(kRows);
  QVERIFY(adopted > rows);
  QTRY_VERIFY_WITH_TIMEOUT(witness.number(kRows) > adopted, kPatience);
  QCOMPARE(witness.number(kDoubled), 0);
  second.kill();
  QVERIFY(second.waitForFinished());
}

QTEST_MAIN(ConsoleClosingTest)
#include "closing_test.moc"
