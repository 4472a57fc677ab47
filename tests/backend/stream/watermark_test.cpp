#include <QTest>

#include "stream/watermark.h"

using namespace penstock;

namespace {
constexpr std::int64_t second = 1'000'000;
const PartitionKey first{"pos", 0}, other{"pos", 1};

Watermark make(bool advance = true) { return Watermark({.lateness_micros = 5 * second, .idle_timeout_micros = 10 * second, .idle_advance = advance}); }
}  // namespace

class WatermarkTest : public QObject {
  Q_OBJECT
 private slots:
  void it_is_the_running_maximum_less_the_lateness() {
    Watermark watermark = make();
    auto& partition = watermark.partition(first, 0);
    watermark.observe(partition, 100 * second, 0);
    watermark.observe(partition, 90 * second, 0);
    QCOMPARE(watermark.watermark_of(partition), 95 * second);
    QCOMPARE(watermark.lowest(0), 95 * second);
  }

  void a_partition_without_rows_holds_back_until_it_is_idle() {
    Watermark watermark = make();
    watermark.add_partition(other, 0);
    watermark.observe(watermark.partition(first, 0), 100 * second, 9 * second);
    QCOMPARE(watermark.lowest(9 * second), Watermark::kNone);
    QCOMPARE(watermark.lowest(10 * second), 95 * second);
  }

  void the_lowest_partition_decides() {
    Watermark watermark = make();
    watermark.observe(watermark.partition(first, 0), 100 * second, 0);
    watermark.observe(watermark.partition(other, 0), 50 * second, 0);
    QCOMPARE(watermark.lowest(0), 45 * second);
  }

  void a_partition_that_is_awaited_is_not_idle() {
    Watermark watermark = make();
    watermark.observe(watermark.partition(first, 0), 100 * second, 9 * second);
    watermark.observe(watermark.partition(other, 0), 50 * second, 0);
    watermark.await(other, 10 * second);
    QCOMPARE(watermark.lowest(15 * second), 45 * second);
    QCOMPARE(watermark.lowest(20 * second), 105 * second);
    watermark.await_all(20 * second);
    QCOMPARE(watermark.lowest(29 * second), 45 * second);
  }

  void when_all_are_idle_it_follows_the_clock() {
    Watermark watermark = make();
    watermark.observe(watermark.partition(first, 0), 100 * second, 0);
    QCOMPARE(watermark.lowest(30 * second), 125 * second);
  }

  void it_stands_still_when_idle_hold_was_asked_for() {
    Watermark watermark = make(false);
    watermark.observe(watermark.partition(first, 0), 100 * second, 0);
    QCOMPARE(watermark.lowest(30 * second), 95 * second);
  }

  void only_changed_maxima_are_given_out_to_be_stored() {
    Watermark watermark = make();
    watermark.restore(first, 7, 0);
    watermark.observe(watermark.partition(other, 0), 9, 0);
    std::vector<std::pair<PartitionKey, std::int64_t>> changes;
    const auto collect = [&](const PartitionKey& partition, std::int64_t time) { changes.emplace_back(partition, time); };
    watermark.take_changes(collect);
    watermark.take_changes(collect);
    QCOMPARE(changes.size(), 1u);
    QVERIFY(changes.front().first == other);
    QCOMPARE(changes.front().second, 9);
  }
};

QTEST_APPLESS_MAIN(WatermarkTest)
#include "watermark_test.moc"
