#include <QTest>

#include <cmath>
#include <thread>

#include "telemetry/registry.h"

using namespace penstock;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
const Timestamp kStart = from_micros(1'763'648'400'000'000);      // 14:20:00 UTC

PipelineDeclaration declaration(const std::string& name) {
  PipelineDeclaration declaration;
  declaration.name = name;
  declaration.objective_p99 = 100'000;
  declaration.pods_wanted = 1;
  declaration.tables_held = {"gold.redemption", "silver." + name, "gold.fraud"};
  return declaration;
}

StreamReport stream(const std::string& name, std::int64_t rows, std::int64_t epoch_at) {
  StreamReport report;
  report.stream = name;
  report.status = PipelineStatus::running;
  report.version = 1;
  report.epoch = rows;
  report.epoch_at = epoch_at;
  report.rows_in = rows;
  StepReport bronze;
  bronze.step = "bronze";
  bronze.from = {"source"};
  bronze.rows_in = bronze.rows_out = rows;
  report.steps = {bronze};
  return report;
}

PodReport pod(const std::vector<StreamReport>& streams) {
  PodReport report;
  report.pod = "shared-0";
  report.process_id = 42;
  report.started_at = to_micros(kStart);
  report.streams = streams;
  return report;
}

PodFacts facts(PodPhase phase, const std::vector<std::string>& pipelines) {
  PodFacts facts;
  facts.name = "shared-0";
  facts.phase = phase;
  facts.pipelines = pipelines;
  return facts;
}

// A thousand rows a second go through the step bronze of "sales"; some fail `known_store`.
struct CheckedSales {
  ManualClock clock{kStart};
  TelemetryRegistry registry{clock};
  StreamReport report = stream("sales", 0, to_micros(kStart));

  CheckedSales() {
    ExpectationReport expectation;
    expectation.name = "known_store";
    expectation.sql = "store_id IN (SELECT id FROM ref.stores)";
    expectation.on_fail = "quarantine";
    report.steps[0].expectations = {expectation};
    registry.declare({declaration("sales")});
    registry.report(pod({report}));
  }
  void pass(int seconds, int failing) {
    ExpectationReport& checks = report.steps[0].expectations[0];
    for (int second = 0; second < seconds; ++second) {
      clock.advance(std::chrono::seconds(1));
      report.rows_in = report.steps[0].rows_in = checks.checked += 1'000;
      report.steps[0].quarantined = checks.failed += failing;
      ++report.epoch;
      registry.report(pod({report}));
    }
  }
};

}  // namespace

class RegistryTest : public QObject {
  Q_OBJECT

