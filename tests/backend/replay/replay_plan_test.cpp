#include "replay/replay_plan.h"

#include <QTest>

namespace penstock {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t kMinute = 60'000'000;

StreamSpec sales() {
  StreamSpec stream{.name = "sales"};
  stream.sources.push_back({.name = "source", .kind = "kafka"});
  stream.steps.push_back({.name = "bronze", .from = {"source"}, .land = "bronze.sales"});
  StepSpec silver{.name = "silver", .from = {"bronze"}, .sql = "SELECT * FROM bronze", .land = "silver.sales"};
  silver.dedupe = DedupeSpec{.key = {"event_id"}, .within = 10min};
  stream.steps.push_back(silver);
  StepSpec velocity{.name = "velocity", .from = {"silver"}, .sql = "SELECT …"};
  velocity.window = WindowSpec{.size = 1min, .time = "sold_at"};
  stream.steps.push_back(velocity);
  stream.sinks.push_back({.name = "bronze.delta", .from = "bronze", .kind = "delta", .table = "bronze.sales"});
  stream.sinks.push_back({.name = "silver.delta", .from = "silver", .kind = "delta", .table = "silver.sales"});
  stream.sinks.push_back({.name = "velocity.postgres", .from = "velocity", .kind = "postgres", .table = "gold.velocity", .mode = WriteMode::upsert, .key = {"sku", "window_start"}});
  stream.sinks.push_back({.name = "silver.kafka", .from = "silver", .kind = "kafka", .table = "sales"});
  return stream;
}

Result<std::int64_t> thousand_rows(const std::string&, std::int64_t, std::int64_t) { return std::int64_t{1000}; }

}  // namespace

class ReplayPlanTest : public QObject {
  Q_OBJECT

 private slots:
  void the_range_is_widened_to_whole_windows_and_dedupe_is_warmed_up();
  void the_range_is_widened_by_all_hopping_windows_that_hold_a_part_of_it();
  void the_range_is_warmed_up_with_what_its_rows_may_be_joined_with();
  void each_sink_is_said_to_replace_or_to_get_rows_again();
  void what_may_put_an_older_row_over_a_newer_one_says_so();
  void without_bronze_the_source_is_read_again();
  void an_empty_range_and_an_unknown_step_are_refused();
  void positions_are_planned_over_the_times_of_their_rows();
};

void ReplayPlanTest::the_range_is_widened_to_whole_windows_and_dedupe_is_warmed_up() {
  std::string counted;
  std::int64_t counted_from = 0, counted_to = 0;
  const auto plan = plan_replay(sales(), {.pipeline = "sales", .from_time = 100 * kMinute + 1, .to_time = 102 * kMinute - 1},
                                [&](const std::string& table, std::int64_t from, std::int64_t to) {
                                  counted = table;
                                  counted_from = from;
                                  counted_to = to;
                                  return Result(std::int64_t{42});
                                });
  QVERIFY(plan.ok());
  QCOMPARE(plan->launch.from_time, 100 * kMinute);
  QCOMPARE(plan->launch.to_time, 102 * kMinute);
  QCOMPARE(plan->launch.warm_up_from, 90 * kMinute);
  QCOMPARE(plan->windows, 2);
  QCOMPARE(plan->rows, 42);
  QCOMPARE(counted, std::string("bronze.sales"));
  QCOMPARE(counted_from, 90 * kMinute);
  QCOMPARE(counted_to, 102 * kMinute);
}

void ReplayPlanTest::the_range_is_widened_by_all_hopping_windows_that_hold_a_part_of_it() {
  StreamSpec stream = sales();
  stream.steps.back().window->size = 10min;
  stream.steps.back().window->every = 3min;
  const auto plan = plan_replay(stream, {.pipeline = "sales", .from_time = 100 * kMinute, .to_time = 101 * kMinute}, thousand_rows);
  QVERIFY(plan.ok());
  QCOMPARE(plan->launch.from_time, 93 * kMinute);
  QCOMPARE(plan->launch.to_time, 109 * kMinute);
  QCOMPARE(plan->windows, 3);            // from 93, 96 and 99
}

void ReplayPlanTest::the_range_is_warmed_up_with_what_its_rows_may_be_joined_with() {
  StreamSpec stream = sales();
  stream.steps[2].window.reset();
  stream.steps[2].join = JoinSpec{.left = {"silver", {}, "sold_at"}, .right = {"bronze", {}, "sold_at"}, .on = "silver.id = bronze.id", .within = 5min, .lateness = 1min};
  const ReplayWish wish{.pipeline = "sales", .from_time = 100 * kMinute, .to_time = 102 * kMinute};
  const auto plan = plan_replay(stream, wish, thousand_rows);
  QVERIFY(plan.ok());
  QCOMPARE(plan->launch.from_time, 100 * kMinute);
  QCOMPARE(plan->launch.warm_up_from, 84 * kMinute);      // what is joined has to be the first of its key, too
  stream.steps[2].join->within.reset();
  QCOMPARE(plan_replay(stream, wish, thousand_rows)->launch.warm_up_from, 0);
}

