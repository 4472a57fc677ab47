#include <QCoreApplication>
#include <QSignalSpy>
#include <QTest>

#include "client/fleet.h"
#include "client/pod_client.h"
#include "support/fake_engine.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {

constexpr int patience = 30'000;

Endpoint endpointOf(const FakeEngine& engine, const QString& name = "retail", const QString& token = {}) {
  return {name, QString::fromStdString(engine.address()), token, nullptr};
}

}  // namespace

class EngineConnectionTest : public QObject {
  Q_OBJECT
 private slots:
  void becomesLiveAndHoldsTheWholePicture() {
    FakeEngine engine;
    Connection connection(endpointOf(engine));
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Live, patience);
    QCOMPARE(connection.info().environment, QString("production"));
    QCOMPARE(connection.info().colour, QString("#e2a336"));
    QCOMPARE(connection.picture().pipelines.size(), 14);
    QCOMPARE(connection.picture().pods.size(), 12);
    QCOMPARE(connection.picture().pipelines["loyalty"].status, PipelineStatus::Stuck);
    QCOMPARE(connection.picture().pipelines["loyalty"].behindRows, std::optional<qint64>(182'400));
    QCOMPARE(connection.picture().attention.front().subject, QString("loyalty-2 is stuck"));
  }

  void speaksTheSameOverAnInProcessChannel() {
    FakeEngine engine;
    Connection connection({"embedded", {}, {}, engine.in_process_channel()});
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Live, patience);
    QVERIFY(connection.isEmbedded());
    QCOMPARE(connection.picture().pipelines.size(), 14);
  }

  void aStalledEngineStopsAnsweringWhileTheOtherStaysLive() {
    FakeEngine sound, stalled;
    Fleet fleet;
    Connection& a = fleet.add(endpointOf(sound, "a"));
    Connection& b = fleet.add(endpointOf(stalled, "b"));
    QTRY_COMPARE_WITH_TIMEOUT(b.state(), EngineState::Live, patience);
    QTRY_COMPARE_WITH_TIMEOUT(a.state(), EngineState::Live, patience);
    stalled.stall(true);
    QTRY_COMPARE_WITH_TIMEOUT(b.state(), EngineState::NotAnswering, patience);
    QVERIFY(b.behind() >= std::chrono::seconds(5));
    QCOMPARE(b.picture().pipelines.size(), 14);
    QVERIFY(a.isFresh());
    stalled.stall(false);
    QTRY_COMPARE_WITH_TIMEOUT(b.state(), EngineState::Live, patience);
  }

  void anEngineWhoseReportsComeLateIsSlowAndStillFresh() {
    FakeEngine engine;
    Connection connection(endpointOf(engine));
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Live, patience);
    engine.lag(std::chrono::seconds(3));
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Slow, patience);
    QVERIFY(connection.isFresh());
    QVERIFY(connection.behind() >= std::chrono::seconds(3));
    engine.lag({});
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Live, patience);
  }

  void resumesAfterTheEngineCameBack() {
    FakeEngine engine;
    Connection connection(endpointOf(engine));
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Live, patience);
    engine.die();
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::NotAnswering, patience);
    QCOMPARE(connection.problem().kind, QString("unavailable"));
    engine.come_back();
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Live, patience);
  }

  void aWrongTokenIsUnauthorised() {
    FakeEngine engine({.token = "right"});
    Connection wrong(endpointOf(engine, "wrong", "left"));
    Connection right(endpointOf(engine, "right", "right"));
    QTRY_COMPARE_WITH_TIMEOUT(wrong.state(), EngineState::Unauthorised, patience);
    QCOMPARE(wrong.problem().message, QString("the token is not known here"));
    QTRY_COMPARE_WITH_TIMEOUT(right.state(), EngineState::Live, patience);
  }

  void anotherApiVersionIsIncompatible() {
    FakeEngine engine({.api_version = 2});
    Connection connection(endpointOf(engine));
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Incompatible, patience);
    QCOMPARE(connection.problem().message, QString("Its API is version 2, this console speaks 1"));
  }

  void nobodyAtTheAddressIsNotAnswering() {
    Connection connection({"nobody", "127.0.0.1:1", {}, nullptr});
    QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::NotAnswering, patience);
  }

  void closingWithFiftyStreamsEndsThemAllAndNoReplyComesLater() {
    FakeEngine engine;
    engine.flood_logs(true);
    int items = 0;
    bool closed = false;
    bool late = false;
    {
      Fleet fleet;
      Connection& connection = fleet.add(endpointOf(engine));
      QTRY_COMPARE_WITH_TIMEOUT(connection.state(), EngineState::Live, patience);
      for (int i = 0; i < 50; ++i) {
        PodClient(connection).logs("loyalty-0", 10, true, this,
                                   {[&](std::vector<LogEntry>) { ++items; late |= closed; },
                                    [&](const std::optional<CallError>&) { late |= closed; }});
      }
      QTRY_VERIFY_WITH_TIMEOUT(items >= 50, patience);
      closed = true;
    }
    QCoreApplication::processEvents();
    QVERIFY(!late);
  }

  // gRPC waits for its own threads where the last channel goes, so that must not happen on one of them.
  void theChannelIsLetGoBeforeAConnectionIsGone() {
    FakeEngine engine;
    const std::shared_ptr<grpc::Channel> channel = engine.in_process_channel();
    for (int round = 0; round < 60; ++round) {
      auto connection = std::make_unique<Connection>(Endpoint{"embedded", {}, {}, channel});
      QTRY_COMPARE_WITH_TIMEOUT(connection->state(), EngineState::Live, patience);
      for (int i = 0; i < 4; ++i) PodClient(*connection).logs("loyalty-0", 10, true, this, {});
      connection.reset();
      QCOMPARE(channel.use_count(), 1);
    }
  }

  void aNameThatIsTakenGetsANumber() {
    FakeEngine engine;
    Fleet fleet;
    fleet.add(endpointOf(engine, "retail"));
    QCOMPARE(fleet.add(endpointOf(engine, "retail")).name(), QString("retail-2"));
    QSignalSpy removing(&fleet, &Fleet::aboutToRemove);
    fleet.remove("retail");
    QCOMPARE(removing.count(), 1);
    QCOMPARE(fleet.size(), 1);
  }
};

QTEST_GUILESS_MAIN(EngineConnectionTest)
#include "connection_test.moc"
