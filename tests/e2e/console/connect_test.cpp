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
  void init() {
    home_ = std::make_unique<EmptyHome>();
    remote_ = std::make_unique<Site>("minimal");
    remote_->start_engine();
    address_ = remote_->address();
    token_ = remote_->token_file();
  }
  void cleanup() {
    remote_.reset();
    home_.reset();
  }
  void anEngineElsewhereStandsBesideTheOneInside();
  void aWrongTokenIsToldAndShowsNothing();
  void aStoppedEngineIsToldAndTheOtherGoesOn();

 private:
  std::unique_ptr<EmptyHome> home_;
  std::unique_ptr<Site> remote_;
  QString address_, token_;
};

#define DO(action) QVERIFY2(user.action, qPrintable(user.problem()))

void ConsoleConnectTest::anEngineElsewhereStandsBesideTheOneInside() {
  ConsoleAtWork console({"--demo", "--connect", address_, "--token-file", token_});
  Operator user(console.window(), Operator::Hand::Mouse);
  QTRY_COMPARE_WITH_TIMEOUT(pipelinesOf(console.window(), address_), QStringList("sales"), kPatience);
  QTRY_COMPARE_WITH_TIMEOUT(pipelinesOf(console.window(), "retail").size(), 12, kPatience);
  DO(waitsFor("2 of 2 engines live"));
  QVERIFY(user.keepsPicture(pictureFolder("connect"), "two-engines"));
}

void ConsoleConnectTest::aWrongTokenIsToldAndShowsNothing() {
  QFile wrong(home_->path("wrong"));
  QVERIFY(wrong.open(QIODevice::WriteOnly) && wrong.write("of-another\n") > 0 && wrong.setPermissions(QFile::ReadOwner));
  wrong.close();
  ConsoleAtWork console({"--connect", address_, "--token-file", wrong.fileName()});
  Operator user(console.window(), Operator::Hand::Mouse);
  DO(waitsFor(address_ + " does not accept this token"));
  QVERIFY(user.keepsPicture(pictureFolder("connect"), "wrong-token"));
  QCOMPARE(pipelinesOf(console.window(), address_), QStringList());
}

// SIGSTOP, as a machine that hangs.
void ConsoleConnectTest::aStoppedEngineIsToldAndTheOtherGoesOn() {
  ConsoleAtWork console({"--demo", "--connect", address_, "--token-file", token_});
  Operator user(console.window(), Operator::Hand::Mouse);
  DO(waitsFor("2 of 2 engines live"));
  const auto stopped = qScopeGuard([&] { QProcess::execute("kill", {"-CONT", QString::number(remote_->engine_process())}); });
  QCOMPARE(QProcess::execute("kill", {"-STOP", QString::number(remote_->engine_process())}), 0);
  DO(waitsFor("1 of 2 engines live"));
  DO(waitsFor("Engine " + address_ + ": not answering"));
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
