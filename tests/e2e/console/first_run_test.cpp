// The first minute of a new user: from an empty home to a demo that broke by itself and is mended.

#include <QElapsedTimer>
#include <QLabel>
#include <QRegularExpression>

#include "e2e/console/console_at_work.h"
#include "support/operator.h"
#include "viewmodels/pipelines_model.h"
#include "viewmodels/roles.h"
#include "widgets/table_view.h"

using namespace penstock;
using namespace penstock::e2e;
using penstock::test::Operator;

namespace {

bool rowsFlow(const ui::MainWindow& window) {
  const auto* table = window.findChild<ui::TableView*>("pipelines");
  if (!table || !table->isVisible()) return false;
  for (int row = 0; row < table->model()->rowCount(); ++row)
    if (table->model()->index(row, ui::PipelinesModel::Rate).data(ui::SortRole).toDouble() > 0) return true;
  return false;
}

}  // namespace

class FirstRunTest : public QObject {
  Q_OBJECT
 private slots:
  void theDemoBreaksIsUnderstoodAndMendedInSixClicks();
};

void FirstRunTest::theDemoBreaksIsUnderstoodAndMendedInSixClicks() {
  const EmptyHome home;
  const Witness witness(home.demo());
  const QString pictures = pictureFolder("first-run");
  QElapsedTimer sinceWindow;
  ConsoleAtWork console({});
  sinceWindow.start();
  QVERIFY(QTest::qWaitForWindowActive(&console.window()));
  Operator user(console.window(), Operator::Hand::Mouse);
  const auto tell = [&](const char* what) { qInfo("%s after %.1f s and %d clicks", what, static_cast<double>(sinceWindow.elapsed()) / 1e3, user.clicks()); };

  QVERIFY2(user.waitsFor("What do you want to look after?"), qPrintable(user.problem()));
  QVERIFY(user.keepsPicture(pictures, "three-choices"));
  QVERIFY2(user.presses("Start the demo"), qPrintable(user.problem()));
  QTRY_VERIFY_WITH_TIMEOUT(rowsFlow(console.window()), Operator::usualPatience);
  tell("first data");
  QVERIFY(user.keepsPicture(pictures, "first-data"));

  QTRY_VERIFY_WITH_TIMEOUT(user.card("known_store fails"), Operator::usualPatience);
  tell("the planted fault is seen");
  QVERIFY(user.sees("1  See what is wrong ✓"));
  QVERIFY(user.keepsPicture(pictures, "the-fault"));
  QVERIFY(!user.sees("2  Open the rows ✓"));
  QVERIFY2(user.pressesOnCard("known_store fails", "Show the rows"), qPrintable(user.problem()));
  QVERIFY2(user.waitsFor("2  Open the rows ✓"), qPrintable(user.problem()));
  QVERIFY2(user.waitsFor("Add 3 rows to seeds/stores.csv"), qPrintable(user.problem()));
  QVERIFY(user.keepsPicture(pictures, "the-rows"));
  QVERIFY2(user.presses("Add 3 rows to seeds/stores.csv"), qPrintable(user.problem()));
  QVERIFY2(user.waitsFor("ref.stores is written"), qPrintable(user.problem()));
  QVERIFY(!user.sees("3  Fix and redrive ✓"));
  QVERIFY2(user.presses("Redrive all"), qPrintable(user.problem()));
  QVERIFY2(user.waitsFor("3  Fix and redrive ✓"), qPrintable(user.problem()));
  tell("the rows are mended");
  // "45 of 45 rows redriven · 0 rejected again"
  bool allPassed = false;
  for (const auto* label : console.window().findChildren<QLabel*>())
    allPassed |= label->isVisible() && label->text().contains(QRegularExpression("^([\\d,]+) of \\1 rows redriven · 0 rejected again"));
  QVERIFY(allPassed);
  QVERIFY(user.keepsPicture(pictures, "redriven"));

  QVERIFY2(user.goesTo("overview", 'o'), qPrintable(user.problem()));
  QTRY_VERIFY_WITH_TIMEOUT(user.card("loyalty is stuck"), Operator::usualPatience);
  tell("the stuck pod is seen");
  QVERIFY(user.keepsPicture(pictures, "stuck"));
  QVERIFY(!user.sees("4  Reset what is stuck ✓"));
  QVERIFY2(user.pressesOnCard("loyalty is stuck", "Reset and replay the gap"), qPrintable(user.problem()));
  QVERIFY2(user.waitsFor("4  Reset what is stuck ✓"), qPrintable(user.problem()));
  tell("the pod is reset");
  QVERIFY(user.keepsPicture(pictures, "reset"));
  QVERIFY2(user.clicks() <= 6, qPrintable(QString::number(user.clicks())));

  // That it is so, by the engine's word.
  QTRY_COMPARE_WITH_TIMEOUT(witness.number("SELECT count(DISTINCT store_id) FROM silver.sales WHERE store_id IN (41, 42, 43)"), 3, Operator::usualPatience);
  const auto points = witness.number("SELECT count(*) FROM silver.loyalty_points");
  QTRY_VERIFY_WITH_TIMEOUT(witness.number("SELECT count(*) FROM silver.loyalty_points") > points, Operator::usualPatience);
}

QTEST_MAIN(FirstRunTest)
#include "first_run_test.moc"
