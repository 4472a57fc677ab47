#include <QTest>

#include <cmath>

#include "telemetry/counter_window.h"
#include "telemetry/expectation_tracker.h"
#include "telemetry/recent_latency.h"
#include "telemetry/slot_series.h"

using namespace penstock;

namespace {
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = 6'000 * kSecond;
}  // namespace

class WindowsTest : public QObject {
  Q_OBJECT

 private slots:
  void the_first_value_of_a_counter_is_no_rise() {
    CounterWindow window(5 * kSecond, kSecond / 2);
    window.add(kStart, 1'000'000);
    QCOMPARE(window.rise(kStart), 0);
    QCOMPARE(window.rate(kStart), 0.0);
  }

  void the_rate_is_that_of_the_last_seconds() {
    CounterWindow window(5 * kSecond, kSecond / 2);
    for (int second = 0; second <= 10; ++second) window.add(kStart + second * kSecond, second * 100);
    for (int second = 11; second <= 15; ++second) window.add(kStart + second * kSecond, 1'000 + (second - 10) * 300);
    QCOMPARE(window.rate(kStart + 15 * kSecond), 300.0);
    QCOMPARE(window.rise(kStart + 15 * kSecond), 1'500);
  }

  void a_counter_that_fell_began_from_zero() {
    CounterWindow window(60 * kSecond, kSecond);
    window.add(kStart, 500);
    window.add(kStart + 2 * kSecond, 520);
    window.add(kStart + 4 * kSecond, 30);
    QCOMPARE(window.rise(kStart + 4 * kSecond), 50);
  }

  void samples_are_kept_at_a_distance_which_is_how_exact_the_window_is() {
    CounterWindow window(5 * kSecond, kSecond);
    for (int i = 0; i <= 1'000; ++i) window.add(kStart + i * 10'000, i);      // 10 s
    const std::int64_t rise = window.rise(kStart + 10 * kSecond);
    QVERIFY2(rise >= 500 && rise < 600, qPrintable(QString::number(rise)));
    QCOMPARE(window.rate(kStart + 10 * kSecond), 100.0);
  }

  void slots_without_a_value_are_holes() {
    SlotSeries series(15 * kSecond, 4);
    series.add(kStart, 30);
    series.add(kStart + 5 * kSecond, 15);
    series.add(kStart + 30 * kSecond, 7);
    const auto sums = series.sums(kStart + 30 * kSecond);
    QCOMPARE(sums.size(), std::size_t{4});
    QVERIFY(std::isnan(sums[0]));
    QCOMPARE(sums[1], 45.0);
    QVERIFY(std::isnan(sums[2]));
    QCOMPARE(sums[3], 7.0);
    QCOMPARE(series.total(kStart + 30 * kSecond, 4), 52.0);
    QCOMPARE(series.total(kStart + 30 * kSecond, 4, 1), 45.0);
    QCOMPARE(series.total(kStart + 90 * kSecond, 4), 0.0);
  }

  void latency_is_that_of_the_last_minute() {
    RecentLatency recent;
    LatencyHistogram cumulative;
    cumulative.record(30, 1'000);                   // long ago: the first report is where counting starts
    recent.add(kStart, cumulative);
    QCOMPARE(recent.last_minute(kStart).count, std::uint64_t{0});
    cumulative.record(10, 99);
    cumulative.record(20, 1);
    recent.add(kStart + 10 * kSecond, cumulative);
    const Latency latency = recent.last_minute(kStart + 10 * kSecond);
    QCOMPARE(latency.count, std::uint64_t{100});
    QCOMPARE(latency.p50, 10);
    QCOMPARE(latency.p99, 10);
    QCOMPARE(latency.p999, 20);
    QCOMPARE(latency.max, 20);
    for (int second = 15; second <= 100; second += 5) recent.add(kStart + second * kSecond, cumulative);
    QCOMPARE(recent.last_minute(kStart + 100 * kSecond).count, std::uint64_t{0});
  }

  void an_expectation_is_compared_with_its_usual_rate() {
    ExpectationTracker tracker("sales", "silver", "known_store");
    ExpectationReport report;
    report.name = "known_store";
    report.on_fail = "quarantine";
    std::int64_t at = kStart;
    // An hour at 1 failing row of 5,000.
    for (int minute = 0; minute <= 60; ++minute, at += 60 * kSecond) {
      tracker.add(at, report);
      report.checked += 5'000;
      report.failed += 1;
    }
    tracker.add(at, report);
    QCOMPARE(tracker.alarmed_since(at), 0);
    // Then 3 %.
    const std::int64_t before = at;
    for (int second = 1; second <= 60; ++second) {
      report.checked += 100;
      report.failed += 3;
      tracker.add(before + second * kSecond, report);
    }
    at = before + 60 * kSecond;
    const ExpectationState state = tracker.state(at);
    QCOMPARE(state.rate, 0.03);
    QCOMPARE(state.usual_rate, 0.0002);
    QCOMPARE(state.failed, 61 + 180);
    QCOMPARE(state.trend.size(), std::size_t{60});
    QCOMPARE(state.trend[10], 0.0002);
    QCOMPARE(tracker.alarmed_since(at), at);
    QCOMPARE(tracker.alarmed_since(at + kSecond), at);
    // A minute without failing rows ends it.
    for (int second = 61; second <= 125; ++second) {
      report.checked += 100;
      tracker.add(before + second * kSecond, report);
    }
    QCOMPARE(tracker.alarmed_since(before + 125 * kSecond), 0);
  }
};

QTEST_APPLESS_MAIN(WindowsTest)
#include "windows_test.moc"