void ReplayPlanTest::each_sink_is_said_to_replace_or_to_get_rows_again() {
  auto plan = plan_replay(sales(), {.pipeline = "sales", .from_time = 1, .to_time = kMinute}, thousand_rows);
  QVERIFY(plan.ok());
  QCOMPARE(plan->tables, std::vector<std::string>{"silver.sales"});
  QCOMPARE(plan->sinks.size(), 3u);
  QCOMPARE(plan->sinks[0].effect, std::string("replaces"));
  QCOMPARE(plan->sinks[1].effect, std::string("idempotent"));
  QCOMPARE(plan->sinks[2].effect, std::string("off"));
  QCOMPARE(plan->sends_again, 0);

  plan = plan_replay(sales(), {.pipeline = "sales", .from_time = 1, .to_time = kMinute, .include_sinks = {"silver.kafka"}}, thousand_rows);
  QVERIFY(plan.ok());
  QCOMPARE(plan->sinks[2].effect, std::string("sends again"));
  QCOMPARE(plan->sends_again, 1000);
}

void ReplayPlanTest::what_may_put_an_older_row_over_a_newer_one_says_so() {
  StreamSpec stream = sales();
  const ReplayWish wish{.pipeline = "sales", .from_time = kMinute, .to_time = 2 * kMinute};
  QVERIFY(plan_replay(stream, wish, thousand_rows, {})->warnings.empty());
  stream.sinks.push_back({.name = "silver.newest", .from = "silver", .kind = "delta", .table = "silver.newest", .mode = WriteMode::upsert, .key = {"store_id", "sku"}});
  const auto plan = plan_replay(stream, wish, thousand_rows, {});
  QCOMPARE(plan->warnings, std::vector<std::string>{"silver.newest keeps one row of each store_id, sku: where a newer one came after the range, that of the range takes its place"});
}

void ReplayPlanTest::without_bronze_the_source_is_read_again() {
  auto stream = sales();
  stream.steps.front().land.clear();
  stream.sinks.erase(stream.sinks.begin());
  const auto plan = plan_replay(stream, {.pipeline = "sales", .from_time = kMinute, .to_time = 2 * kMinute}, thousand_rows);
  QVERIFY(plan.ok());
  QCOMPARE(plan->rows, 0);
  QCOMPARE(plan->warnings.size(), 1u);
  QVERIFY2(plan->warnings[0].starts_with("its records are not landed as they came"), plan->warnings[0].c_str());
  QCOMPARE(plan->tables, std::vector<std::string>{"silver.sales"});
  const auto positions = plan_replay(stream, {.pipeline = "sales", .from_positions = {{"pos", {{0, 1}}}}}, thousand_rows);
  QVERIFY(positions.ok());
  QCOMPARE(positions->launch.from_time, 0);      // the run finds the times
  QCOMPARE(positions->launch.to_time, 0);
  QCOMPARE(positions->launch.from_positions.at("pos").at(0), 1);
  QCOMPARE(positions->windows, 0);
}

void ReplayPlanTest::an_empty_range_and_an_unknown_step_are_refused() {
  QCOMPARE(plan_replay(sales(), {.from_time = 2, .to_time = 2}, thousand_rows).error().kind, ErrorKind::invalid_argument);
  QCOMPARE(plan_replay(sales(), {.from_time = 1, .to_time = 2, .steps = {"gold"}}, thousand_rows).error().kind, ErrorKind::invalid_argument);
}

void ReplayPlanTest::positions_are_planned_over_the_times_of_their_rows() {
  ReplayWish wish{.pipeline = "sales", .from_positions = {{"pos", {{0, 100}, {1, 7}}}}, .to_positions = {{"pos", {{0, 200}}}}};
  const auto times = [](const std::string& table) -> Result<std::optional<TimeRange>> {
    if (table != "bronze.sales") return Error(ErrorKind::not_found, table);
    return std::optional(TimeRange{100 * kMinute + 5, 101 * kMinute + 5});
  };
  const auto plan = plan_replay(sales(), wish, thousand_rows, times);
  QVERIFY2(plan.ok(), plan.ok() ? "" : plan.error().to_string().c_str());
  QCOMPARE(plan->launch.from_time, 100 * kMinute);
  QCOMPARE(plan->launch.to_time, 102 * kMinute);
  QVERIFY(plan->launch.from_positions == wish.from_positions);
  QVERIFY(plan->launch.to_positions == wish.to_positions);
  const auto nothing = [](const std::string&) { return Result(std::optional<TimeRange>()); };
  QVERIFY(plan_replay(sales(), wish, thousand_rows, nothing).error().kind == ErrorKind::not_found);
  wish.to_time = 5;
  QVERIFY(plan_replay(sales(), wish, thousand_rows, times).error().kind == ErrorKind::invalid_argument);
  wish.to_time = 0;
  wish.to_positions["pos"][0] = 100;
  QVERIFY(plan_replay(sales(), wish, thousand_rows, times).error().kind == ErrorKind::invalid_argument);
  wish.to_positions = {{"pos", {{3, 9}}}};
  QVERIFY(plan_replay(sales(), wish, thousand_rows, times).error().kind == ErrorKind::invalid_argument);
}

}  // namespace penstock

QTEST_GUILESS_MAIN(penstock::ReplayPlanTest)
#include "replay_plan_test.moc"
