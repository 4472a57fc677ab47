// `penstock --connect`: an engine that runs elsewhere, beside the one that the console carries inside.

#include <QTableView>

#include "e2e/console/console_at_work.h"
#include "support/operator.h"
#include "viewmodels/pipelines_model.h"
#include "viewmodels/roles.h"

using namespace penstock;
using namespace penstock::e2e;
using penstock::test::Operator;

namespace {

constexpr int kPatience = Operator::usualPatience;

// A penstockd on a copy of the minimal workspace, with a token.
class Remote {
 public:
  explicit Remote(const EmptyHome& home) {
    for (const char* folder : {"", "pipelines", "seeds", "contracts"}) copyFiles(QString("minimal/") + folder, home.path(QString("remote/") + folder));
    write(home.path("right"), "let-me-in\n");
    write(home.path("wrong"), "let-me-in-too\n");
    process_.start(qEnvironmentVariable("PENSTOCK_BIN") + "/penstockd", {"--workspace", home.path("remote"), "--token-file", home.path("right")});
  }
  ~Remote() {
    process_.terminate();
    if (!process_.waitForFinished(60'000)) process_.kill();
  }
  // Empty: it did not come up.
  QString address() {
    if (!QTest::qWaitFor([this] { return process_.canReadLine() || process_.state() == QProcess::NotRunning; }, kPatience)) return {};
    return QString(process_.readLine()).section(' ', -1).trimmed();
  }
  QProcess& process() { return process_; }

 private:
  static void write(const QString& path, const QByteArray& text) {
    QFile file(path);
    if (file.open(QIODevice::WriteOnly)) file.write(text);
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
  }
  static void copyFiles(const QString& from, const QString& to) {
    QDir().mkpath(to);
    for (const auto& entry : QDir(qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/" + from).entryInfoList(QDir::Files)) QFile::copy(entry.filePath(), to + "/" + entry.fileName());
  }

  QProcess process_;
};

// The names that the table of pipelines shows of that engine.
QStringList pipelinesOf(const ui::MainWindow& window, const QString& engine) {
  QStringList names;
  const auto* table = window.findChild<QTableView*>("pipelines");
  for (int row = 0; table && row < table->model()->rowCount(); ++row)
    if (table->model()->index(row, 0).data(ui::EngineRole) == engine) names << table->model()->index(row, ui::PipelinesModel::Name).data().toString();
  names.sort();
  return names;
}

}  // namespace

class ConsoleConnectTest : public QObject {
  Q_OBJECT
 private slots:
  void anEngineElsewhereStandsBesideTheOneInside();
  void aWrongTokenIsToldAndShowsNothing();
  void aStoppedEngineIsToldAndTheOtherGoesOn();
};

#define DO(action) QVERIFY2(user.action, qPrintable(user.problem()))

void ConsoleConnectTest::anEngineElsewhereStandsBesideTheOneInside() {
  const EmptyHome home;
  Remote remote(home);
  const QString address = remote.address();
  QVERIFY(!address.isEmpty());
  ConsoleAtWork console({"--demo", "--connect", address, "--token-file", home.path("right")});
  Operator user(console.window(), Operator::Hand::Mouse);
  QTRY_COMPARE_WITH_TIMEOUT(pipelinesOf(console.window(), address), QStringList("sales"), kPatience);
  QTRY_COMPARE_WITH_TIMEOUT(pipelinesOf(console.window(), "retail").size(), 12, kPatience);
  DO(waitsFor("2 of 2 engines live"));
  QVERIFY(user.keepsPicture(pictureFolder("connect"), "two-engines"));
}

void ConsoleConnectTest::aWrongTokenIsToldAndShowsNothing() {
  const EmptyHome home;
  Remote remote(home);
  const QString address = remote.address();
  QVERIFY(!address.isEmpty());
  ConsoleAtWork console({"--connect", address, "--token-file", home.path("wrong")});
  Operator user(console.window(), Operator::Hand::Mouse);
  DO(waitsFor(address + " does not accept this token"));
  QVERIFY(user.keepsPicture(pictureFolder("connect"), "wrong-token"));
  QCOMPARE(pipelinesOf(console.window(), address), QStringList());
}

// SIGSTOP, as a machine that hangs.
void ConsoleConnectTest::aStoppedEngineIsToldAndTheOtherGoesOn() {
  const EmptyHome home;
  Remote remote(home);
  const QString address = remote.address();
  QVERIFY(!address.isEmpty());
  ConsoleAtWork console({"--demo", "--connect", address, "--token-file", home.path("right")});
  Operator user(console.window(), Operator::Hand::Mouse);
  DO(waitsFor("2 of 2 engines live"));
  const auto stopped = qScopeGuard([&] { QProcess::execute("kill", {"-CONT", QString::number(remote.process().processId())}); });
  QCOMPARE(QProcess::execute("kill", {"-STOP", QString::number(remote.process().processId())}), 0);
  DO(waitsFor("1 of 2 engines live"));
  DO(waitsFor("Engine " + address + ": not answering"));
  QVERIFY(user.keepsPicture(pictureFolder("connect"), "stopped"));
  const auto* table = console.window().findChild<QTableView*>("pipelines");
  const auto rates = [&] {
    QStringList all;
    for (int row = 0; row < table->model()->rowCount(); ++row)
      if (table->model()->index(row, 0).data(ui::EngineRole) == "retail") all << table->model()->index(row, ui::PipelinesModel::Rate).data().toString();
    return all;
  };
  const QStringList before = rates();
  QTRY_VERIFY_WITH_TIMEOUT(rates() != before, kPatience);
}

QTEST_MAIN(ConsoleConnectTest)
#include "connect_test.moc"
