#include <QLineEdit>

#include "pages/lineage_page.h"
#include "support/page_test.h"
#include "widgets/graph_tree.h"
#include "widgets/graph_view.h"
#include "widgets/label.h"
#include "widgets/table_view.h"
#include "widgets/time_strip.h"

using namespace penstock::ui;
using penstock::test::PageTest;

class LineagePageTest : public PageTest<LineagePage> {
  Q_OBJECT
 private slots:
  void init() {
    begin();
    view_ = page_->findChild<GraphView*>();
    const bool ready = QTest::qWaitFor([this] { return page_->isReady(); }, patience);
    QVERIFY2(ready, qPrintable(shown().join(" | ")));
  }
  void cleanup() { end(); }

  void aPipelineOpensAtItsWorstNodeWithTheActionBesideIt() {
    QTRY_VERIFY_WITH_TIMEOUT(stuck(), patience);
    page_->open({"uk", "lineage", "loyalty", {}});
    QTRY_VERIFY_WITH_TIMEOUT(button("Reset and replay the gap"), patience);
    const GraphScene& scene = view_->scene();
    QCOMPARE(scene.node(scene.indexOf(view_->selected())).shape, StateShape::Failing);
    QTest::mouseClick(button("Reset and replay the gap"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!engine_->commands().empty() && QString::fromStdString(engine_->commands().back()).startsWith("reset loyalty"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(!stuck(), patience);
  }

  void edgesCarryRateAndLatency() {
    const auto labelled = [this] {
      for (const GraphEdge& edge : view_->scene().graph().edges)
        if (edge.label.contains("/s · ") && edge.label.endsWith(" ms")) return true;
      return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(labelled(), patience);
  }

  void onlyWhatIsWrongHidesTheRestAndSaysSo() {
    QTRY_VERIFY_WITH_TIMEOUT(stuck(), patience);
    const int usual = view_->total();
    QTest::mouseClick(button("Quarantine"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(view_->total(), usual + 1, patience);
    const int total = view_->total();
    QTest::mouseClick(button("Only what is wrong"), Qt::LeftButton);
    QVERIFY(view_->drawn() > 0);
    QVERIFY(view_->drawn() < total);
    bool said = false;
    for (const auto* label : page_->findChildren<Label*>()) said |= label->text() == QString("drawn %1 of %2").arg(view_->drawn()).arg(total);
    QVERIFY(said);
  }

  void aSourceShowsItsContractAndWhatItDoesNotKnow() {
    page_->open({"uk", "lineage", "source/sales/source", {}});
    QTRY_VERIFY_WITH_TIMEOUT(shows("contracts/pos_sale.avsc · json"), patience);
    QVERIFY(shows("New fields become columns, and another version"));
    QVERIFY(shows("Version 1 · 7 columns · since "));
    QVERIFY(shows("+ till_version VARCHAR"));
    QVERIFY(shows("follows the one before: BACKWARD yes, FORWARD yes"));
    QVERIFY(shows("As declared · 6 columns"));
    QVERIFY(shows("Seen and not known: till_version added · 9 rows"));
    QVERIFY(shows("Partitions"));
    page_->open({"uk", "lineage", "source/inventory/source", {}});
    QTRY_VERIFY_WITH_TIMEOUT(shows("It needs none: its records have the columns that they bring"), patience);
    QVERIFY(shows("184 MB"));
    QVERIFY(!shows("till_version"));
  }

  void aContractThatCannotBeReadSaysWhy() {
    engine_->fail_next("ListContracts", "unavailable", "the state is on its way", {});
    page_->open({"uk", "lineage", "source/sales/source", {}});
    QTRY_VERIFY_WITH_TIMEOUT(shows("It could not be read: the state is on its way"), patience);
  }

  void aSinkSaysWhatItPromisesAndThatItIsTriedAgain() {
    page_->open({"uk", "lineage", "sink/fraud_features/scoring", {}});
    QTRY_VERIFY_WITH_TIMEOUT(shows("at least once: a row may arrive twice · 912,004 rows delivered"), patience);
    engine_->break_sink("sales", "open");
    page_->open({"uk", "lineage", "sink/sales/ops.velocity", {}});
    QTRY_VERIFY_WITH_TIMEOUT(shows("exactly once · 912,004 rows delivered · 18,240 rows wait · failing for "), patience);
    QVERIFY(shows("7 tries failed · circuit open for "));
    engine_->set_relaxed_durability("sales");
    QTRY_VERIFY_WITH_TIMEOUT(shows("Durability relaxed: state is synced every 100 ms"), patience);
  }

  void aTableWithAKeySaysWhatItsChangesCost() {
    page_->open({"uk", "lineage", "step/inventory/silver", {}});
    QTRY_VERIFY_WITH_TIMEOUT(shows("exactly once · 48,100 rows delivered · 4.2 rows written for each changed one"), patience);
    page_->open({"uk", "lineage", "sink/sales/ops.velocity", {}});
    QTRY_VERIFY_WITH_TIMEOUT(shows("912,004 rows delivered"), patience);
    QVERIFY(!shows("written for each changed one"));
  }

  void aColumnIsFollowedToWhereItComesFrom() {
    const int all = view_->total();
    page_->open({"uk", "lineage", "step/sales/velocity", {}});
    auto* columns = page_->findChild<TableView*>("columns");
    QTRY_COMPARE_WITH_TIMEOUT(columns->model()->rowCount(), 3, patience);
    QVERIFY(shows("3 columns · choose one to see its way"));
    QTest::mouseClick(columns->viewport(), Qt::LeftButton, {}, columns->visualRect(columns->model()->index(2, 0)).center());
    QVERIFY(shows("Made of silver.sales.amount"));
    QVERIFY(shows("sum(amount)"));
    QVERIFY(shows("Comes from "));
    QVERIFY(shows("pos.sales.qty"));
    QVERIFY(shows("pos.sales.unit_price"));
    QVERIFY(shows("Not followed through ops.velocity: their columns are not known"));
    QCOMPARE(view_->drawn(), 4);
    QTest::keyClick(columns, Qt::Key_Up);
    QVERIFY(shows("Taken from silver.sales.sold_at"));
    // Another node, and everything is there again.
    page_->open({"uk", "lineage", "step/loyalty/silver", {}});
    QTRY_COMPARE_WITH_TIMEOUT(view_->drawn(), all, patience);
  }

  void columnsThatCannotBeReadSayWhy() {
    engine_->fail_next("TraceColumns", "unavailable", "the workspace is being applied", {});
    page_->open({"uk", "lineage", "step/sales/velocity", {}});
    QTRY_VERIFY_WITH_TIMEOUT(shows("They could not be read: the workspace is being applied"), patience);
  }

  void goingBackInTimeTurnsActionsOff() {
    auto* strip = page_->findChild<TimeStrip*>();
    QTest::keyClick(strip, Qt::Key_Left);
    QVERIFY(page_->here().at.has_value());
    QTest::keyClick(strip, Qt::Key_End);
    QVERIFY(!page_->here().at.has_value());
  }

  void theTreeAndTheGraphShareTheirSelection() {
    QTest::mouseClick(button("As a tree"), Qt::LeftButton);
    auto* tree = page_->findChild<GraphTree*>();
    QTRY_VERIFY_WITH_TIMEOUT(tree->isVisible() && tree->topLevelItemCount() > 0, patience);
    tree->setCurrentItem(tree->topLevelItem(0));
    QCOMPARE(view_->scene().node(view_->scene().indexOf(view_->selected())).label, tree->topLevelItem(0)->text(0));
  }

  void anEngineThatFallsSilentShowsOldNumbersAsOld() {
    QTRY_VERIFY_WITH_TIMEOUT(stuck(), patience);
    engine_->stall(true);
    QTRY_VERIFY_WITH_TIMEOUT(!stuck(), patience);
    engine_->stall(false);
  }

 private:
  bool stuck() const {
    for (const GraphNode& node : view_->scene().graph().nodes)
      if (node.shape == StateShape::Failing) return true;
    return false;
  }

  GraphView* view_ = nullptr;
};

QTEST_MAIN(LineagePageTest)
#include "lineage_page_test.moc"
