#include <cmath>
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "client/fleet.h"
#include "support/fake_engine.h"
#include "viewmodels/attention_model.h"
#include "viewmodels/expectations_model.h"
#include "viewmodels/lineage_model.h"
#include "viewmodels/pipelines_model.h"
#include "viewmodels/pods_model.h"
#include "viewmodels/replays_model.h"
#include "viewmodels/series_feed.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {

constexpr int patience = 30'000;
constexpr auto strict = QAbstractItemModelTester::FailureReportingMode::QtTest;

Endpoint endpointOf(const FakeEngine& engine, const QString& name) {
  return {name, QString::fromStdString(engine.address()), {}, nullptr};
}

}  // namespace

class LiveModelsTest : public QObject {
  Q_OBJECT
 private slots:
  void aPipelineIsShownWithItsStateNumbersAndObjective() {
    FakeEngine engine({.moving = false});
    Fleet fleet;
    PipelinesModel model(fleet);
    QAbstractItemModelTester tester(&model, strict);
    fleet.add(endpointOf(engine, "uk"));
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 14, patience);
    const int sales = model.find("uk", "sales");
    const auto cell = [&](int row, int column, int role = Qt::DisplayRole) { return model.index(row, column).data(role); };
    QCOMPARE(cell(sales, PipelinesModel::Rate).toString(), QString("12,480"));
    QCOMPARE(cell(sales, PipelinesModel::P50).toString(), QString("31"));
    QCOMPARE(cell(sales, PipelinesModel::P99).toString(), QString("64"));
    QCOMPARE(cell(sales, PipelinesModel::Failing).toString(), QString("1,204"));
    QCOMPARE(cell(sales, PipelinesModel::State, ShapeRole).toInt(), int(mark::Warning));
    QCOMPARE(cell(sales, PipelinesModel::Objective, ObjectiveRole).toDouble(), 0.64);
    QCOMPARE(cell(sales, PipelinesModel::Sparkline, SeriesRole).value<QList<double>>().size(), 60);
    const int loyalty = model.find("", "loyalty");
    QCOMPARE(cell(loyalty, PipelinesModel::P99).toString(), QString("stuck"));
    QCOMPARE(cell(loyalty, PipelinesModel::P99, ToneRole).toInt(), int(voice::Failing));
    QCOMPARE(cell(loyalty, PipelinesModel::Behind).toString(), QString("4 m 12 s"));
    QVERIFY(std::isinf(cell(loyalty, PipelinesModel::Objective, ObjectiveRole).toDouble()));
    QCOMPARE(cell(loyalty, PipelinesModel::Pods).toString(), QString("2 of 3"));
    QCOMPARE(cell(loyalty, 0, LinkRole).toString(), QString("penstock://uk/overview/loyalty"));
    QCOMPARE(cell(model.find("", "supplier_edi"), PipelinesModel::Rate).toString(), QString("paused"));
  }

  void whatASilentEngineToldLastStaysBelowItsSilence() {
    FakeEngine engine({.moving = false});
    Fleet fleet;
    AttentionModel model(fleet);
    QAbstractItemModelTester tester(&model, strict);
    fleet.add(endpointOf(engine, "uk"));
    QTRY_VERIFY_WITH_TIMEOUT(model.rowCount() > 0, patience);
    const QString worst = model.item(0).attention.subject;
    const int told = model.rowCount();
    engine.stall(true);
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), told + 1, patience);
    QCOMPARE(model.item(0).attention.firstAction, QString("connect"));
    QCOMPARE(model.item(1).attention.subject, worst);
    engine.stall(false);
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), told, patience);
    QCOMPARE(model.item(0).attention.subject, worst);
  }

  void aChangeReachesItsRowOnly() {
    FakeEngine engine({.moving = false});
    Fleet fleet;
    PipelinesModel model(fleet);
    fleet.add(endpointOf(engine, "uk"));
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 14, patience);
    const int stock = model.find("uk", "inventory");
    engine.set_rows_per_second("inventory", 77);
    QTRY_COMPARE_WITH_TIMEOUT(model.index(stock, PipelinesModel::Rate).data().toString(), QString("77"), patience);
  }

  void aSilentEngineIsUnknownWithItsAgeWhileTheOtherStaysLive() {
    FakeEngine sound({.seed = 1}), silent({.seed = 2});
    Fleet fleet;
    PipelinesModel model(fleet);
    PodsModel pods(fleet);
    Connection& a = fleet.add(endpointOf(sound, "a"));
    Connection& b = fleet.add(endpointOf(silent, "b"));
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 28, patience);
    QTRY_COMPARE_WITH_TIMEOUT(pods.rowCount(), 24, patience);
    silent.stall(true);
    QTRY_COMPARE_WITH_TIMEOUT(b.state(), EngineState::NotAnswering, patience);
    QCOMPARE(model.statusOf(model.find("b", "sales")), PipelineStatus::Unknown);
    const QModelIndex behind = model.index(model.find("b", "sales"), PipelinesModel::Behind);
    QVERIFY2(behind.data().toString().startsWith("silent "), qPrintable(behind.data().toString()));
    QVERIFY(behind.data(StaleRole).toBool());
    QCOMPARE(pods.phaseOf(pods.find("b", "sales-0")), PodPhase::Unknown);
    QVERIFY(a.isFresh());
    QCOMPARE(model.statusOf(model.find("a", "sales")), PipelineStatus::Running);
    QVERIFY(!model.index(model.find("a", "sales"), 0).data(StaleRole).toBool());
    fleet.remove("b");
    QCOMPARE(model.rowCount(), 14);
    QCOMPARE(model.find("b", "sales"), -1);
    QCOMPARE(model.find("a", "web_clicks") >= 0, true);
  }

  void podsTellPhaseGapAndWhatTheyRun() {
    FakeEngine engine({.moving = false});
    Fleet fleet;
    fleet.add(endpointOf(engine, "uk"));
    PodsModel model(fleet);
    QAbstractItemModelTester tester(&model, strict);
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 12, patience);
    const int stuck = model.find("uk", "loyalty-2");
    QVERIFY(model.index(stuck, PodsModel::Phase).data().toString().startsWith("stuck · 4 m "));
    QCOMPARE(model.index(stuck, PodsModel::Behind).data().toString(), QString("182,400"));
    QCOMPARE(model.index(stuck, PodsModel::Pipelines).data().toString(), QString("loyalty"));
    QCOMPARE(model.index(stuck, 0).data(RankRole).toInt(), 0);
  }

  void expectationsBeyondTheirUsualRateWarn() {
    FakeEngine engine({.moving = false});
    Fleet fleet;
    ExpectationsModel model(fleet);
    QAbstractItemModelTester tester(&model, strict);
    fleet.add(endpointOf(engine, "uk"));
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 6, patience);
    const int store = model.find("uk", expectationKey("sales", "silver", "known_store"));
    QCOMPARE(model.index(store, 0).data(ShapeRole).toInt(), int(mark::Warning));
    QCOMPARE(model.index(store, ExpectationsModel::FailingRows).data().toString(), QString("1,204"));
    QCOMPARE(model.index(store, ExpectationsModel::Now).data().toString(), QString("3.1 %"));
    QCOMPARE(model.index(store, ExpectationsModel::Usual).data().toString(), QString("0.02 %"));
    const int quantity = model.find("uk", expectationKey("sales", "silver", "qty_positive"));
    QCOMPARE(model.index(quantity, 0).data(ShapeRole).toInt(), int(mark::Ok));
  }

  void everyEdgeOfTheGraphSaysRateAndLatency() {
    FakeEngine engine({.moving = false});
    Fleet fleet;
    Connection& uk = fleet.add(endpointOf(engine, "uk"));
    QTRY_COMPARE_WITH_TIMEOUT(uk.state(), EngineState::Live, patience);
    LineageModel model;
    QAbstractItemModelTester tester(&model, strict);
    QSignalSpy laidOut(&model, &LineageModel::graphChanged);
    model.show(&uk);
    QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 24, patience);
    QCOMPARE(model.edges().size(), size_t(23));
    QCOMPARE(laidOut.count(), 2);
    QCOMPARE(model.edges()[0].label, QString("12.5k/s · 1 / 4 ms"));
    const auto node = [&](const char* id) { return model.nodes()[static_cast<size_t>(model.find(id))]; };
    QCOMPARE(node("step/loyalty/silver").shape, int(mark::Failing));
    QVERIFY(node("step/loyalty/silver").note.startsWith("stuck 4 m"));
    QVERIFY(node("step/loyalty/silver").note.endsWith(" · 182k wait"));
    QCOMPARE(node("step/sales/silver").shape, int(mark::Warning));
    QCOMPARE(node("source/inventory/source").shape, int(mark::Ok));
    const std::vector<int> up = model.upstream(model.find("sink/sales/ops.velocity"));
    QCOMPARE(up.size(), size_t(6));
    QCOMPARE(model.downstream(model.find("source/loyalty/source")).size(), size_t(7));
  }

  void seriesAreReadOnceAndThenFollowed() {
    FakeEngine engine;
    Fleet fleet;
    Connection& uk = fleet.add(endpointOf(engine, "uk"));
    SeriesFeed feed;
    feed.followLive(&uk, {"pipeline/sales/queryable_p50", "pipeline/sales/queryable_p99"}, std::chrono::minutes(10), 600);
    QTRY_VERIFY_WITH_TIMEOUT(feed.find("pipeline/sales/queryable_p99"), patience);
    QCOMPARE(feed.series().size(), size_t(2));
    QCOMPARE(feed.series()[0].unit, QString("us"));
    const qint64 newest = feed.series()[0].at.back();
    QTRY_VERIFY_WITH_TIMEOUT(feed.series()[0].at.back() > newest, patience);
    QVERIFY(std::is_sorted(feed.series()[0].at.begin(), feed.series()[0].at.end()));
    QCOMPARE(feed.series()[0].at.size(), feed.series()[0].value.size());
    feed.showPast(&uk, {"pipeline/sales/queryable_p99"}, instantOf(1'000'000), instantOf(2'000'000), 10);
    QTRY_COMPARE_WITH_TIMEOUT(feed.series().size(), size_t(1), patience);
    QCOMPARE(feed.series()[0].at.size(), size_t(10));
  }
};

QTEST_GUILESS_MAIN(LiveModelsTest)
#include "live_models_test.moc"
