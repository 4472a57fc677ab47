#include <QLineEdit>
#include <QScrollBar>

#include "pages/quality_page.h"
#include "support/page_test.h"
#include "widgets/table_view.h"

using namespace penstock::ui;
using penstock::test::PageTest;

class QualityPageTest : public PageTest<QualityPage> {
  Q_OBJECT
 private slots:
  void init() { begin(); }
  void cleanup() { end(); }

  void aLinkShowsTheRowsOfItsExpectation() {
    openKnownStore();
    QVERIFY(shows("0 of 1,204 chosen"));
    QTRY_VERIFY_WITH_TIMEOUT(shows("Where it came from and how far it got"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(shows("gold.sales_velocity"), patience);
    QCOMPARE(page_->here().object, QString("sales/silver/known_store"));
  }

  void fixAndRedriveAreTwoPresses() {
    openKnownStore();
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatBegins("Add 14 rows to seeds/stores.csv"), patience);
    QTest::mouseClick(buttonThatBegins("Add 14 rows"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("all rows pass"), patience);
    QTest::mouseClick(buttonThatBegins("Redrive all 1,204"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!engine_->commands().empty() && engine_->commands().back() == "redrive 1204 of sales", patience);
    QTRY_COMPARE_WITH_TIMEOUT(rows()->model()->rowCount(), 0, patience);
    QTRY_COMPARE_WITH_TIMEOUT(rows()->overlayTitle(), QString("No row waits here"), patience);
  }

  void onlyTheChosenRowsAreRedriven() {
    openKnownStore();
    rows()->setFocus();
    rows()->setCurrentIndex(rows()->model()->index(0, RejectedModel::Key));
    QTest::keyClick(rows(), Qt::Key_Space);
    QTest::keyClick(rows(), Qt::Key_Down);
    QTest::keyClick(rows(), Qt::Key_Space);
    QVERIFY(shows("2 of 1,204 chosen"));
    QTRY_VERIFY_WITH_TIMEOUT(shows("Preview: 2 rows → silver.sales"), patience);
    QTest::mouseClick(buttonThatBegins("Redrive these 2 rows"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!engine_->commands().empty() && engine_->commands().back() == "redrive 2 of sales", patience);
    // What was chosen is done.
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatBegins("Redrive chosen rows"), patience);
  }

  void mutingAsksForAReasonAndCanBeUndone() {
    openKnownStore();
    QTRY_VERIFY_WITH_TIMEOUT(shows("1 expectation fails beyond the usual rate"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatBegins("Mute…"), patience);
    QTest::mouseClick(buttonThatBegins("Mute…"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatBegins("Run"), patience);
    QVERIFY(!buttonThatBegins("Run")->isEnabled());
    for (auto* field : page_->findChildren<QLineEdit*>())
      if (field->accessibleName() == "Why" && field->isVisible()) QTest::keyClicks(field, "new stores open on Monday");
    QTest::mouseClick(buttonThatBegins("Run"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(engine_->commands().back(), std::string("mute known_store"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(shows("All expectations hold"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(shows("1 muted"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatBegins("Unmute"), patience);
    QVERIFY(buttonThatBegins("Unmute")->toolTip().contains("new stores open on Monday"));
    QTest::mouseClick(buttonThatBegins("Undo"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(engine_->commands().back(), std::string("unmute known_store"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(shows("1 expectation fails beyond the usual rate"), patience);
  }

  void rowsThatCannotBeReadSayWhyAndOfferToTryAgain() {
    engine_->fail_next("ListRejected", "unavailable", "the index is being rebuilt", "try again in a minute");
    QTRY_VERIFY_WITH_TIMEOUT(session_->expectations.rowCount() > 0, patience);
    page_->open({"uk", "quality", "sales/silver/known_store", {}});
    QTRY_COMPARE_WITH_TIMEOUT(rows()->overlayTitle(), QString("The rows could not be read"), patience);
    QTest::mouseClick(buttonThatBegins("Try again"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(rows()->model()->rowCount(), 1'204, patience);
  }

  void theTotalSaysWhatBecameOfFailingRows() {
    // Those of known_store and qty_positive are listed; those of points_in_range are only counted.
    QTRY_VERIFY_WITH_TIMEOUT(shows("in 15 min: 1,206 set aside, 3 let pass"), patience);
  }

  void anExpectationThatKeepsNoRowsSaysSo() {
    QTRY_VERIFY_WITH_TIMEOUT(session_->expectations.rowCount() > 0, patience);
    page_->open({"uk", "quality", "loyalty/silver/points_in_range", {}});
    QTRY_COMPARE_WITH_TIMEOUT(rows()->overlayTitle(), QString("It lets its rows pass"), patience);
    page_->open({"uk", "quality", "inventory/silver/stock_not_negative", {}});
    QTRY_COMPARE_WITH_TIMEOUT(rows()->overlayTitle(), QString("It drops its rows"), patience);
  }

  void atASmallWindowNamesOfExpectationsAreRead() {
    QTRY_VERIFY_WITH_TIMEOUT(session_->expectations.rowCount() > 0, patience);
    page_->resize(1'216, 700);          // of a window of 1,280
    auto* table = page_->findChild<TableView*>("expectations");
    QTRY_VERIFY_WITH_TIMEOUT(table->columnWidth(ExpectationsModel::Name) >= 150, patience);
    QCOMPARE(table->horizontalScrollBar()->maximum(), 0);
  }

  void theFilterNarrowsTheExpectations() {
    QTRY_VERIFY_WITH_TIMEOUT(session_->expectations.rowCount() > 0, patience);
    page_->focusFilter();
    for (auto* field : page_->findChildren<QLineEdit*>())
      if (field->accessibleName() == "Filter expectations") QTest::keyClicks(field, "known_store");
    QTRY_COMPARE_WITH_TIMEOUT(page_->findChild<TableView*>("expectations")->model()->rowCount(), 1, patience);
  }

 private:
  TableView* rows() const { return page_->findChild<TableView*>("rejected"); }

  void openKnownStore() {
    page_->open({"uk", "quality", "sales/silver/known_store", {}});
    QTRY_COMPARE_WITH_TIMEOUT(rows()->model()->rowCount(), 1'204, patience);
  }
};

QTEST_MAIN(QualityPageTest)
#include "quality_page_test.moc"
