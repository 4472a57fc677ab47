#include <QTest>
#include <QTimer>

#include <QSignalSpy>

#include "widgets/graph_labels.h"
#include "widgets/graph_tree.h"
#include "widgets/graph_view.h"
#include "widgets/theme.h"

using namespace penstock::ui;

namespace {

GraphNode node(const QString& id, int group, StateShape shape = StateShape::Ok) {
  return {id, id, "stream", "1.1k/s", shape == StateShape::Failing ? "stuck 4 m" : "", shape, group, {"member_id", "points"}};
}

Graph loyalty() {
  Graph graph;
  graph.groups = {"Sources", "Bronze", "Silver", "Gold", "Sinks"};
  graph.nodes = {node("pos.sales", 0), node("loyalty", 0), node("bronze.pos", 1), node("bronze.loyalty", 1),
                 node("silver.sales", 2, StateShape::Warning), node("silver.loyalty", 2, StateShape::Failing),
                 node("gold.redemption", 3), node("loyalty board", 4)};
  graph.edges = {{0, 2, "12.5k/s · 1 / 4 ms"}, {1, 3, "1.1k/s · 1 / 5 ms"}, {2, 4, "13.1k/s · 3 / 11 ms"},
                 {3, 5, "stuck", StateShape::Failing}, {5, 6, "–", StateShape::Failing}, {4, 6, "2.2k/s · 2 / 6 ms"}, {6, 7, "–"}};
  return graph;
}

class Shown {
 public:
  Shown() {
    view.resize(1200, 700);
    view.show();
    QSignalSpy laidOut(&view, &GraphView::laidOut);
    view.setGraph(loyalty());
    if (laidOut.isEmpty()) laidOut.wait(30'000);
  }

  void click(const QString& id) {
    const QPointF at = view.toWidget(view.scene().nodeRect(view.scene().indexOf(id)).center());
    QTest::mouseClick(&view, Qt::LeftButton, {}, at.toPoint());
  }

  GraphView view;
};

}  // namespace

class GraphViewTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }

  void aLargeGraphOpensAsLargeAsCanBeReadWithWhatIsWrongInSight() {
    Graph graph;
    graph.groups = {"Sources", "Bronze"};
    for (int i = 0; i < 60; ++i) {
      graph.nodes.push_back(node(QString("source %1").arg(i), 0));
      graph.nodes.push_back(node(QString("table %1").arg(i), 1, i == 50 ? StateShape::Failing : StateShape::Ok));
      graph.edges.push_back({2 * i, 2 * i + 1, "1/s"});
    }
    GraphView view;
    view.resize(1200, 700);
    view.show();
    QSignalSpy laidOut(&view, &GraphView::laidOut);
    view.setGraph(graph);
    QTRY_VERIFY_WITH_TIMEOUT(!laidOut.isEmpty(), 30'000);
    QVERIFY(view.scale() >= 0.75);
    const QRectF wrong = view.scene().nodeRect(view.scene().indexOf("table 50"));
    QVERIFY(QRectF(view.rect()).contains(view.toWidget(wrong.center())));
    QTest::keyClick(&view, Qt::Key_F);
    QVERIFY(view.scale() < 0.5);      // all of it
    QVERIFY(QRectF(view.rect()).contains(view.toWidget(view.scene().nodeRect(0).center())));
    QVERIFY(QRectF(view.rect()).contains(view.toWidget(view.scene().nodeRect(118).center())));
  }

  void clickingANodeSelectsItAndClickingNothingClears() {
    Shown shown;
    QSignalSpy changed(&shown.view, &GraphView::selectionChanged);
    shown.click("silver.loyalty");
    QCOMPARE(shown.view.selected(), "silver.loyalty");
    QTest::mouseClick(&shown.view, Qt::LeftButton, {}, {1195, 695});
    QCOMPARE(shown.view.selected(), "");
    QCOMPARE(changed.size(), 2);
  }

  void arrowsFollowEdges() {
    Shown shown;
    shown.view.select("loyalty");
    for (int i = 0; i < 2; ++i) QTest::keyClick(&shown.view, Qt::Key_Right);
    QCOMPARE(shown.view.selected(), "silver.loyalty");
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QCOMPARE(shown.view.selected(), "loyalty board");
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QCOMPARE(shown.view.selected(), "loyalty board");
    QTest::keyClick(&shown.view, Qt::Key_Left);
    QCOMPARE(shown.view.selected(), "gold.redemption");
  }

  void upAndDownGoAlongTheColumnAndEnterOpens() {
    Shown shown;
    shown.view.select("silver.sales");
    const bool salesAbove = shown.view.scene().nodeRect(4).top() < shown.view.scene().nodeRect(5).top();
    QTest::keyClick(&shown.view, salesAbove ? Qt::Key_Down : Qt::Key_Up);
    QCOMPARE(shown.view.selected(), "silver.loyalty");
    QSignalSpy opened(&shown.view, &GraphView::opened);
    QTest::keyClick(&shown.view, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toString(), "silver.loyalty");
  }

  void groupsStandInColumnsFromLeftToRight() {
    Shown shown;
    const GraphScene& scene = shown.view.scene();
    QVERIFY(scene.nodeRect(scene.indexOf("bronze.pos")).left() > scene.nodeRect(scene.indexOf("pos.sales")).right());
    QCOMPARE(scene.nodeRect(scene.indexOf("silver.sales")).left(), scene.nodeRect(scene.indexOf("silver.loyalty")).left());
  }

  void theFocusShowsOnlyWhatLeadsToTheSelection() {
    Shown shown;
    QSignalSpy drawn(&shown.view, &GraphView::drawnChanged);
    shown.view.select("silver.loyalty");
    shown.view.setFocusOn(GraphView::Focus::Upstream);
    QCOMPARE(shown.view.drawn(), 3);
    QCOMPARE(drawn.last()[0].toInt(), 3);
    QCOMPARE(drawn.last()[1].toInt(), 8);
    shown.view.setFocusOn(GraphView::Focus::Downstream);
    QCOMPARE(shown.view.drawn(), 3);
    shown.view.setFocusOn(GraphView::Focus::Wrong);
    QCOMPARE(shown.view.drawn(), 2);
    shown.view.setFocusOn(GraphView::Focus::Everything);
    QCOMPARE(shown.view.drawn(), 8);
  }

  void aSearchMarksAndGoesFromMatchToMatch() {
    Shown shown;
    QCOMPARE(shown.view.search("LOYALTY"), 4);
    QCOMPARE(shown.view.selected(), "loyalty");
    shown.view.findNext(true);
    QCOMPARE(shown.view.selected(), "bronze.loyalty");
    shown.view.findNext(false);
    shown.view.findNext(false);
    QCOMPARE(shown.view.selected(), "loyalty board");
    QCOMPARE(shown.view.search("no such thing"), 0);
  }

  void theWheelZoomsAroundThePointer() {
    Shown shown;
    const QPointF at(300, 300);
    const QPointF under = (at - shown.view.toWidget({0, 0})) / shown.view.scale();
    QWheelEvent wheel(at, at, {}, {0, 120}, {}, {}, Qt::NoScrollPhase, false);
    const double before = shown.view.scale();
    QApplication::sendEvent(&shown.view, &wheel);
    QVERIFY(shown.view.scale() > before);
    QVERIFY((shown.view.toWidget(under) - at).manhattanLength() < 0.01);
  }

  void numbersChangeWithoutALayout() {
    Shown shown;
    QSignalSpy laidOut(&shown.view, &GraphView::laidOut);
    shown.view.updateNode("silver.loyalty", "1.2k/s", StateShape::Ok, "");
    shown.view.updateEdge("bronze.loyalty", "silver.loyalty", "1.2k/s · 2 / 9 ms", StateShape::Ok, 0.1);
    const GraphScene& scene = shown.view.scene();
    QCOMPARE(scene.node(scene.indexOf("silver.loyalty")).value, "1.2k/s");
    QCOMPARE(scene.edge(3).label, "1.2k/s · 2 / 9 ms");
    QCOMPARE(laidOut.size(), 0);
  }

  void aNewNodeKeepsSelectionAndPlaces() {
    Shown shown;
    shown.view.select("silver.loyalty");
    QTest::keyClick(&shown.view, Qt::Key_Minus);  // the operator has his own view: it must not be fitted again
    const QPointF before = shown.view.toWidget(shown.view.scene().nodeRect(5).center());
    Graph more = loyalty();
    more.nodes.push_back(node("gold.points", 3));
    more.edges.push_back({5, 8, "–"});
    QSignalSpy laidOut(&shown.view, &GraphView::laidOut);
    shown.view.setGraph(more);
    QVERIFY(laidOut.wait(30'000));
    QCOMPARE(shown.view.selected(), "silver.loyalty");
    QVERIFY((shown.view.toWidget(shown.view.scene().nodeRect(5).center()) - before).manhattanLength() < 50);
  }

  // Edges that cross in one point would write one label over the other.
  void noLabelHidesAnother() {
    Shown shown;
    shown.view.grab();
    QCOMPARE(shown.view.labelled(), 7);
    Graph crossing;
    crossing.groups = {"Sources", "Bronze"};
    for (int i = 0; i < 8; ++i) crossing.nodes.push_back(node(QString("n%1").arg(i), i / 4));
    for (int from = 0; from < 4; ++from)
      for (int to = 4; to < 8; ++to) crossing.edges.push_back({from, to, "12.5k/s · 1 / 4 ms"});
    QSignalSpy laidOut(&shown.view, &GraphView::laidOut);
    shown.view.setGraph(crossing);
    QVERIFY(laidOut.wait(30'000));
    shown.view.grab();
    QVERIFY2(shown.view.labelled() >= 12, qPrintable(QString::number(shown.view.labelled())));
    const std::vector<QRectF> places = placeEdgeLabels(shown.view.scene(), {});
    for (size_t a = 0; a < places.size(); ++a)
      for (size_t b = 0; b < a; ++b) QVERIFY(places[a].isEmpty() || places[b].isEmpty() || !places[a].intersects(places[b]));
  }

  // Only another thread can lay out so much while this one goes on turning.
  void theLayoutOfALargeGraphDoesNotHoldTheWindow() {
    Graph large;
    for (int i = 0; i < 10'000; ++i) large.nodes.push_back(node(QString::number(i), i / 2'000));
    for (int i = 0; i < 30'000; ++i) large.edges.push_back({i % 8'000, 2'000 * (i % 8'000 / 2'000 + 1) + i * 7 % 2'000, {}});
    GraphView view;
    view.resize(800, 600);
    view.show();
    QSignalSpy laidOut(&view, &GraphView::laidOut);
    int turns = 0;
    QTimer turning;
    connect(&turning, &QTimer::timeout, this, [&] { turns += laidOut.isEmpty(); });
    turning.start(0);
    view.setGraph(large);
    QVERIFY(laidOut.isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(laidOut.size(), 1, 120'000);
    QVERIFY2(turns > 20, qPrintable(QString::number(turns)));
    QCOMPARE(view.total(), 10'000);
  }

  void aScreenReaderHearsTheNodeAndItsEdges() {
    Shown shown;
    shown.view.select("silver.loyalty");
    QCOMPARE(shown.view.accessibleName(), "Lineage graph, 8 nodes");
    QCOMPARE(shown.view.accessibleDescription(), "silver.loyalty. Failing. stuck 4 m. 1.1k/s. from bronze.loyalty. to gold.redemption");
  }

  void theTreeShowsBelowEachNodeWhatItFeeds() {
    GraphTree tree;
    tree.setGraph(loyalty());
    QCOMPARE(tree.topLevelItemCount(), 2);
    QTreeWidgetItem* source = tree.topLevelItem(1);
    QCOMPARE(source->text(0), "loyalty");
    QSignalSpy selected(&tree, &GraphTree::nodeSelected);
    tree.show();
    tree.setCurrentItem(source);
    QTest::keyClick(&tree, Qt::Key_Right);
    QCOMPARE(source->childCount(), 1);
    QTest::keyClick(&tree, Qt::Key_Down);
    QCOMPARE(selected.last()[0].toString(), "bronze.loyalty");
    QCOMPARE(source->child(0)->text(2), "1.1k/s · 1 / 5 ms");
    tree.updateEdge("loyalty", "bronze.loyalty", "1.2k/s · 2 / 9 ms");
    tree.updateNode("bronze.loyalty", "1.2k/s", StateShape::Warning, "late in part");
    QCOMPARE(source->child(0)->text(1), "1.2k/s");
    QCOMPARE(source->child(0)->text(2), "1.2k/s · 2 / 9 ms");
    QCOMPARE(source->child(0)->text(3), "late in part");
  }
};

QTEST_MAIN(GraphViewTest)
#include "graph_view_test.moc"
