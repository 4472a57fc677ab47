#include <QTest>

#include "support/pod_world.h"

using namespace penstock;
using namespace std::chrono_literals;
using penstock::test::PodWorld;
using Texts = std::vector<std::string>;

class PodSupervisorTest : public QObject {
  Q_OBJECT

 private slots:
  void a_desired_pod_is_started_and_given_its_streams() {
    PodWorld world;
    world.desire({"sales", "loyalty"});
    world.supervisor.tick();
    QCOMPARE(world.host.calls, Texts{"start shared-0"});
    QCOMPARE(world.phase(), PodPhase::starting);
    QVERIFY(!world.supervisor.links_of_stream("sales").ok());
    world.pass(100ms);
    QCOMPARE(world.link().calls, (Texts{"start loyalty", "start sales"}));
    QCOMPARE(world.phase(), PodPhase::running);
    QVERIFY(world.supervisor.links_of_stream("sales").ok());
    QCOMPARE((*world.pods.get("shared-0"))->process_id, 101);
    world.pass(1s);
    QCOMPARE(world.link().calls.size(), std::size_t{2});
  }

  void one_that_never_answers_is_killed_and_started_again() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.link().answers = false;
    world.pass(29s);
    QCOMPARE(world.phase(), PodPhase::starting);
    world.pass(2s);
    QCOMPARE(world.host.calls.back(), std::string("kill shared-0"));
    world.pass(1s);
    world.pass(1s);
    QCOMPARE(world.host.calls.back(), std::string("start shared-0"));
  }

  void an_exit_is_answered_with_back_off_and_three_in_a_minute_are_a_crash_loop() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.host.end("shared-0", "ended with 3");
    world.pass(1ms);
    QCOMPARE(world.phase(), PodPhase::pending);
    QCOMPARE(world.host.calls.size(), std::size_t{1});
    world.pass(200ms);
    QCOMPARE(world.host.calls.size(), std::size_t{2});
    world.host.end("shared-0", "ended with 3");
    world.pass(1ms);
    world.pass(200ms);
    QCOMPARE(world.host.calls.size(), std::size_t{2});        // 400 ms now
    world.pass(200ms);
    QCOMPARE(world.host.calls.size(), std::size_t{3});
    world.host.end("shared-0", "ended with 3");
    world.pass(1ms);
    QCOMPARE(world.phase(), PodPhase::crash_loop);
    QCOMPARE(world.registry.pod("shared-0")->reason, std::string("ended 3 times in a minute, last: ended with 3"));
    QCOMPARE(world.registry.pod("shared-0")->restarts, 3);
    QCOMPARE(world.registry.pipeline("loyalty")->status, PipelineStatus::failing);
    // It goes on trying, and is well after half a minute.
    world.pass(800ms);
    world.pass(100ms);
    QCOMPARE(world.phase(), PodPhase::crash_loop);
    QCOMPARE(world.registry.pod("shared-0")->reason, std::string("ended 3 times in a minute, last: ended with 3"));      // it runs again, and why it did not stays
    for (int i = 0; i < 31; ++i) {
      world.report(world.loyalty(1, 1));
      world.pass(1s);
    }
    QCOMPARE(world.phase(), PodPhase::running);
  }

  void pause_is_told_at_once_and_outlives_an_apply() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    QVERIFY(world.supervisor.set_paused("loyalty", true).ok());
    QCOMPARE(world.link().calls, (Texts{"start loyalty", "pause loyalty"}));
    world.desire({"loyalty"}, 2);
    world.pass(1ms);
    QCOMPARE(world.link().calls.back(), std::string("start loyalty"));
    QVERIFY(world.link().running.at("loyalty").paused);
    QCOMPARE(world.link().running.at("loyalty").version, 2);
    QVERIFY(world.supervisor.set_paused("loyalty", false).ok());
    QVERIFY(!world.link().running.at("loyalty").paused);
    QCOMPARE(world.supervisor.set_paused("nobody", true).error().kind, ErrorKind::not_found);
  }

  void a_stopped_stream_stays_stopped_until_it_is_started() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    QVERIFY(world.supervisor.stop_stream("loyalty", {true, false, false}).ok());
    world.pass(10s);
    QCOMPARE(world.link().calls, (Texts{"start loyalty", "stop loyalty"}));
    QVERIFY(world.supervisor.start_stream("loyalty").ok());
    QVERIFY(world.link().running.contains("loyalty"));
  }

  // Its state is open until then.
  void a_stream_that_was_drained_can_still_be_stopped() {
    PodWorld world;
    world.desire({"sales"});
    world.supervisor.tick();
    world.pass(100ms);
    StreamStop drain;
    drain.drain = true;
    QVERIFY(world.supervisor.stop_stream("sales", drain).ok());
    QVERIFY(world.supervisor.stop_stream("sales", {}).ok());
    QCOMPARE(world.link().calls, (Texts{"start sales", "stop sales", "stop sales"}));
    QVERIFY(world.supervisor.start_stream("sales").ok());
    QCOMPARE(world.link().calls.back(), std::string("start sales"));
  }

  void a_stream_that_has_failed_is_started_again_when_it_is_asked_to_go_on() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    StreamReport failing = world.loyalty(1, 1);
    failing.status = PipelineStatus::failing;
    failing.reason = "an unknown field";
    world.report(failing);
    world.pass(10s);
    QCOMPARE(world.link().calls, Texts{"start loyalty"});       // by itself it would fail again
    QVERIFY(world.supervisor.set_paused("loyalty", false).ok());
    QCOMPARE(world.link().calls, (Texts{"start loyalty", "start loyalty"}));
  }

  void a_pod_that_ended_by_itself_is_shown_with_what_its_streams_said_last() {
    PodWorld world;
    world.desire({"sales", "loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    StreamReport failing = world.loyalty(1, 1);
    failing.status = PipelineStatus::failing;
    failing.reason = "the disk is full";
    world.report(failing);
    world.host.end("shared-0", "ended with 1");
    world.pass(1ms);
    QCOMPARE(world.registry.pod("shared-0")->reason, std::string("ended with 1 · loyalty: the disk is full"));
    // The next one has nothing to do with it.
    world.pass(200ms);
    world.pass(1ms);
    world.report(world.loyalty(1, 1));
    world.host.end("shared-0", "killed by signal 9 (SIGKILL)");
    world.pass(1ms);
    QCOMPARE(world.registry.pod("shared-0")->reason, std::string("killed by signal 9 (SIGKILL)"));
  }

  void a_drain_waits_for_a_pod_that_is_away_rather_than_be_taken_for_done() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    world.host.end("shared-0", "killed by signal 9 (SIGKILL)");
    world.pass(1ms);
    const Status refused = world.supervisor.stop_stream("loyalty", {.drain = true});
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().kind, ErrorKind::unavailable);
    // It comes back with the stream, which can be drained then.
    world.pass(10s);
    world.pass(1ms);
    QCOMPARE(world.link().running.count("loyalty"), std::size_t(1));
    QVERIFY(world.supervisor.stop_stream("loyalty", {.drain = true}).ok());
    world.pass(10s);
    QCOMPARE(world.link().running.count("loyalty"), std::size_t(0));
  }

  void a_stream_that_cannot_start_is_failing_and_tried_again() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.link().start_answer = Error(ErrorKind::data_loss, "the state is damaged");
    world.pass(1ms);
    QCOMPARE(world.registry.pipeline("loyalty")->status, PipelineStatus::failing);
    QVERIFY(world.registry.pipeline("loyalty")->reason.find("the state is damaged") != std::string::npos);
    world.pass(1s);
    QCOMPARE(world.link().calls.size(), std::size_t{1});
    world.link().start_answer = {};
    world.pass(5s);
    QVERIFY(world.link().running.contains("loyalty"));
    QCOMPARE(world.registry.pipeline("loyalty")->status, PipelineStatus::starting);
  }

  void a_pod_that_is_not_desired_any_more_drains_and_is_killed_if_it_does_not_end() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    world.host.ends_when_asked = false;
    world.supervisor.stop_all();
    world.pass(1ms);
    QCOMPARE(world.host.calls.back(), std::string("terminate shared-0"));
    QCOMPARE(world.phase(), PodPhase::stopping);
    QVERIFY(!world.supervisor.is_idle());
    world.pass(11s);
    QCOMPARE(world.host.calls.back(), std::string("kill shared-0"));
    world.pass(1ms);
    world.pass(1ms);
    QVERIFY(world.supervisor.is_idle());
    QVERIFY(!world.registry.pod("shared-0").has_value());
    QVERIFY(!world.pods.get("shared-0")->has_value());
  }

  void an_adopted_pod_goes_on_without_a_restart() {
    PodWorld world;
    PodProcess left;
    left.name = "shared-0";
    left.process_id = 55;
    world.host.left_behind = {left};
    QVERIFY(world.supervisor.adopt().ok());
    world.desire({"loyalty", "sales"});
    world.supervisor.tick();
    QVERIFY(world.link().calls.empty());        // what it runs is not known yet
    world.report(world.loyalty(5, 5));
    world.pass(1ms);
    QCOMPARE(world.link().calls, Texts{"start sales"});
    QVERIFY(world.host.calls.empty());
    QCOMPARE(world.registry.pod("shared-0")->process_id, 55);
  }

  void an_adopted_pod_with_an_older_version_is_given_the_new_one() {
    PodWorld world;
    PodProcess left;
    left.name = "shared-0";
    world.host.left_behind = {left};
    QVERIFY(world.supervisor.adopt().ok());
    world.desire({"loyalty"}, 2);
    world.supervisor.tick();
    world.report(world.loyalty(5, 5));      // version 1
    world.pass(1ms);
    QCOMPARE(world.link().calls, (Texts{"stop loyalty", "start loyalty"}));
  }

  void an_adopted_pod_that_is_not_desired_ends() {
    PodWorld world;
    PodProcess left;
    left.name = "old-0";
    world.host.left_behind = {left};
    QVERIFY(world.supervisor.adopt().ok());
    world.desire({"loyalty"});
    world.supervisor.tick();
    QVERIFY(std::find(world.host.calls.begin(), world.host.calls.end(), "terminate old-0") != world.host.calls.end());
  }

  // All but not_ready, which only a pod on Kubernetes has.
  void every_state_of_a_pod_is_seen() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    QCOMPARE(world.phase(), PodPhase::starting);
    world.pass(1ms);
    QCOMPARE(world.phase(), PodPhase::running);
    world.get_stuck_for(13);
    QCOMPARE(world.phase(), PodPhase::stuck);
    world.pass(6s);
    QCOMPARE(world.phase(), PodPhase::unknown);
    for (int exit = 0; exit < 3; ++exit) {
      world.host.end("shared-0", "ended with 3");
      world.pass(1ms);
      QCOMPARE(world.phase(), exit < 2 ? PodPhase::pending : PodPhase::crash_loop);
      for (int i = 0; i < 12 && !world.host.running.contains("shared-0"); ++i) world.pass(100ms);
    }
    world.pass(1ms);
    world.host.ends_when_asked = false;
    world.supervisor.stop_all();
    world.pass(1ms);
    QCOMPARE(world.phase(), PodPhase::stopping);
    world.host.end("shared-0", "ended with 0");
    world.pass(1ms);
    QVERIFY(!world.registry.pod("shared-0").has_value());      // gone
  }

  void a_reset_stops_starts_and_counts_the_gap() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    world.report(world.loyalty(600, 1'000));
    const auto preview = world.supervisor.preview_reset("shared-0");
    QCOMPARE(preview->gap_rows, 400);
    QCOMPARE(preview->pipelines, Texts{"loyalty"});
    QVERIFY(preview->safe);

    std::vector<ResetProgress> seen;
    QVERIFY(world.supervisor.begin_reset({"c1", "shared-0", "operator", "paged"}, [&](const ResetProgress& p) { seen.push_back(p); }).ok());
    QCOMPARE(world.supervisor.begin_reset({"c2", "shared-0", "operator", ""}, nullptr).error().kind, ErrorKind::failed_precondition);
    QCOMPARE(world.supervisor.begin_reset({"c2", "nobody", "operator", ""}, nullptr).error().kind, ErrorKind::not_found);
    QCOMPARE(world.host.calls.back(), std::string("terminate shared-0"));
    world.pass(1ms);                                        // it ended, and is started again
    QCOMPARE(world.host.calls.back(), std::string("start shared-0"));
    world.pass(1ms);
    QVERIFY(world.link().running.contains("loyalty"));
    world.report(world.loyalty(700, 1'050));
    world.pass(1s);
    world.pass(1ms);
    QCOMPARE(seen.back().stage, ResetStage::replaying);
    QCOMPARE(seen.back().replayed_rows, 100);
    QCOMPARE(world.registry.full().background.front().title, std::string("Reset loyalty"));
    world.report(world.loyalty(1'050, 1'050));
    world.pass(1s);
    QCOMPARE(seen.back().stage, ResetStage::done);
    QCOMPARE(seen.back().outcome, std::string("resumed at 600 · 400 of 400 rows · 0 lost · 0 doubled"));
    QCOMPARE(world.pods.resets("shared-0", 0)->front().outcome, seen.back().outcome);
    QCOMPARE(world.registry.replay("c1")->status, std::string("done"));
    QCOMPARE(seen.front().stage, ResetStage::stopping);
    QVERIFY(!world.registry.pod("shared-0")->reason.size());
  }

  void a_reset_offers_what_was_rejected_meanwhile_and_names_what_was_lost() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    world.report(world.loyalty(600, 1'000));
    std::string outcome;
    QVERIFY(world.supervisor.begin_reset({"c1", "shared-0", "operator", ""}, [&](const ResetProgress& p) { outcome = p.outcome; }).ok());
    RejectedDetail dead;
    dead.row.stream = "loyalty";
    dead.row.table = "dead_letters";
    dead.row.source = "s";
    dead.row.rejected_at = world.now() + 1;
    QVERIFY(world.rejected.insert(std::vector{dead}).ok());
    world.pass(1ms);
    world.pass(1ms);
    StreamReport after = world.loyalty(1'000, 1'000);
    after.rows_in = 950;
    after.lost_rows = 50;
    after.lost_detail = "positions 600–650";
    world.report(after);
    world.pass(1ms);
    world.pass(1ms);
    QCOMPARE(outcome, std::string("resumed at 600 · 350 of 400 rows · 50 lost · 0 doubled · 1 dead letter of this time can be redriven · loyalty lost positions 600–650"));
  }

  void a_damaged_state_is_said_in_the_preview_and_rebuilt_by_the_reset() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.link().start_answer = Error(ErrorKind::data_loss, "the state is damaged");
    world.link().rebuild_mends = true;
    world.pass(1ms);
    QCOMPARE(world.supervisor.preview_reset("shared-0")->state, StateHealth::damaged);
    QVERIFY(!world.supervisor.preview_reset("shared-0")->safe);
    std::vector<ResetProgress> seen;
    QVERIFY(world.supervisor.begin_reset({"c1", "shared-0", "operator", ""}, [&](const ResetProgress& p) { seen.push_back(p); }).ok());
    world.pass(1ms);
    world.link().rebuild_mends = true;
    world.pass(1ms);
    QCOMPARE(world.link().calls, Texts{"start loyalty, rebuild"});
    StreamReport rebuilding = world.loyalty(0, 0);
    rebuilding.status = PipelineStatus::starting;
    world.report(rebuilding);
    world.pass(1s);
    world.pass(1s);
    QCOMPARE(seen.back().stage, ResetStage::replaying);
    StreamReport resumed = world.loyalty(700, 1'000);
    resumed.rows_in = 0;
    resumed.resumed_at = {{0, 700}};
    world.report(resumed);
    world.pass(1s);
    QCOMPARE(seen.back().stage, ResetStage::replaying);
    StreamReport after = world.loyalty(1'000, 1'000);
    after.rows_in = 300;
    after.resumed_at = {{0, 700}};
    world.report(after);
    world.pass(1s);
    QCOMPARE(seen.back().stage, ResetStage::done);
    QCOMPARE(seen.back().outcome, std::string("resumed at 700 · 300 of 300 rows · 0 lost · 0 doubled · the state of loyalty was rebuilt from its tables"));
    QCOMPARE(world.supervisor.preview_reset("shared-0")->state, StateHealth::sound);
    // For that start only.
    world.host.end("shared-0", "killed");
    for (int i = 0; i < 3; ++i) world.pass(1s);
    QCOMPARE(world.link().calls, Texts{"start loyalty"});
  }

  void damage_that_comes_to_light_in_a_reset_is_mended_by_it() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    std::vector<ResetProgress> seen;
    QVERIFY(world.supervisor.begin_reset({"c1", "shared-0", "operator", ""}, [&](const ResetProgress& p) { seen.push_back(p); }).ok());
    world.pass(1ms);
    world.link().start_answer = Error(ErrorKind::data_loss, "the state is damaged");
    world.link().rebuild_mends = true;
    world.pass(1ms);
    world.pass(1ms);
    QCOMPARE(world.link().calls, (Texts{"start loyalty", "start loyalty, rebuild"}));
    QVERIFY(seen.back().stage != ResetStage::failed);
  }

  void a_state_that_cannot_be_rebuilt_ends_the_reset_with_the_reason() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    std::vector<ResetProgress> seen;
    QVERIFY(world.supervisor.begin_reset({"c1", "shared-0", "operator", ""}, [&](const ResetProgress& p) { seen.push_back(p); }).ok());
    world.pass(1ms);
    world.link().start_answer = Error(ErrorKind::data_loss, "the disk is broken");
    world.pass(1ms);
    world.pass(1ms);
    QCOMPARE(seen.back().stage, ResetStage::failed);
    QVERIFY2(seen.back().outcome.find("the disk is broken") != std::string::npos, seen.back().outcome.c_str());
    QVERIFY(world.pods.resets("shared-0", 0)->front().failed);
  }

  void a_lost_state_goes_on_as_the_operator_chooses() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    QCOMPARE(world.supervisor.start_with("loyalty", StateChoice::take_over).error().kind, ErrorKind::failed_precondition);
    StreamReport refused = world.loyalty(0, 10);
    refused.status = PipelineStatus::failing;
    refused.state = StateHealth::lost;
    world.report(refused);
    QCOMPARE(world.supervisor.preview_reset("shared-0")->state, StateHealth::lost);
    QVERIFY(world.supervisor.start_with("loyalty", StateChoice::take_over).ok());
    QCOMPARE(world.link().calls, (Texts{"start loyalty", "stop loyalty", "start loyalty, take over"}));
    world.pass(10s);
    QCOMPARE(world.link().calls.size(), std::size_t{3});
  }

  void the_outcome_is_counted_in_the_tables() {
    PodWorld world;
    world.delivered = {.is_known = true, .rows = 402, .distinct = 399, .in_gap = 349};
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    world.report(world.loyalty(600, 1'000));
    std::string outcome;
    QVERIFY(world.supervisor.begin_reset({"c1", "shared-0", "operator", ""}, [&](const ResetProgress& p) { outcome = p.outcome; }).ok());
    world.pass(1ms);
    world.pass(1ms);
    StreamReport after = world.loyalty(1'050, 1'050);      // 400 rows came in since it went on at 650
    after.resumed_at = {{0, 650}};
    after.rows_in_then = 650;
    SinkReport bronze;
    bronze.kind = "delta";
    bronze.waiting_rows = 3;
    after.sinks = {bronze};
    world.report(after);
    world.pass(1s);                                        // it has started
    world.pass(1s);                                        // and has caught up
    QVERIFY(outcome.empty());                              // not in the tables yet
    after.sinks.front().waiting_rows = 7;                  // of later epochs: the stream goes on meanwhile
    after.sinks.front().delivered_epoch = after.epoch;
    after.positions = after.heads = {{0, 1'100}};
    after.epoch += 50;
    after.rows_in += 50;
    world.report(after);
    world.pass(1s);
    QCOMPARE(outcome, std::string("resumed at 650 · 349 of 350 rows · 1 lost · 3 doubled"));
    QVERIFY((world.counted_until == Positions{{0, 1'050}}));
  }

  void a_stuck_pod_that_does_not_end_is_killed_by_its_reset() {
    PodWorld world;
    world.desire({"loyalty"});
    world.supervisor.tick();
    world.pass(1ms);
    world.host.ends_when_asked = false;
    QVERIFY(world.supervisor.begin_reset({"c1", "shared-0", "operator", ""}, nullptr).ok());
    world.pass(1s);
    QCOMPARE(world.host.calls.back(), std::string("terminate shared-0"));
    world.pass(2s);
    QCOMPARE(world.host.calls.back(), std::string("kill shared-0"));
    world.pass(1ms);
    QCOMPARE(world.host.calls.back(), std::string("start shared-0"));
  }
};

QTEST_APPLESS_MAIN(PodSupervisorTest)
#include "pod_supervisor_test.moc"
