#include "stream/live_objectives.h"

#include <QTest>

using namespace penstock;
using namespace std::chrono_literals;

class LiveObjectivesTest : public QObject {
  Q_OBJECT

  static constexpr std::int64_t second = 1'000'000;

 private slots:
  void without_objectives_nothing_is_missed() {
    LiveObjectives objectives({});
    StreamReport report;
    report.behind_micros = 3600 * second;
    report.queryable.record(3600 * second, 100);
    QVERIFY(!objectives.missed(report, 0));
    QVERIFY(!objectives.missed(report, 10 * second));
  }

  void freshness_is_missed_while_rows_wait_longer() {
    LiveObjectives objectives({.freshness = 2s});
    StreamReport report;
    report.behind_micros = 2 * second;
    QVERIFY(!objectives.missed(report, 0));
    report.behind_micros = 2 * second + 1;
    QVERIFY(objectives.missed(report, 0));
  }

  void p99_is_that_of_the_last_slice() {
    LiveObjectives objectives({.p99 = 100ms});
    StreamReport report;
    report.queryable.record(second, 1000);               // long ago
    QVERIFY(!objectives.missed(report, 0));
    report.queryable.record(second, 5);
    QVERIFY(!objectives.missed(report, 4 * second));     // the slice is not over
    report.queryable.record(1'000, 95);
    QVERIFY(objectives.missed(report, 5 * second));
    QVERIFY(objectives.missed(report, 6 * second));
    report.queryable.record(1'000, 995);
    report.queryable.record(second, 5);                  // half a percent
    QVERIFY(!objectives.missed(report, 10 * second));
  }

  void a_slice_without_rows_misses_nothing() {
    LiveObjectives objectives({.p99 = 100ms});
    StreamReport report;
    QVERIFY(!objectives.missed(report, 0));
    report.queryable.record(second, 10);
    QVERIFY(objectives.missed(report, 5 * second));
    QVERIFY(!objectives.missed(report, 10 * second));
  }
};

QTEST_APPLESS_MAIN(LiveObjectivesTest)
#include "live_objectives_test.moc"
