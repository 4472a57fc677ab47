#include <QComboBox>
#include <QSpinBox>

#include "pages/replay_page.h"
#include "support/page_test.h"
#include "viewmodels/rejected_model.h"
#include "widgets/inline_sheet.h"
#include "widgets/table_view.h"

using namespace penstock::ui;
using penstock::test::PageTest;

class ReplayPageTest : public PageTest<ReplayPage> {
  Q_OBJECT
 private slots:
  void init() {
    begin();
    QTRY_VERIFY_WITH_TIMEOUT(session_->pipelines.rowCount() > 0, patience);
    page_->open({"uk", "replay", "sales", {}});
    QTRY_COMPARE_WITH_TIMEOUT(rows()->model()->rowCount(), 1'204, patience);
  }
  void cleanup() { end(); }

  void allButSomeAreRedriven() {
    QTest::mouseClick(button("Choose all"), Qt::LeftButton);
    rows()->setCurrentIndex(rows()->model()->index(0, RejectedModel::Key));
    QTest::keyClick(rows(), Qt::Key_Space);
    QVERIFY(button("Redrive these 1,203 rows"));
    QTest::mouseClick(button("Redrive these 1,203 rows"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!engine_->commands().empty() && engine_->commands().back() == "redrive 1203 of sales", patience);
    QTRY_COMPARE_WITH_TIMEOUT(rows()->model()->rowCount(), 1, patience);
  }

  void discardingAsksWithTheFocusOnCancel() {
    rows()->setCurrentIndex(rows()->model()->index(0, RejectedModel::Key));
    QTest::keyClick(rows(), Qt::Key_Space);
    QTest::mouseClick(button("Discard"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(button("Cancel"), patience);
    QTest::mouseClick(button("Cancel"), Qt::LeftButton);
    QCOMPARE(commands(), QStringList());
    QCOMPARE(rows()->model()->rowCount(), 1'204);
  }

  void aReplayIsPreviewedThenRunAndSeenInTheList() {
    QTest::mouseClick(button("Preview the replay"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(button("Run"), patience);
    QCOMPARE(commands(), QStringList());
    QTest::mouseClick(button("Run"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(page_->findChild<TableView*>("replays")->model()->rowCount() > 0, patience);
    QCOMPARE(page_->findChild<TableView*>("replays")->model()->index(0, ReplaysModel::Pipeline).data().toString(), QString("sales"));
  }

  void aRedriveKeepsItsRateAndIsPausedResumedAndCancelled() {
    auto* rate = page_->findChild<QSpinBox*>("rate of the redrive");
    rate->setValue(100);
    QTest::mouseClick(button("Redrive all 1,204"), Qt::LeftButton);
    auto* replays = page_->findChild<TableView*>("replays");
    QTRY_VERIFY_WITH_TIMEOUT(replays->model()->rowCount() > 0, patience);
    replays->selectRow(0);
    const auto status = [&] { return replays->model()->index(0, 0).data(ReplaysModel::StatusRole).toString(); };
    QTRY_COMPARE_WITH_TIMEOUT(status(), QString("running"), patience);
    QCOMPARE(replays->model()->index(0, ReplaysModel::Rate).data().toString(), QString("100 of 100"));
    QTest::mouseClick(button("Pause"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(status(), QString("paused"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(button("Resume"), patience);
    QTest::mouseClick(button("Resume"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(status(), QString("running"), patience);
    page_->findChild<QSpinBox*>("rate of the replay")->setValue(50);
    QTest::mouseClick(button("Set rate"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(replays->model()->index(0, ReplaysModel::Rate).data().toString(), QString("100 of 50"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(button("Cancel…") && button("Cancel…")->isEnabled(), patience);
    QTest::mouseClick(button("Cancel…"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(button("Run"), patience);
    QVERIFY(status() != "cancelled");
    QTest::mouseClick(button("Run"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(status(), QString("cancelled"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(button("Pause") && !button("Pause")->isEnabled(), patience);
  }

  void withoutAPipelineNothingCanBeRedriven() {
    QVERIFY(button("Redrive all 1,204")->isEnabled());
    for (auto* box : page_->findChildren<QComboBox*>())
      if (box->accessibleName() == "Pipeline") box->setCurrentIndex(0);
    QTRY_COMPARE_WITH_TIMEOUT(rows()->model()->rowCount(), 1'204, patience);
    QVERIFY(!button("Redrive all 1,204")->isEnabled());
  }

 private:
  TableView* rows() const { return page_->findChild<TableView*>("rejected"); }
};

QTEST_MAIN(ReplayPageTest)
#include "replay_page_test.moc"
