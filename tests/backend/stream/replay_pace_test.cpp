#include "stream/replay_pace.h"

#include <QTest>

#include <optional>

using namespace penstock;
using namespace std::chrono_literals;

namespace {

class SetMeter final : public CpuMeter {
 public:
  std::chrono::microseconds process() const override { return others + own; }
  std::chrono::microseconds this_thread() const override { return own; }
  double cores() const override { return 4; }

  std::chrono::microseconds others{7s}, own{3s};
};

}  // namespace

class ReplayPaceTest : public QObject {
  Q_OBJECT

  SetMeter cpu_;
  ManualClock clock_{Timestamp(std::chrono::seconds(1))};
  std::optional<ReplayPace> pace_;
  bool waits_ = false;

  // A part that computes for `own` while the rest of the pod computes for `others`, and both take `passed`.
  std::chrono::microseconds part(std::chrono::microseconds own, std::chrono::microseconds others, std::chrono::microseconds passed) {
    pace_->begin();
    cpu_.own += own;
    cpu_.others += others;
    clock_.advance(passed);
    return pace_->due([this] { return waits_; });
  }

 private slots:
  void init() {
    waits_ = false;
    pace_.emplace(cpu_, clock_);
  }

  void it_gets_half_of_what_the_others_leave() {
    part(500ms, 1s, 1s);
    QCOMPARE(pace_->cores(), 1.5);
    QCOMPARE(pace_->sentence(), std::string("on 1.50 of 4 cores, half of what is spare"));
    part(500ms, 0s, 1s);
    QCOMPARE(pace_->cores(), 2.0);
    // Its own use does not count.
    part(3500ms, 3s, 2s);
    QCOMPARE(pace_->cores(), 1.25);
  }

  void it_looks_about_once_a_second() {
    part(10ms, 900ms, 900ms);
    QCOMPARE(pace_->cores(), 1.0);      // before it has looked: a quarter of all
    part(10ms, 3600ms, 900ms);          // both parts together: 2.5 cores
    QCOMPARE(pace_->cores(), 0.75);
  }

  void a_part_rests_so_long_that_it_keeps_to_its_share() {
    part(0s, 3s, 1s);
    QCOMPARE(pace_->cores(), 0.5);
    QCOMPARE(part(100ms, 0s, 100ms), std::chrono::microseconds(200ms));
    // More than a core, and a part has but one thread: it need not wait.
    part(0s, 0s, 1s);
    QVERIFY(part(100ms, 0s, 100ms) <= 100ms);
  }

  void where_nothing_is_spare_it_goes_on_a_little() {
    part(0s, 5s, 1s);
    QCOMPARE(pace_->cores(), ReplayPace::kLeast);
    QCOMPARE(part(1ms, 0s, 1ms), std::chrono::microseconds(20ms));
    QCOMPARE(pace_->sentence(), std::string("nearly at rest: nothing is spare"));
  }

  void nothing_is_spare_while_the_live_stream_waits() {
    waits_ = true;
    part(0s, 0s, 1s);
    QCOMPARE(pace_->cores(), ReplayPace::kLeast);
    waits_ = false;
    part(0s, 0s, 1s);
    QCOMPARE(pace_->cores(), 2.0);
  }

  void the_systems_meter_counts_this_thread_within_the_process() {
    const CpuMeter& system = CpuMeter::system();
    const auto own = system.this_thread(), process = system.process();
    while (system.this_thread() - own < 2ms) {}
    QVERIFY(system.process() - process >= 1ms);
    QVERIFY(system.process() >= system.this_thread());
    QVERIFY(system.cores() > 0);
  }
};

QTEST_APPLESS_MAIN(ReplayPaceTest)
#include "replay_pace_test.moc"
