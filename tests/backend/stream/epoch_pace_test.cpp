#include "stream/epoch_pace.h"

#include <QTest>

#include <thread>

using namespace penstock;
using namespace std::chrono_literals;

namespace {

class SetMeter final : public CpuMeter {
 public:
  std::chrono::microseconds process() const override { return used; }
  std::chrono::microseconds this_thread() const override { return used; }
  std::chrono::microseconds this_thread_waited() const override { return waited; }
  double cores() const override { return 2; }

  std::chrono::microseconds used{3s}, waited{1s};
};

}  // namespace

class EpochPaceTest : public QObject {
  Q_OBJECT

  SetMeter cpu_;
  ManualClock clock_{Timestamp(std::chrono::seconds(1))};

  // The rest after an epoch of so many rows, 100 ms after the last one, of which its thread waited for a core for `waited`.
  std::chrono::microseconds epoch(EpochPace& pace, std::chrono::microseconds waited, std::int64_t rows = 10) {
    clock_.advance(100ms);
    cpu_.waited += waited;
    return pace.rest(rows);
  }

 private slots:
  void where_cores_are_free_it_never_rests() {
    EpochPace pace(cpu_, clock_);
    for (int i = 0; i < 100; ++i) QCOMPARE(epoch(pace, 0us), 0us);
    // Often, but not for long: epochs are short, and another one comes in between now and then.
    for (int i = 0; i < 100; ++i) QCOMPARE(epoch(pace, 15ms), 0us);
  }

  void while_it_waits_for_a_core_it_rests_longer_and_longer_up_to_a_bound() {
    EpochPace pace(cpu_, clock_);
    auto before = epoch(pace, 40ms);
    QCOMPARE(before, 0us);       // from when on, is not known yet
    for (int i = 0; i < 6; ++i) {
      const auto rest = epoch(pace, 40ms);
      QVERIFY(rest > before);
      before = rest;
    }
    for (int i = 0; i < 20; ++i) before = epoch(pace, 40ms);
    QCOMPARE(before, EpochPace::kLongest);
  }

  void it_comes_back_to_no_rest_slower_than_it_went() {
    EpochPace pace(cpu_, clock_);
    int up = 0, down = 0;
    while (epoch(pace, 40ms) < EpochPace::kLongest) ++up;
    QCOMPARE(epoch(pace, 10ms), EpochPace::kLongest);      // neither much nor little
    while (epoch(pace, 0us) > 0us) ++down;
    QVERIFY2(down > up, qPrintable(QString("%1 up, %2 down").arg(up).arg(down)));
  }

  void an_epoch_of_many_rows_is_worth_its_cost() {
    EpochPace pace(cpu_, clock_);
    epoch(pace, 0us);
    QCOMPARE(epoch(pace, 40ms, EpochPace::kManyRows), 0us);
    QVERIFY(epoch(pace, 40ms) > 0us);
  }

#ifdef __linux__
  // Of more threads than there are cores, some wait.
  void the_system_tells_how_long_a_thread_waited() {
    std::vector<std::jthread> busy;
    for (unsigned i = 0; i <= std::thread::hardware_concurrency(); ++i)
      busy.emplace_back([](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
        }
      });
    const CpuMeter& system = CpuMeter::system();
    const auto before = system.this_thread_waited();
    const bool waited = QTest::qWaitFor(
        [&] {
          const auto until = system.this_thread() + 20ms;
          while (system.this_thread() < until) {
          }
          return system.this_thread_waited() > before;
        },
        60000);
    QVERIFY(waited);
  }
#endif
};

QTEST_GUILESS_MAIN(EpochPaceTest)
#include "epoch_pace_test.moc"
