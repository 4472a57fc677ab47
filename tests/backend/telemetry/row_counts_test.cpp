#include <QTest>

#include "telemetry/row_counts.h"

using namespace penstock;

class RowCountsTest : public QObject {
  Q_OBJECT

  static StepReport step(const std::string& name, const std::vector<std::string>& from, std::int64_t in) {
    StepReport report;
    report.step = name;
    report.from = from;
    report.rows_in = report.rows_out = in;
    return report;
  }

 private slots:
  void every_row_of_a_pipeline_with_a_window_is_counted_once() {
    StreamReport report;
    report.stream = "sales";
    report.rows_in = 1'000;
    report.dead = 10;                                     // undecodable
    report.steps = {step("bronze", {"source"}, 990), step("silver", {"bronze"}, 990), step("velocity", {"silver"}, 900)};
    report.steps[1].quarantined = 40;
    report.steps[1].dropped = 20;
    report.steps[1].duplicates = 25;
    report.steps[1].filtered = 5;
    report.steps[1].warned = 7;
    report.steps[2].late = 100;
    report.steps[2].open = 300;
    report.steps[2].rows_out = 12;                        // aggregated
    const PathCounts counts = count_path(report);
    QCOMPARE(counts.rows.in, 1'000);
    QCOMPARE(counts.rows.landed, 500);
    QCOMPARE(counts.rows.dead, 10);
    QCOMPARE(counts.rows.quarantined, 40);
    QCOMPARE(counts.rows.dropped, 20);
    QCOMPARE(counts.rows.duplicates, 25);
    QCOMPARE(counts.rows.late, 100);
    QCOMPARE(counts.rows.filtered, 5);
    QCOMPARE(counts.rows.warned, 7);
    QCOMPARE(counts.open_rows, 300);
    QCOMPARE(counts.unaccounted(), 0);
  }

  void a_side_branch_is_not_mixed_in() {
    StreamReport report;
    report.rows_in = 100;
    report.steps = {step("bronze", {"source"}, 100), step("silver", {"bronze"}, 100), step("audit", {"bronze"}, 100)};
    report.steps[2].filtered = 90;
    const PathCounts counts = count_path(report);
    QCOMPARE(counts.rows.filtered, 0);
    QCOMPARE(counts.rows.landed, 100);
    QCOMPARE(counts.unaccounted(), 0);
  }

  void a_union_of_two_sources_is_followed_once() {
    StreamReport report;
    report.rows_in = 70;
    report.steps = {step("a", {"bids"}, 30), step("b", {"auctions"}, 40), step("all", {"a", "b"}, 70)};
    report.steps[2].duplicates = 5;
    const PathCounts counts = count_path(report);
    QCOMPARE(counts.rows.landed, 65);
    QCOMPARE(counts.rows.duplicates, 5);
    QCOMPARE(counts.unaccounted(), 0);
  }

  void rows_that_a_sink_refused_are_dead_and_not_landed() {
    StreamReport report;
    report.rows_in = 10;
    report.dead = 4;          // 1 undecodable, 3 refused
    report.steps = {step("silver", {"source"}, 9)};
    SinkReport sink;
    sink.sink = "silver.postgres";
    sink.from = "silver";
    sink.rejected_rows = 3;
    report.sinks = {sink};
    const PathCounts counts = count_path(report);
    QCOMPARE(counts.rows.dead, 4);
    QCOMPARE(counts.rows.landed, 6);
    QCOMPARE(counts.unaccounted(), 0);
  }

  void rows_that_vanish_between_steps_show_as_unaccounted() {
    StreamReport report;
    report.rows_in = 10;
    report.steps = {step("bronze", {"source"}, 10), step("silver", {"bronze"}, 8)};
    QCOMPARE(count_path(report).unaccounted(), 2);
  }
};

QTEST_APPLESS_MAIN(RowCountsTest)
#include "row_counts_test.moc"
