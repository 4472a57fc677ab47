#include <QSpinBox>

#include "pages/pods_page.h"
#include "support/page_test.h"
#include "widgets/inline_sheet.h"
#include "widgets/table_view.h"

using namespace penstock::ui;
using penstock::test::PageTest;

// The pipeline sales has 8 shards in 4 pods.
class PodsPageTest : public PageTest<PodsPage> {
  Q_OBJECT
 private slots:
  void init() {
    begin();
    QTRY_COMPARE_WITH_TIMEOUT(session_->pods.rowCount(), 12, patience);
    QTRY_VERIFY_WITH_TIMEOUT(session_->pipelines.rowCount() > 0, patience);
    page_->open({"uk", "pods", "sales-1", {}});
  }
  void cleanup() { end(); }

  void eachPodSaysItsShards() {
    const auto shards = [this](const QString& pod) { return session_->pods.index(session_->pods.find("uk", pod), PodsModel::Shards).data().toString(); };
    QCOMPARE(shards("sales-1"), QString("1, 5 of 8"));
    QCOMPARE(shards("shared-0"), QString("–"));
    QVERIFY(!page_->findChild<TableView*>("pods")->isColumnHidden(PodsModel::Shards));
    QVERIFY(shows("Shards of sales: sales-0 has 0, 4"));
  }

  void moreArePreviewedRunAndTakenBack() {
    QTest::mouseClick(button("Scale"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("From 4 pods to 5 · 4 of 8 shards move"), patience);
    QVERIFY(shows("Shard 4 from sales-0 to sales-4"));
    QVERIFY(!QApplication::activeModalWidget());
    // Another number is previewed as it is typed, with the focus where it is.
    pods()->setFocus();
    pods()->selectAll();
    QTest::keyClicks(pods(), "8");
    QTRY_VERIFY_WITH_TIMEOUT(shows("From 4 pods to 8 · 4 of 8 shards move"), patience);
    QVERIFY(pods()->hasFocus());
    QTest::keyClick(pods(), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(shows("sales runs in 8 pods"), patience);
    QCOMPARE(engine_->commands().back(), std::string("scale to 8 sales"));
    QTRY_COMPARE_WITH_TIMEOUT(session_->pods.rowCount(), 16, patience);

    QTest::mouseClick(button("Undo"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("sales runs in 4 pods"), patience);
    QCOMPARE(engine_->commands().back(), std::string("scale to 4 sales"));
    QTRY_COMPARE_WITH_TIMEOUT(session_->pods.rowCount(), 12, patience);
    QVERIFY(!button("Undo"));
  }

  void aNumberThatMovesNothingCannotBeRun() {
    const size_t before = engine_->commands().size();
    QTest::mouseClick(button("Scale"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("From 4 pods to 5"), patience);
    pods()->setFocus();
    pods()->selectAll();
    QTest::keyClicks(pods(), "4");
    QTRY_VERIFY_WITH_TIMEOUT(shows("It has 4 pods: nothing would move"), patience);
    QVERIFY(!button("Run")->isEnabled());
    QTest::keyClick(pods(), Qt::Key_Return);
    QTest::keyClick(pods(), Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!shows("nothing would move"), patience);
    QCOMPARE(engine_->commands().size(), before);
  }

  void thePodThatGoesLeavesItsOutcome() {
    page_->open({"uk", "pods", "sales-3", {}});
    QTest::mouseClick(button("Scale"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(pods() && pods()->isVisible(), patience);
    pods()->setFocus();
    pods()->selectAll();
    QTest::keyClicks(pods(), "2");
    QTRY_VERIFY_WITH_TIMEOUT(shows("From 4 pods to 2"), patience);
    QTest::mouseClick(button("Run"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(session_->pods.find("uk", "sales-3"), -1, patience);
    QTRY_VERIFY_WITH_TIMEOUT(shows("sales runs in 2 pods"), patience);
    QVERIFY(button("Undo"));
  }

  void aRefusalIsSaidWhereItWasAsked() {
    engine_->fail_next("PreviewScale", "failed_precondition", "sales has no pods of its own", "say pods: 1 in its file");
    QTest::mouseClick(button("Scale"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("sales has no pods of its own"), patience);
    QVERIFY(shows("say pods: 1 in its file"));
  }

  // A link may come from anywhere: it shows, and never acts.
  void noTextOfALinkPressesAnything() {
    QVERIFY(!Link::parse("penstock://uk/pods/loyalty-2?press=reset"));
    const auto link = Link::parse("penstock://uk/pods/loyalty-2/reset");
    QVERIFY(link && link->press.isEmpty());
    page_->open(*link);
    QCOMPARE(Link({"uk", "pods", "loyalty-2", {}, "reset"}).toString(), QString("penstock://uk/pods/loyalty-2"));
    page_->open({"uk", "pods", "loyalty-2", {}, "reset"});
    QTRY_VERIFY_WITH_TIMEOUT(shows("0 lost · 0 doubled"), patience);
    QCOMPARE(commands(), QStringList{"reset loyalty-2"});
  }

  void aSharedPodSaysWhyItCannotBeScaled() {
    page_->open({"uk", "pods", "shared-0", {}});
    QVERIFY(!button("Scale")->isEnabled());
    QVERIFY2(button("Scale")->toolTip().startsWith("Pipelines share this pod"), qPrintable(button("Scale")->toolTip()));
    page_->open({"uk", "pods", "loyalty-0", {}});
    QTRY_VERIFY_WITH_TIMEOUT(button("Scale")->toolTip().startsWith("loyalty has one shard"), patience);
  }

 private:
  QSpinBox* pods() const { return page_->findChild<QSpinBox*>("wantedPods"); }
};

QTEST_MAIN(PodsPageTest)
#include "pods_page_test.moc"
