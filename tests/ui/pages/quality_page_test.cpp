#include <QTemporaryDir>
#include <QTest>

#include <QApplication>
#include <QLineEdit>
#include <QPushButton>

#include "pages/quality_page.h"
#include "support/fake_engine.h"
#include "viewmodels/session.h"
#include "widgets/label.h"
#include "widgets/table_view.h"
#include "widgets/theme.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {

constexpr int patience = 30'000;

QPushButton* buttonThatSays(const QWidget& page, const QString& start) {
  for (auto* button : page.findChildren<QPushButton*>())
    if (button->isVisible() && button->text().startsWith(start)) return button;
  return nullptr;
}

bool says(const QWidget& page, const QString& text) {
  for (const auto* label : page.findChildren<Label*>())
    if (label->isVisible() && label->text().contains(text)) return true;
  return false;
}

}  // namespace

class QualityPageTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    fleet_ = std::make_unique<Fleet>();
    fleet_->add({"uk", QString::fromStdString(engine_->address()), {}, nullptr});
    preferences_ = std::make_unique<Preferences>(folder_.filePath("console.ini"));
    session_ = std::make_unique<Session>(*fleet_, *preferences_);
    page_ = std::make_unique<QualityPage>(*session_);
    page_->resize(1500, 900);
    page_->show();
  }
  void cleanup() {
    page_.reset();
    session_.reset();
    fleet_.reset();
    engine_.reset();
  }

  void aLinkShowsTheRowsOfItsExpectation() {
    openKnownStore();
    QVERIFY(says(*page_, "0 of 1,204 chosen"));
    QTRY_VERIFY_WITH_TIMEOUT(says(*page_, "Where it came from and how far it got"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(says(*page_, "gold.sales_velocity"), patience);
    QCOMPARE(page_->here().object, QString("sales/silver/known_store"));
  }

  void fixAndRedriveAreTwoPresses() {
    openKnownStore();
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatSays(*page_, "Add 14 rows to seeds/stores.csv"), patience);
    QTest::mouseClick(buttonThatSays(*page_, "Add 14 rows"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(says(*page_, "all rows pass"), patience);
    QTest::mouseClick(buttonThatSays(*page_, "Redrive all 1,204"), Qt::LeftButton);
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
    QVERIFY(says(*page_, "2 of 1,204 chosen"));
    QTRY_VERIFY_WITH_TIMEOUT(says(*page_, "Preview: 2 rows → silver.sales"), patience);
    QTest::mouseClick(buttonThatSays(*page_, "Redrive these 2 rows"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!engine_->commands().empty() && engine_->commands().back() == "redrive 2 of sales", patience);
    // What was chosen is done.
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatSays(*page_, "Redrive chosen rows"), patience);
  }

  void mutingAsksForAReasonAndCanBeUndone() {
    openKnownStore();
    QTRY_VERIFY_WITH_TIMEOUT(says(*page_, "1 expectation fails beyond the usual rate"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatSays(*page_, "Mute…"), patience);
    QTest::mouseClick(buttonThatSays(*page_, "Mute…"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatSays(*page_, "Run"), patience);
    QVERIFY(!buttonThatSays(*page_, "Run")->isEnabled());
    for (auto* field : page_->findChildren<QLineEdit*>())
      if (field->accessibleName() == "Why" && field->isVisible()) QTest::keyClicks(field, "new stores open on Monday");
    QTest::mouseClick(buttonThatSays(*page_, "Run"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(engine_->commands().back(), std::string("mute known_store"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(says(*page_, "All expectations hold"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(says(*page_, "1 muted"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(buttonThatSays(*page_, "Unmute"), patience);
    QVERIFY(buttonThatSays(*page_, "Unmute")->toolTip().contains("new stores open on Monday"));
    QTest::mouseClick(buttonThatSays(*page_, "Undo"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(engine_->commands().back(), std::string("unmute known_store"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(says(*page_, "1 expectation fails beyond the usual rate"), patience);
  }

  void rowsThatCannotBeReadSayWhyAndOfferToTryAgain() {
    engine_->fail_next("ListRejected", "unavailable", "the index is being rebuilt", "try again in a minute");
    QTRY_VERIFY_WITH_TIMEOUT(session_->expectations.rowCount() > 0, patience);
    page_->open({"uk", "quality", "sales/silver/known_store", {}});
    QTRY_COMPARE_WITH_TIMEOUT(rows()->overlayTitle(), QString("The rows could not be read"), patience);
    QTest::mouseClick(buttonThatSays(*page_, "Try again"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(rows()->model()->rowCount(), 1'204, patience);
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

  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Fleet> fleet_;
  QTemporaryDir folder_;
  std::unique_ptr<Preferences> preferences_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<QualityPage> page_;
};

QTEST_MAIN(QualityPageTest)
#include "quality_page_test.moc"
