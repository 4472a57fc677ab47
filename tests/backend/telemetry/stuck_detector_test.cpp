#include <QTest>

#include "telemetry/stuck_detector.h"

using namespace penstock;

namespace {
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kStart = 1'000 * kSecond;

StreamReport report(std::int64_t epoch, std::int64_t epoch_at, std::int64_t waiting_since) {
  StreamReport report;
  report.status = PipelineStatus::running;
  report.epoch = epoch;
  report.epoch_at = epoch_at;
  report.input_waiting_since = waiting_since;
  return report;
}
}  // namespace

class StuckDetectorTest : public QObject {
  Q_OBJECT

 private slots:
  void waiting_input_without_an_epoch_for_ten_seconds_is_stuck() {
    StuckDetector detector;
    detector.add(kStart, report(5, kStart, kStart), kStart);
    QVERIFY(!detector.is_stuck(kStart + 10 * kSecond));
    QVERIFY(detector.is_stuck(kStart + 10 * kSecond + 1));
  }

  // A window that closes while the source hangs closes an epoch, and no input is taken by it.
  void an_epoch_that_takes_no_input_changes_nothing() {
    StuckDetector detector;
    detector.add(kStart, report(5, kStart, kStart), kStart);
    detector.add(kStart + 9 * kSecond, report(6, kStart + 9 * kSecond, kStart), kStart);
    QVERIFY(detector.is_stuck(kStart + 11 * kSecond));
  }

  void an_idle_stream_is_never_stuck() {
    StuckDetector detector;
    detector.add(kStart, report(5, kStart, 0), kStart);
    QVERIFY(!detector.is_stuck(kStart + 3'600 * kSecond));
  }

  void input_after_an_hour_of_idling_is_waited_for_from_when_it_came() {
    StuckDetector detector;
    const std::int64_t later = kStart + 3'600 * kSecond;
    detector.add(later, report(5, kStart, 0), kStart);
    detector.add(later + kSecond, report(5, kStart, kStart), kStart);     // "since the last epoch"
    QVERIFY(!detector.is_stuck(later + 2 * kSecond));
    QVERIFY(detector.is_stuck(later + 11 * kSecond));
  }

  void a_stream_that_goes_on_after_a_pause_is_given_time() {
    StuckDetector detector;
    const std::int64_t later = kStart + 3'600 * kSecond;
    StreamReport paused = report(5, kStart, kStart);
    paused.status = PipelineStatus::paused;
    detector.add(later, paused, kStart);
    detector.add(later + kSecond, report(5, kStart, kStart), kStart);
    QVERIFY(!detector.is_stuck(later + 2 * kSecond));
    QVERIFY(detector.is_stuck(later + 11 * kSecond));
  }

  void slow_epochs_are_given_five_times_their_usual_interval() {
    StuckDetector detector;
    std::int64_t at = kStart;
    for (int epoch = 1; epoch <= 30; ++epoch, at += 8 * kSecond) detector.add(at, report(epoch, at, at), kStart);
    const std::int64_t last = at - 8 * kSecond;
    QCOMPARE(detector.limit(), 40 * kSecond);
    QVERIFY(!detector.is_stuck(last + 39 * kSecond));
    QVERIFY(detector.is_stuck(last + 41 * kSecond));
  }

  void a_restarted_pod_is_given_time_for_what_waited_before_it() {
    StuckDetector detector;
    const std::int64_t restarted = kStart + 300 * kSecond;
    detector.add(restarted, report(5, kStart, kStart), restarted);
    QVERIFY(!detector.is_stuck(restarted + 9 * kSecond));
    QVERIFY(detector.is_stuck(restarted + 11 * kSecond));
  }

  void what_was_paused_is_not_stuck() {
    StuckDetector detector;
    StreamReport paused = report(5, kStart, kStart);
    paused.status = PipelineStatus::paused;
    detector.add(kStart, paused, kStart);
    QVERIFY(!detector.is_stuck(kStart + 60 * kSecond));
  }
};

QTEST_APPLESS_MAIN(StuckDetectorTest)
#include "stuck_detector_test.moc"
