#include <QTest>

#include "support/fake_engine.h"
#include "viewmodels/pipeline_flow.h"
#include "viewmodels/replay_flows.h"
#include "viewmodels/reset_flow.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;
using Stage = ActionFlow::Stage;

namespace {
constexpr int patience = 30'000;
}

class ActionFlowTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { startEngine(false); }
  void cleanup() {
    connection_.reset();
    engine_.reset();
  }

  void aSafeResetRunsOnThePressItself() {
    ResetFlow reset(*connection_, "loyalty-2");
    QSet<int> stages;
    bool counted = false;
    connect(&reset, &ActionFlow::changed, this, [&] {
      stages.insert(int(reset.stage()));
      counted |= reset.fraction().has_value();
    });
    reset.start();
    QTRY_COMPARE_WITH_TIMEOUT(reset.stage(), Stage::Done, patience);
    QVERIFY(!stages.contains(int(Stage::Confirming)));
    QVERIFY(counted);
    QCOMPARE(reset.outcome(), QString("resumed at 88,120,394 · 182400 of 182400 rows · 0 lost · 0 doubled"));
    QCOMPARE(engine_->commands().back(), std::string("reset loyalty-2"));
  }

  void whatMaySendTwiceAsksFirstAndCanBeLeft() {
    engine_->set_safe(false);
    ResetFlow reset(*connection_, "loyalty-2");
    reset.start();
    QTRY_COMPARE_WITH_TIMEOUT(reset.stage(), Stage::Confirming, patience);
    QCOMPARE(reset.sheet().environment, QString("production"));
    QCOMPARE(reset.sheet().facts[1], QString("Replays 182,400 rows"));
    QVERIFY(reset.sheet().destroys);
    reset.cancel();
    QCOMPARE(reset.stage(), Stage::Idle);
    QVERIFY(engine_->commands().back() != "reset loyalty-2");
    reset.start();
    QTRY_COMPARE_WITH_TIMEOUT(reset.stage(), Stage::Confirming, patience);
    reset.confirm("the board waits");
    QTRY_COMPARE_WITH_TIMEOUT(reset.stage(), Stage::Done, patience);
  }

  void aProtectedEnvironmentAlwaysAsks() {
    startEngine(true);
    PipelineFlow pause(*connection_, "sales", PipelineFlow::Act::Pause);
    pause.start();
    QTRY_COMPARE_WITH_TIMEOUT(pause.stage(), Stage::Confirming, patience);
    QVERIFY(pause.sheet().isProtected);
  }

  void pauseAndResumeUndoEachOther() {
    PipelineFlow pause(*connection_, "sales", PipelineFlow::Act::Pause);
    pause.start();
    QTRY_COMPARE_WITH_TIMEOUT(pause.stage(), Stage::Done, patience);
    QCOMPARE(pause.undo(), std::optional(PipelineFlow::Act::Resume));
    QTRY_COMPARE_WITH_TIMEOUT(connection_->picture().pipelines["sales"].status, PipelineStatus::Paused, patience);
  }

  void aRedriveIsFollowedToItsOutcome() {
    RedriveFlow redrive(*connection_, {.filter = {.stream = "sales", .expectation = "known_store"}});
    redrive.start();
    QTRY_COMPARE_WITH_TIMEOUT(redrive.stage(), Stage::Done, patience);
    QCOMPARE(redrive.outcome(), QString("1204 of 1204 rows passed · 0 lost · 0 doubled"));
  }

  void aReplayThatSendsAgainNeedsTheNumberTyped() {
    ReplayRequest request{.pipeline = "sales", .fromTime = instantOf(600'000'000), .toTime = instantOf(900'000'000)};
    request.includeSinks = {"fraud scoring"};
    ReplayFlow replay(*connection_, request);
    replay.start();
    QTRY_COMPARE_WITH_TIMEOUT(replay.stage(), Stage::Confirming, patience);
    const qint64 again = replay.sheet().numberToType;
    QCOMPARE(again, 360 * 12'480);
    replay.confirm("again", again - 1);
    QCOMPARE(replay.stage(), Stage::Confirming);
    replay.confirm("again", again);
    QTRY_COMPARE_WITH_TIMEOUT(replay.stage(), Stage::Done, patience);
  }

  void aRefusalIsShownWithItsReason() {
    engine_->fail_next("Reset", "failed_precondition", "loyalty-2 is running again", "look again");
    ResetFlow reset(*connection_, "loyalty-2");
    reset.start();
    QTRY_COMPARE_WITH_TIMEOUT(reset.stage(), Stage::Failed, patience);
    QCOMPARE(reset.problem().message, QString("loyalty-2 is running again"));
    reset.start();
    QTRY_COMPARE_WITH_TIMEOUT(reset.stage(), Stage::Done, patience);
  }

 private:
  void startEngine(bool isProtected) {
    connection_.reset();
    engine_ = std::make_unique<FakeEngine>(penstock::test::FakeEngineOptions{.is_protected = isProtected});
    connection_ = std::make_unique<Connection>(Endpoint{"uk", QString::fromStdString(engine_->address()), {}, nullptr});
    QTRY_COMPARE_WITH_TIMEOUT(connection_->state(), EngineState::Live, patience);
  }
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Connection> connection_;
};

QTEST_GUILESS_MAIN(ActionFlowTest)
#include "action_flow_test.moc"
