#include <QTest>

#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QVBoxLayout>

#include "widgets/inline_sheet.h"
#include "widgets/theme.h"

using namespace penstock::ui;

namespace {

ActionSummary resetSummary() {
  ActionSummary summary;
  summary.title = "Reset loyalty-2 and replay the gap";
  summary.environment = "PRODUCTION uk";
  summary.facts = {{"Rows", "182,400"}, {"Sinks", "gold.redemption replaces"}};
  summary.why = "loyalty is stuck";
  summary.runText = "Reset";
  return summary;
}

// A page with the button that unfolds the sheet.
class Page : public QWidget {
 public:
  Page() : opener(new QPushButton("Open", this)), sheet(new InlineSheet(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(opener);
    layout->addWidget(sheet);
    resize(600, 400);
    show();
    activateWindow();
    opener->setFocus();
  }

  QPushButton* button(const QString& text) const {
    for (QPushButton* candidate : sheet->findChildren<QPushButton*>())
      if (candidate->text() == text && candidate->isVisible()) return candidate;
    return nullptr;
  }

  QLineEdit* field(const QString& name) const {
    for (QLineEdit* candidate : sheet->findChildren<QLineEdit*>())
      if (candidate->accessibleName() == name) return candidate;
    return nullptr;
  }

  QPushButton* opener;
  InlineSheet* sheet;
};

}  // namespace

class InlineSheetTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }

  void enterRunsBecauseTheFocusStandsOnRun() {
    Page page;
    QVERIFY(QTest::qWaitForWindowActive(&page));
    QSignalSpy run(page.sheet, &InlineSheet::runRequested);
    page.sheet->prepare("Reset loyalty-2");
    page.sheet->ask(resetSummary());
    QTRY_COMPARE(QApplication::focusWidget(), page.button("Reset"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QCOMPARE(run.size(), 1);
    QCOMPARE(run[0][0].toString(), "loyalty is stuck");
    QCOMPARE(page.sheet->stage(), InlineSheet::Stage::Running);
  }

  void enterCancelsWhereTheActionDestroys() {
    Page page;
    QVERIFY(QTest::qWaitForWindowActive(&page));
    QSignalSpy run(page.sheet, &InlineSheet::runRequested);
    ActionSummary summary = resetSummary();
    summary.destroys = true;
    page.sheet->ask(summary);
    QTRY_COMPARE(QApplication::focusWidget(), page.button("Cancel"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QCOMPARE(run.size(), 0);
    QCOMPARE(page.sheet->stage(), InlineSheet::Stage::Folded);
    QCOMPARE(QApplication::focusWidget(), page.opener);
  }

  void theNumberOfRowsThatAreSentAgainHasToBeTyped() {
    Page page;
    QVERIFY(QTest::qWaitForWindowActive(&page));
    QSignalSpy run(page.sheet, &InlineSheet::runRequested);
    ActionSummary summary = resetSummary();
    summary.numberToType = 1'204;
    page.sheet->ask(summary);
    auto* number = page.field("Number of rows that are sent again");
    QTRY_COMPARE(QApplication::focusWidget(), number);
    QVERIFY(!page.button("Reset")->isEnabled());
    QTest::keyClicks(number, "1,20");
    QTest::keyClick(number, Qt::Key_Return);
    QCOMPARE(run.size(), 0);
    QTest::keyClicks(number, "4");
    QVERIFY(page.button("Reset")->isEnabled());
    QTest::keyClick(number, Qt::Key_Return);
    QCOMPARE(run.size(), 1);
    QCOMPARE(run[0][1].toLongLong(), 1'204);
  }

  void whatNeedsAReasonWaitsForOne() {
    Page page;
    QVERIFY(QTest::qWaitForWindowActive(&page));
    ActionSummary summary = resetSummary();
    summary.why.clear();
    summary.needsWhy = true;
    page.sheet->ask(summary);
    QTRY_COMPARE(QApplication::focusWidget(), page.field("Why"));
    QVERIFY(!page.button("Reset")->isEnabled());
    QTest::keyClicks(page.field("Why"), "planned work");
    QVERIFY(page.button("Reset")->isEnabled());
  }

  void theReasonThatIsTypedIsTheOneSent() {
    Page page;
    QSignalSpy run(page.sheet, &InlineSheet::runRequested);
    page.sheet->ask(resetSummary());
    auto* why = page.field("Why");
    why->selectAll();
    QTest::keyClicks(why, "asked by the shop");
    QTest::keyClick(why, Qt::Key_Return);
    QCOMPARE(run.size(), 1);
    QCOMPARE(run[0][0].toString(), "asked by the shop");
  }

  void escapeFoldsWhileAskingAndStopsWhileRunning() {
    Page page;
    QVERIFY(QTest::qWaitForWindowActive(&page));
    QSignalSpy cancelled(page.sheet, &InlineSheet::cancelled);
    page.sheet->ask(resetSummary());
    QTest::keyClick(page.sheet, Qt::Key_Escape);
    QCOMPARE(page.sheet->stage(), InlineSheet::Stage::Folded);
    page.sheet->progress(0.4, "72,960 of 182,400 rows", true);
    QTest::keyClick(page.sheet, Qt::Key_Escape);
    QCOMPARE(page.sheet->stage(), InlineSheet::Stage::Running);
    QCOMPARE(cancelled.size(), 2);
    QCOMPARE(cancelled[1][0].value<InlineSheet::Stage>(), InlineSheet::Stage::Running);
  }

  void theOutcomeStaysUntilItIsClosed() {
    Page page;
    page.sheet->progress(-1, "Stopping", false);
    page.sheet->finish("resumed at 88,120,394 · 182,400 of 182,400 rows · 0 lost · 0 doubled", "Undo");
    QSignalSpy undo(page.sheet, &InlineSheet::undoRequested);
    QTest::mouseClick(page.button("Undo"), Qt::LeftButton);
    QCOMPARE(undo.size(), 1);
    QTest::mouseClick(page.button("Close"), Qt::LeftButton);
    QCOMPARE(page.sheet->stage(), InlineSheet::Stage::Folded);
  }

  void aRefusedCommandOffersToTryAgain() {
    Page page;
    QSignalSpy retry(page.sheet, &InlineSheet::retryRequested);
    page.sheet->progress(-1, {}, false);
    page.sheet->fail("The state changed: running, not stuck", "Look again before you reset.");
    QTest::mouseClick(page.button("Try again"), Qt::LeftButton);
    QCOMPARE(retry.size(), 1);
  }
};

QTEST_MAIN(InlineSheetTest)
#include "inline_sheet_test.moc"