 private slots:
  void a_declared_pipeline_is_starting_until_it_reports() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("sales")});
    const auto state = registry.pipeline("sales");
    QVERIFY(state.has_value());
    QCOMPARE(state->status, PipelineStatus::starting);
    QCOMPARE(state->objective_p99, 100'000);
    QVERIFY(!registry.pipeline("loyalty").has_value());
  }

  void rates_sparkline_and_sum_come_from_reports() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("sales")});
    for (int second = 0; second <= 30; ++second) {
      registry.report(pod({stream("sales", second * 200, to_micros(clock.now()))}));
      if (second < 30) clock.advance(std::chrono::seconds(1));
    }
    const auto state = registry.pipeline("sales");
    QCOMPARE(state->status, PipelineStatus::running);
    QCOMPARE(state->rows_per_second, 200.0);
    QCOMPARE(state->rows.in, 6'000);
    QCOMPARE(state->rows.landed, 6'000);
    QCOMPARE(state->sparkline.size(), std::size_t{60});
    QCOMPARE(state->sparkline[58], 200.0);
    QVERIFY(std::isnan(state->sparkline[0]));
    QCOMPARE(state->history.size(), std::size_t{10});
    QCOMPARE(state->history[9], HistoryCell::ok);
    QCOMPARE(state->history[0], HistoryCell::no_data);
    QCOMPARE(state->pods_ready, 1);
    const auto edges = registry.full().edges;
    QCOMPARE(edges.size(), std::size_t{1});
    QCOMPARE(edges[0].from, std::string("source/sales/source"));
    QCOMPARE(edges[0].to, std::string("step/sales/bronze"));
    QCOMPARE(edges[0].rows, 6'000);
    QCOMPARE(edges[0].rows_per_second, 200.0);
  }

  void without_a_report_for_five_seconds_it_is_unknown_and_its_pod_needs_somebody() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("sales"), declaration("loyalty")});
    registry.set_pod(facts(PodPhase::running, {"sales", "loyalty"}));
    registry.report(pod({stream("sales", 10, to_micros(kStart)), stream("loyalty", 10, to_micros(kStart))}));
    clock.advance(std::chrono::seconds(5));
    registry.tick();
    QCOMPARE(registry.pipeline("sales")->status, PipelineStatus::running);
    clock.advance(std::chrono::seconds(1));
    registry.tick();
    const auto state = registry.pipeline("sales");
    QCOMPARE(state->status, PipelineStatus::unknown);
    QCOMPARE(state->reason, std::string("No report since 14:20:00 UTC"));
    QCOMPARE(state->behind_rows, -1);
    QCOMPARE(registry.pod("shared-0")->phase, PodPhase::unknown);
    const auto cards = registry.full().attention;
    QCOMPARE(cards.size(), std::size_t{1});
    QCOMPARE(cards[0].id, std::string("silent/shared-0"));
    QCOMPARE(cards[0].subject, std::string("shared-0 does not answer"));
    QCOMPARE(cards[0].impact, std::string("Stops 2 pipelines"));
  }

  void a_stuck_pipeline_says_since_when_and_what_it_holds_back() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("loyalty")});
    registry.set_pod(facts(PodPhase::running, {"loyalty"}));
    StreamReport report = stream("loyalty", 10, to_micros(kStart));
    report.input_waiting_since = to_micros(kStart);
    report.behind_rows = 182'400;
    for (int second = 0; second <= 11; ++second) {
      registry.report(pod({report}));
      if (second < 11) clock.advance(std::chrono::seconds(1));
    }
    const auto state = registry.pipeline("loyalty");
    QCOMPARE(state->status, PipelineStatus::stuck);
    QCOMPARE(state->status_since, to_micros(kStart) + 11 * kSecond);
    QCOMPARE(state->history[9], HistoryCell::failing);
    QCOMPARE(registry.pod("shared-0")->phase, PodPhase::stuck);
    const auto cards = registry.full().attention;
    QCOMPARE(cards.size(), std::size_t{1});
    QCOMPARE(cards[0].subject, std::string("loyalty is stuck"));
    QCOMPARE(cards[0].impact, std::string("Holds back 3 tables"));
    QCOMPARE(cards[0].detail, std::string("No epoch closed since 14:20:00 UTC · 182,400 rows wait"));
    QCOMPARE(cards[0].severity, std::string("failing"));
    QCOMPARE(cards[0].first_action, std::string("reset"));
    QCOMPARE(cards[0].pod, std::string("shared-0"));
    // An epoch closes: all is well again.
    report.epoch += 1;
    report.epoch_at = to_micros(clock.now());
    report.input_waiting_since = 0;
    registry.report(pod({report}));
    QCOMPARE(registry.pipeline("loyalty")->status, PipelineStatus::running);
    QVERIFY(registry.full().attention.empty());
  }

  void an_expectation_that_fails_more_than_usual_degrades_its_pipeline() {
    CheckedSales sales;
    TelemetryRegistry& registry = sales.registry;
    sales.pass(10, 31);
    const auto state = registry.pipeline("sales");
    QCOMPARE(state->status, PipelineStatus::degraded);
    QCOMPARE(state->reason, std::string("known_store fails 3.1 % of its rows"));
    QCOMPARE(state->failing_rows, 310);
    QCOMPARE(state->rows.quarantined, 310);
    const auto cards = registry.full().attention;
    QCOMPARE(cards.size(), std::size_t{1});
    QCOMPARE(cards[0].subject, std::string("known_store fails 3.1 % of sales"));
    QCOMPARE(cards[0].impact, std::string("310 rows in quarantine · usual rate 0 %"));
    QCOMPARE(cards[0].first_action, std::string("show_rows"));
    QCOMPARE(cards[0].expectation, std::string("known_store"));
    QCOMPARE(cards[0].severity, std::string("warning"));
    const auto expectations = registry.expectations();
    QCOMPARE(expectations.size(), std::size_t{1});
    QCOMPARE(expectations[0].failed_recently, 310);
  }

  void an_alarm_stays_while_the_rate_is_about_its_limit() {
    CheckedSales sales;
    TelemetryRegistry& registry = sales.registry;
    sales.pass(60, 4);          // of 5, the limit
    QVERIFY(registry.full().attention.empty());
    sales.pass(45, 6);
    const auto raised = registry.full().attention;
    QCOMPARE(raised.size(), std::size_t{1});
    for (int minute = 0; minute < 3; ++minute) {
      sales.pass(60, 4);
      QCOMPARE(registry.full().attention.size(), std::size_t{1});
      sales.pass(60, 6);
    }
    QCOMPARE(registry.full().attention[0].since, raised[0].since);
    sales.pass(60, 2);
    QVERIFY(registry.full().attention.empty());
    QCOMPARE(registry.pipeline("sales")->status, PipelineStatus::running);
  }

  void a_muted_expectation_goes_on_checking_and_raises_no_alarm() {
    CheckedSales sales;
    TelemetryRegistry& registry = sales.registry;
    registry.mute({"sales", "bronze", "known_store", 7, "anna", "stores open on Monday"});
    sales.pass(10, 310);
    QCOMPARE(registry.pipeline("sales")->status, PipelineStatus::running);
    QVERIFY(registry.full().attention.empty());
    QCOMPARE(registry.expectations()[0].failed_recently, 3'100);
    QCOMPARE(registry.expectations()[0].muted_why, std::string("stores open on Monday"));
    const auto seen = registry.sequence();
    registry.unmute("sales", "bronze", "known_store");
    QCOMPARE(registry.changes_since(seen).expectations.size(), std::size_t{1});
    QCOMPARE(registry.expectations()[0].muted_at, 0);
    QCOMPARE(registry.pipeline("sales")->status, PipelineStatus::degraded);
    QCOMPARE(registry.full().attention.size(), std::size_t{1});
  }

  void a_mute_may_come_before_its_pipeline_is_known() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.mute({"sales", "bronze", "known_store", 7, "anna", "stores open on Monday"});
    registry.declare({declaration("sales")});
    StreamReport report = CheckedSales().report;
    registry.report(pod({report}));
    QCOMPARE(registry.expectations()[0].muted_why, std::string("stores open on Monday"));
  }

  void an_open_circuit_degrades_and_names_the_sink() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("sales")});
    StreamReport report = stream("sales", 10, to_micros(kStart));
    SinkReport sink;
    sink.sink = "velocity.postgres";
    sink.from = "bronze";
    sink.kind = "postgres";
    sink.circuit = CircuitState::open;
    sink.circuit_since = to_micros(kStart) - 5 * kSecond;
    sink.error = "connection refused";
    sink.waiting_rows = 182;
    report.sinks = {sink};
    registry.report(pod({report}));
    const auto state = registry.pipeline("sales");
    QCOMPARE(state->status, PipelineStatus::degraded);
    QCOMPARE(state->circuit, CircuitState::open);
    QCOMPARE(state->reason, std::string("velocity.postgres does not take rows: connection refused"));
    const auto cards = registry.full().attention;
    QCOMPARE(cards[0].subject, std::string("sales cannot deliver to velocity.postgres"));
    QCOMPARE(cards[0].impact, std::string("182 rows wait"));
    QCOMPARE(cards[0].since, to_micros(kStart) - 5 * kSecond);
  }

  void a_pod_in_a_crash_loop_stands_for_its_pipelines() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("loyalty")});
    PodFacts loop = facts(PodPhase::crash_loop, {"loyalty"});
    loop.reason = "ended with 3";
    registry.set_pod(loop);
    registry.tick();
    QCOMPARE(registry.pipeline("loyalty")->status, PipelineStatus::failing);
    const auto cards = registry.full().attention;
    QCOMPARE(cards[0].id, std::string("crash_loop/shared-0"));
    QCOMPARE(cards[0].impact, std::string("Stops loyalty"));
  }

  void failing_comes_before_warning_and_older_before_newer() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    Attention warning{"w", "warning", "w", "", "", 1, "", "", "", "logs"};
    Attention young{"y", "failing", "y", "", "", 20, "", "", "", "logs"};
    Attention old{"o", "failing", "o", "", "", 10, "", "", "", "logs"};
    registry.set_alarm(warning);
    registry.set_alarm(young);
    registry.set_alarm(old);
    const auto cards = registry.full().attention;
    QCOMPARE(cards.size(), std::size_t{3});
    QCOMPARE(cards[0].id, std::string("o"));
    QCOMPARE(cards[1].id, std::string("y"));
    QCOMPARE(cards[2].id, std::string("w"));
    registry.clear_alarm("o");
    QCOMPARE(registry.full().attention.size(), std::size_t{2});
  }

  void readers_resume_where_they_were() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("sales"), declaration("loyalty")});
    const auto first = registry.changes_since(0);
    QVERIFY(first.full);
    QCOMPARE(first.pipelines.size(), std::size_t{2});
    QVERIFY(registry.changes_since(first.sequence).empty());

    registry.report(pod({stream("sales", 5, to_micros(kStart))}));
    const auto second = registry.changes_since(first.sequence);
    QVERIFY(!second.full);
    QVERIFY(second.sequence > first.sequence);
    QCOMPARE(second.pipelines.size(), std::size_t{1});
    QCOMPARE(second.pipelines[0].name, std::string("sales"));
    QCOMPARE(second.pods.size(), std::size_t{1});

    registry.declare({declaration("sales")});
    registry.remove_pod("shared-0");
    const auto third = registry.changes_since(second.sequence);
    QCOMPARE(third.removed_pipelines, std::vector<std::string>{"loyalty"});
    QCOMPARE(third.removed_pods, std::vector<std::string>{"shared-0"});
    QVERIFY(registry.changes_since(third.sequence + 100).full);       // of another run of the engine
  }

  void a_new_version_with_other_steps_leaves_nothing_of_the_old_ones() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("sales")});
    registry.report(pod({stream("sales", 5, to_micros(kStart))}));
    const auto before = registry.sequence();
    StreamReport next = stream("sales", 6, to_micros(kStart));
    next.version = 2;
    next.steps[0].step = "raw";
    registry.report(pod({next}));
    const auto changes = registry.changes_since(before);
    QVERIFY(changes.full);
    QCOMPARE(changes.edges.size(), std::size_t{1});
    QCOMPARE(changes.edges[0].to, std::string("step/sales/raw"));
  }

  void every_state_of_a_pipeline_is_seen() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("sales")});
    registry.set_pod(facts(PodPhase::running, {"sales"}));
    const auto status = [&] { return registry.pipeline("sales")->status; };
    const auto now = [&] { return to_micros(clock.now()); };
    QCOMPARE(status(), PipelineStatus::starting);
    // What a pod says is shown as it says it.
    for (const auto said : {PipelineStatus::running, PipelineStatus::catching_up, PipelineStatus::degraded, PipelineStatus::failing, PipelineStatus::paused,
                            PipelineStatus::draining, PipelineStatus::stopped}) {
      StreamReport report = stream("sales", 5, now());
      report.status = said;
      registry.report(pod({report}));
      registry.tick();
      QCOMPARE(status(), said);
    }
    // Input waits, and no epoch closes.
    for (int second = 0; second <= 12; ++second) {
      StreamReport report = stream("sales", 6, to_micros(kStart));
      report.behind_rows = 10;
      report.input_waiting_since = to_micros(kStart);
      registry.report(pod({report}));
      clock.advance(std::chrono::seconds(1));
      registry.tick();
    }
    QCOMPARE(status(), PipelineStatus::stuck);
    clock.advance(std::chrono::seconds(6));
    registry.tick();
    QCOMPARE(status(), PipelineStatus::unknown);
  }

  void waiting_ends_with_a_change() {
    TelemetryRegistry registry;
    const auto before = registry.sequence();
    QVERIFY(!registry.wait_for_change(before, std::chrono::milliseconds(1)));
    std::jthread writer([&] { registry.declare({declaration("sales")}); });
    QVERIFY(registry.wait_for_change(before, std::chrono::seconds(60)));
  }

  void a_replay_shows_progress_and_time_left() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    ReplayState replay;
    replay.id = "r1";
    replay.pipeline = "sales";
    replay.kind = "replay";
    replay.status = "running";
    replay.from_time = to_micros(kStart) - 1'800 * kSecond;
    replay.to_time = to_micros(kStart) - 900 * kSecond;
    replay.who = "operator";
    registry.set_replay(replay);
    for (int second = 1; second <= 4; ++second) {
      clock.advance(std::chrono::seconds(1));
      PodReport report = pod({});
      report.replays = {{.id = "r1", .stream = "sales", .status = "running", .rows_total = 1'000, .rows_done = second * 100}};
      registry.report(report);
    }
    const auto state = registry.replay("r1");
    QCOMPARE(state->rows_done, 400);
    QCOMPARE(state->rows_per_second, 100.0);
    QCOMPARE(state->who, std::string("operator"));
    const auto work = registry.full().background;
    QCOMPARE(work.size(), std::size_t{1});
    QCOMPARE(work[0].title, std::string("Replay sales 13:50–14:05"));
    QCOMPARE(work[0].fraction, 0.4);
    QCOMPARE(work[0].time_left, 6 * kSecond);
  }

  void what_cannot_be_started_is_failing_with_its_reason() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.declare({declaration("sales")});
    registry.set_problem("sales", "the state is damaged");
    QCOMPARE(registry.pipeline("sales")->status, PipelineStatus::failing);
    QCOMPARE(registry.pipeline("sales")->reason, std::string("the state is damaged"));
    registry.set_problem("sales", "");
    QCOMPARE(registry.pipeline("sales")->status, PipelineStatus::starting);
  }

  void a_pod_says_which_shards_it_has_and_a_pipeline_what_its_partitions_do() {
    ManualClock clock{kStart};
    TelemetryRegistry registry{clock};
    PipelineDeclaration divided = declaration("sales");
    divided.shards = 2;
    registry.declare({divided});
    registry.set_pod(facts(PodPhase::running, {"sales"}));
    std::vector<StreamReport> shards{stream("sales", 10, to_micros(kStart)), stream("sales", 10, to_micros(kStart))};
    for (std::int32_t i = 0; i < 2; ++i) {
      shards[static_cast<std::size_t>(i)].shard = i;
      shards[static_cast<std::size_t>(i)].sources = {{"pos.sales", {{i, 100, 100 + 5 * i}}, -1}};
    }
    registry.report(pod(shards));
    for (int second = 0; second < 10; ++second) {
      clock.advance(std::chrono::seconds(1));
      shards[0].sources[0].partitions[0].position += 20;
      shards[0].sources[0].partitions[0].head += 20;
      registry.report(pod(shards));
    }
    QCOMPARE(registry.pod("shared-0")->shards.at("sales"), (std::vector<std::int32_t>{0, 1}));
    const PipelineState state = *registry.pipeline("sales");
    QCOMPARE(state.shards, 2);
    QCOMPARE(state.sources.size(), std::size_t{1});
    QCOMPARE(state.sources[0].partitions, 2);
    QCOMPARE(state.sources[0].behind_rows, 5);
    QCOMPARE(state.sources[0].kept_log_bytes, -1);
    QCOMPARE(state.partitions.size(), std::size_t{2});
    QCOMPARE(state.partitions[0].rows_per_second, 20.0);
    QCOMPARE(state.partitions[1].behind_rows, 5);
    QCOMPARE(state.partitions[1].rows_per_second, 0.0);
    // A second pod takes one over.
    PodReport other = pod({shards[1]});
    other.pod = "sales-1";
    registry.report(other);
    registry.tick();
    QCOMPARE(registry.pod("shared-0")->shards.at("sales"), (std::vector<std::int32_t>{0}));
    QCOMPARE(registry.pod("sales-1")->shards.at("sales"), (std::vector<std::int32_t>{1}));
  }

  void cpu_is_a_share_of_one_core() {
    ManualClock clock(kStart);
    TelemetryRegistry registry(clock);
    registry.set_pod(facts(PodPhase::running, {}));
    for (int second = 0; second <= 4; ++second) {
      PodReport report = pod({});
      report.cpu_seconds = 10 + second * 0.25;
      report.memory_bytes = 1 << 20;
      registry.report(report);
      if (second < 4) clock.advance(std::chrono::seconds(1));
    }
    QCOMPARE(registry.pod("shared-0")->cpu_percent, 25.0);
    QCOMPARE(registry.pod("shared-0")->memory_bytes, std::int64_t{1} << 20);
    QCOMPARE(registry.pod("shared-0")->process_id, 42);
  }
};

QTEST_APPLESS_MAIN(RegistryTest)
#include "registry_test.moc"
