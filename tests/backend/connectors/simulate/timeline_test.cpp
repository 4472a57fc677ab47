#include "connectors/simulate/timeline.h"

#include <QTest>

using namespace penstock;
using namespace penstock::simulate;

namespace {

constexpr Timestamp kOrigin = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

}  // namespace

class TimelineTest : public QObject {
  Q_OBJECT

 private slots:
  void flat_rate_spaces_rows_evenly_and_staggers_partitions();
  void a_diurnal_day_has_as_many_rows_as_a_flat_one();
  void night_is_slower_than_afternoon();
  void burst_multiplies_the_rate_only_while_it_lasts();
  void time_of_is_the_inverse_of_rows_until();
  void recurrence_counts_what_it_covers();
};

void TimelineTest::flat_rate_spaces_rows_evenly_and_staggers_partitions() {
  const Timeline timeline({.origin = kOrigin, .rows_per_second = 4, .partitions = 2, .diurnal = false});
  // Two rows a second in each partition, the second partition a quarter of a second later.
  QCOMPARE(to_iso8601(timeline.time_of(0, 0)), std::string("2026-01-01T00:00:00.000Z"));
  QCOMPARE(to_iso8601(timeline.time_of(0, 3)), std::string("2026-01-01T00:00:01.500Z"));
  QCOMPARE(to_iso8601(timeline.time_of(1, 3)), std::string("2026-01-01T00:00:01.750Z"));
  QCOMPARE(timeline.rows_until(0, kOrigin + std::chrono::milliseconds(1499)), 3);
  QCOMPARE(timeline.rows_until(0, kOrigin + std::chrono::milliseconds(1500)), 4);
  QCOMPARE(timeline.rows_until(1, kOrigin), 0);
  QCOMPARE(timeline.rows_until(0, kOrigin - std::chrono::hours(1)), 0);
}

void TimelineTest::a_diurnal_day_has_as_many_rows_as_a_flat_one() {
  const Timeline timeline({.origin = kOrigin, .rows_per_second = 10, .partitions = 1});
  QCOMPARE(timeline.rows_until(0, kOrigin + std::chrono::days(1) - std::chrono::microseconds(1)), 864'000);
  QCOMPARE(timeline.rows_until(0, kOrigin + std::chrono::days(300) - std::chrono::microseconds(1)), 300 * 864'000);
}

void TimelineTest::night_is_slower_than_afternoon() {
  const Timeline timeline({.origin = kOrigin, .rows_per_second = 10, .partitions = 1});
  const auto rows_in_hour = [&](int hour) {
    return timeline.rows_until(0, kOrigin + std::chrono::hours(hour + 1)) - timeline.rows_until(0, kOrigin + std::chrono::hours(hour));
  };
  QCOMPARE(rows_in_hour(2), 14'400);     // 40 %
  QCOMPARE(rows_in_hour(18), 55'800);    // 155 %
}

void TimelineTest::burst_multiplies_the_rate_only_while_it_lasts() {
  const std::int64_t start = to_micros(kOrigin + std::chrono::seconds(10));
  const Timeline timeline({.origin = kOrigin, .rows_per_second = 1, .partitions = 1, .diurnal = false,
                           .bursts = {{.when = {start, 5'000'000, 0}, .factor = 10}}});
  QCOMPARE(timeline.rows_until(0, kOrigin + std::chrono::seconds(10)), 11);
  QCOMPARE(timeline.rows_until(0, kOrigin + std::chrono::seconds(15)), 61);
  QCOMPARE(timeline.rows_until(0, kOrigin + std::chrono::seconds(20)), 66);
  QCOMPARE(to_iso8601(timeline.time_of(0, 20)), std::string("2026-01-01T00:00:11.000Z"));
}

void TimelineTest::time_of_is_the_inverse_of_rows_until() {
  const std::int64_t start = to_micros(kOrigin + std::chrono::days(20));
  const Timeline timeline({.origin = kOrigin, .rows_per_second = 37.3, .partitions = 3,
                           .bursts = {{.when = {start, 90'000'000, 600'000'000}, .factor = 7}}});
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    for (std::int64_t offset = 0; offset < 40'000'000; offset = offset * 3 / 2 + 1) {
      const Timestamp time = timeline.time_of(partition, offset);
      QCOMPARE(timeline.rows_until(partition, time), offset + 1);
      QCOMPARE(timeline.rows_until(partition, time - std::chrono::microseconds(1)), offset);
    }
  }
}

void TimelineTest::recurrence_counts_what_it_covers() {
  const Recurrence often{.from_micros = 100, .lasts_micros = 10, .every_micros = 50};
  QVERIFY(!often.contains(99));
  QVERIFY(often.contains(100));
  QVERIFY(!often.contains(110));
  QVERIFY(often.contains(159));
  QCOMPARE(often.covered_before(100), 0);
  QCOMPARE(often.covered_before(105), 5);
  QCOMPARE(often.covered_before(155), 15);
  QCOMPARE(often.next_edge(105), std::optional<std::int64_t>(110));
  QCOMPARE(often.next_edge(110), std::optional<std::int64_t>(150));
  const Recurrence once{.from_micros = 100, .lasts_micros = 10};
  QCOMPARE(once.next_edge(110), std::optional<std::int64_t>());
  QCOMPARE(once.covered_before(1000), 10);
}

QTEST_APPLESS_MAIN(TimelineTest)
#include "timeline_test.moc"
