#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

namespace {

// The machine's, set to another time by an operator or a time server.
class SetClock final : public Clock {
 public:
  Timestamp now() const override { return Clock::system().now() + std::chrono::microseconds(by_); }
  std::chrono::steady_clock::time_point steady() const override { return Clock::system().steady(); }
  void set(std::chrono::microseconds by) { by_ += by.count(); }

 private:
  std::atomic<std::int64_t> by_ = 0;
};

}  // namespace

// The clock of the machine jumps while a stream runs.
class ClockTest : public QObject, LandedStream {
  Q_OBJECT

  SetClock clock_;

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    make("run");
  }
  void cleanup() { pod_.reset(); }

  // Rows go on to be read, reported and landed, and no window closes earlier for it: the silence after which a partition is
  // idle is a day here.
  void a_clock_that_is_set_changes_no_row_data() {
    QTest::addColumn<bool>("relaxed");
    QTest::addRow("synced each epoch") << false;
    QTest::addRow("relaxed durability") << true;
  }
  void a_clock_that_is_set_changes_no_row() {
    QFETCH(bool, relaxed);
    stream().flush = std::chrono::milliseconds(500);
    stream().relaxed_durability = relaxed;
    pod_ = std::make_unique<PodRuntime>(*catalog_, PodRuntime::Options{.pod = "test-0", .clock = &clock_});
    const auto takes = [&](std::int64_t rows) { return QTest::qWaitFor([&] { return report().rows_in == rows; }, 60'000) && QTest::qWaitFor([&] { return all_delivered(); }, 60'000); };
    send(60);
    QVERIFY(start().ok());
    QVERIFY(takes(60));
    clock_.set(-std::chrono::hours(48));
    send(60);
    QVERIFY(takes(120));
    clock_.set(std::chrono::hours(96));
    send(60);
    QVERIFY(takes(180));
    QCOMPARE(report().status, PipelineStatus::running);
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(180);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
  }
};

QTEST_GUILESS_MAIN(ClockTest)
#include "clock_test.moc"
