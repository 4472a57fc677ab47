#include <QTest>

#include "ops/gap.h"

using namespace penstock;

class GapTest : public QObject {
  Q_OBJECT

  static StreamReport report(Positions positions, std::int64_t rows_in) {
    StreamReport report;
    report.stream = "loyalty";
    report.positions = std::move(positions);
    report.heads = {{0, 1'000}, {1, 500}};
    report.rows_in = rows_in;
    report.behind_rows = 0;
    for (const auto& [partition, head] : report.heads) report.behind_rows += head - report.positions[partition];
    return report;
  }

 private slots:
  void it_is_counted_until_every_partition_has_passed_its_head() {
    const StreamGap gap = StreamGap::of(report({{0, 800}, {1, 400}}, 1'200));
    QCOMPARE(gap.rows, 300);
    GapProgress progress = progress_of(gap, report({{0, 900}, {1, 500}}, 1'400));
    QCOMPARE(progress.replayed_rows, 200);
    QVERIFY(!progress.is_caught_up);
    progress = progress_of(gap, report({{0, 1'100}, {1, 700}}, 1'800));     // new rows came too
    QCOMPARE(progress.replayed_rows, 300);
    QCOMPARE(progress.lost_rows, 0);
    QCOMPARE(progress.doubled_rows, 0);
    QVERIFY(progress.is_caught_up);
    QCOMPARE(outcome_sentence(gap.from, progress), std::string("resumed at 0 @ 800, 1 @ 400 · 300 of 300 rows · 0 lost · 0 doubled"));
  }

  void positions_that_the_source_lost_are_not_replayed() {
    const StreamGap gap = StreamGap::of(report({{0, 800}, {1, 400}}, 1'200));
    StreamReport after = report({{0, 1'000}, {1, 500}}, 1'450);
    after.lost_rows = 50;
    const GapProgress progress = progress_of(gap, after);
    QCOMPARE(progress.replayed_rows, 250);
    QCOMPARE(progress.lost_rows, 50);
    QCOMPARE(progress.doubled_rows, 0);
  }

  void rows_beyond_the_positions_came_in_twice() {
    const StreamGap gap = StreamGap::of(report({{0, 800}, {1, 400}}, 1'200));
    StreamReport after = report({{0, 1'000}, {1, 500}}, 1'507);
    QCOMPARE(progress_of(gap, after).doubled_rows, 7);
    after.redriven = 7;       // an operator's redrive is none
    QCOMPARE(progress_of(gap, after).doubled_rows, 0);
  }

  void where_a_position_is_no_row_the_source_counts() {
    StreamReport before = report({{0, 800}, {1, 400}}, 10);
    before.behind_rows = 3;   // lines of a file
    const StreamGap gap = StreamGap::of(before);
    QCOMPARE(gap.rows, 3);
    QCOMPARE(progress_of(gap, report({{0, 900}, {1, 450}}, 11)).replayed_rows, 1);
    QCOMPARE(progress_of(gap, report({{0, 1'000}, {1, 500}}, 13)).replayed_rows, 3);
    QCOMPARE(progress_of(gap, report({{0, 1'000}, {1, 500}}, 13)).doubled_rows, 0);
  }

  void the_sentence_counts() {
    GapProgress counts;
    counts.gap_rows = counts.replayed_rows = 182'400;
    QCOMPARE(outcome_sentence({{3, 88'120'394}}, counts), std::string("resumed at 88,120,394 · 182,400 of 182,400 rows · 0 lost · 0 doubled"));
    QCOMPARE(outcome_sentence({{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}}, {}),
             std::string("resumed at 0 @ 1, 1 @ 2, 2 @ 3, 3 @ 4 and 2 more · 0 of 0 rows · 0 lost · 0 doubled"));
    QCOMPARE(outcome_sentence({}, {}), std::string("resumed at the start · 0 of 0 rows · 0 lost · 0 doubled"));
  }
};

QTEST_APPLESS_MAIN(GapTest)
#include "gap_test.moc"
