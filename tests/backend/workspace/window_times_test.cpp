#include <QTest>

#include <vector>

#include "workspace/window_times.h"

using namespace penstock;

namespace {

// Starts of the windows that hold `time`, found by trying each.
std::vector<std::int64_t> holding(std::int64_t time, std::int64_t size, std::int64_t every) {
  std::vector<std::int64_t> starts;
  for (std::int64_t n = -500; n <= 500; ++n)
    if (n * every <= time && time < n * every + size) starts.push_back(n * every);
  return starts;
}

}  // namespace

class WindowTimesTest : public QObject {
  Q_OBJECT

 private slots:
  void they_are_those_that_hold_the_time_data() {
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("every");
    QTest::newRow("tumbling") << 6 << 6;
    QTest::newRow("every divides the size") << 12 << 3;
    QTest::newRow("nothing in common") << 7 << 3;
    QTest::newRow("something in common") << 15 << 6;
    QTest::newRow("every micro") << 5 << 1;
  }
  void they_are_those_that_hold_the_time() {
    QFETCH(int, size);
    QFETCH(int, every);
    const WindowTimes times(size, every);
    for (std::int64_t time = -40; time <= 40; ++time) {
      const std::vector<std::int64_t> starts = holding(time, size, every);
      QCOMPARE(times.first_start(time), starts.front());
      QCOMPARE(times.last_start(time), starts.back());
      QCOMPARE(times.last_end(time), starts.back() + size);
      QVERIFY(holding(times.pane_of(time), size, every) == starts);
      QVERIFY(holding(times.pane_of(time) + times.pane() - 1, size, every) == starts);
    }
  }

  void those_within_a_range_lie_in_it_as_a_whole() {
    const WindowTimes times(15, 6);
    for (std::int64_t from = -30; from < 30; ++from)
      for (std::int64_t to = from; to < 60; ++to) {
        std::int64_t count = 0;
        for (std::int64_t start = -60; start <= 60; start += 6) {
          const bool within = start >= from && start + 15 <= to;
          QCOMPARE(start >= times.start_at_or_after(from) && start < times.starts_until(to), within);
          count += within;
        }
        QCOMPARE(times.count_between(from, to), count);
      }
  }
};

QTEST_APPLESS_MAIN(WindowTimesTest)
#include "window_times_test.moc"
