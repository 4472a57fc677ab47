#include <QTest>

#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "widgets/layered_layout.h"

using namespace penstock::ui;

namespace {

LayoutInput graph(int nodes, std::vector<std::pair<int, int>> edges, std::vector<int> groups = {}) {
  LayoutInput input;
  input.nodes = nodes;
  input.edges = std::move(edges);
  input.groups = std::move(groups);
  return input;
}

LayoutInput randomGraph(unsigned seed, int nodes, int edges) {
  std::mt19937 random(seed);
  LayoutInput input;
  input.nodes = nodes;
  for (int i = 0; i < edges; ++i)
    input.edges.emplace_back(std::uniform_int_distribution<int>(0, nodes - 1)(random), std::uniform_int_distribution<int>(0, nodes - 1)(random));
  return input;
}

// Nodes of one column never touch.
void verifyDistances(const LayoutInput& input, const LayoutResult& result) {
  for (int a = 0; a < input.nodes; ++a)
    for (int b = a + 1; b < input.nodes; ++b) {
      if (result.column[a] != result.column[b]) continue;
      QVERIFY2(std::abs(result.y[a] - result.y[b]) >= input.nodeHeight + input.rowGap - 0.5, qPrintable(QString("%1 and %2").arg(a).arg(b)));
    }
}

}  // namespace

class LayeredLayoutTest : public QObject {
  Q_OBJECT

 private slots:
  void edgesLeadFromLeftToRight() {
    const LayoutResult result = layeredLayout(graph(4, {{0, 1}, {1, 2}, {0, 2}, {2, 3}}));
    QCOMPARE(result.column, (std::vector<int>{0, 1, 2, 3}));
    QCOMPARE(result.x[3], 3 * 252.f);
    QCOMPARE(result.bends[2].size(), 1u);
    QVERIFY(result.bends[0].empty());
  }

  void aChainIsAStraightLine() {
    const LayoutResult result = layeredLayout(graph(3, {{0, 1}, {1, 2}}));
    QCOMPARE(result.y[0], result.y[1]);
    QCOMPARE(result.y[1], result.y[2]);
  }

  void groupsStandInTheirOrderWhateverTheEdgesSay() {
    // Two silver steps that follow each other take two columns; a lookup from gold back to silver does not move it.
    const LayoutResult result = layeredLayout(graph(5, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 2}}, {0, 1, 2, 2, 3}));
    QCOMPARE(result.column, (std::vector<int>{0, 1, 2, 3, 4}));
    QCOMPARE(result.groupOfColumn, (std::vector<int>{0, 1, 2, 2, 3}));
    QCOMPARE(result.bends[4].size(), 1u);
  }

  void anUnknownGroupIsThatOfItsPredecessors() {
    const LayoutResult result = layeredLayout(graph(3, {{0, 1}, {1, 2}}, {0, 3, -1}));
    QCOMPARE(result.groupOfColumn[result.column[2]], 3);
    QVERIFY(result.column[2] > result.column[1]);
  }

  void whatCanBeDrawnWithoutCrossingsIs() {
    // Two components, interleaved in their numbering.
    const LayoutResult result = layeredLayout(graph(8, {{0, 2}, {1, 3}, {2, 4}, {3, 5}, {0, 6}, {1, 7}}));
    QCOMPARE(result.crossings, 0);
  }

  void cyclesLoopsAndParallelEdgesAreTaken() {
    const LayoutResult result = layeredLayout(graph(3, {{0, 1}, {1, 2}, {2, 0}, {1, 1}, {0, 1}}));
    QCOMPARE(result.column, (std::vector<int>{0, 1, 2}));
    QCOMPARE(result.bends[2].size(), 1u);
  }

  void anEmptyGraphIsEmpty() {
    const LayoutResult result = layeredLayout(LayoutInput{});
    QVERIFY(result.x.empty());
    QCOMPARE(result.crossings, 0);
  }

  void nothingOverlapsInRandomGraphs() {
    for (unsigned seed = 1; seed <= 20; ++seed) {
      const LayoutInput input = randomGraph(seed, 60, 120);
      const LayoutResult result = layeredLayout(input);
      qInfo("seed %u: %lld crossings", seed, static_cast<long long>(result.crossings));
      verifyDistances(input, result);
    }
  }

  void oneNodeMoreMovesTheOthersLittle() {
    LayoutInput input;
    input.nodes = 50;
    for (int i = 0; i < 40; ++i) input.edges.emplace_back(i, i + 10);
    const LayoutResult before = layeredLayout(input);
    input.nodes = 51;
    input.edges.emplace_back(15, 50);
    input.previousY = before.y;
    input.previousY.push_back(std::numeric_limits<float>::quiet_NaN());
    input.previousBends = before.bends;
    const LayoutResult after = layeredLayout(input);
    verifyDistances(input, after);
    for (int node = 0; node < 50; ++node) {
      QCOMPARE(after.x[node], before.x[node]);
      QVERIFY2(std::abs(after.y[node] - before.y[node]) < 50, qPrintable(QString::number(node)));
    }
  }

  void theSameGraphStaysWhereItWas() {
    LayoutInput input = randomGraph(7, 80, 160);
    const LayoutResult before = layeredLayout(input);
    input.previousY = before.y;
    input.previousBends = before.bends;
    const LayoutResult after = layeredLayout(input);
    for (int node = 0; node < input.nodes; ++node) QVERIFY(std::abs(after.y[node] - before.y[node]) < 1);
    QCOMPARE(after.crossings, before.crossings);
  }
};

QTEST_APPLESS_MAIN(LayeredLayoutTest)
#include "layered_layout_test.moc"
