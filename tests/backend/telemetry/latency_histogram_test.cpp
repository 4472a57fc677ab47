#include <QTest>

#include <algorithm>
#include <cmath>
#include <random>

#include "telemetry/latency_histogram.h"

using penstock::LatencyHistogram;

class LatencyHistogramTest : public QObject {
  Q_OBJECT

 private slots:
  void an_empty_one_is_all_zero() {
    const LatencyHistogram empty;
    QCOMPARE(empty.count(), std::uint64_t{0});
    QCOMPARE(empty.quantile(0.99), std::int64_t{0});
    QCOMPARE(empty.max(), std::int64_t{0});
    QCOMPARE(empty.to_bytes(), std::string());
  }

  void small_values_are_exact() {
    LatencyHistogram histogram;
    for (std::int64_t value = 1; value <= 30; ++value) histogram.record(value);
    QCOMPARE(histogram.quantile(0.5), std::int64_t{15});
    QCOMPARE(histogram.quantile(1), std::int64_t{30});
    QCOMPARE(histogram.quantile(0), std::int64_t{1});
    QCOMPARE(histogram.max(), std::int64_t{30});
  }

  void negative_counts_as_zero_and_too_long_in_the_last_bucket() {
    LatencyHistogram histogram;
    histogram.record(-5);
    QCOMPARE(histogram.quantile(1), std::int64_t{0});
    histogram.record(std::int64_t{1} << 50);
    QCOMPARE(histogram.max(), (std::int64_t{1} << 36) - 1);
  }

  void quantiles_are_at_most_a_32nd_above_the_exact_ones() {
    const auto seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937_64 random(seed);
    for (const double spread : {0.5, 2.0, 4.0}) {
      std::lognormal_distribution<double> latency(9, spread);
      std::vector<std::int64_t> exact;
      LatencyHistogram histogram;
      for (int i = 0; i < 20'000; ++i) {
        const auto micros = std::min<std::int64_t>(static_cast<std::int64_t>(latency(random)), (std::int64_t{1} << 36) - 1);
        exact.push_back(micros);
        histogram.record(micros);
      }
      std::sort(exact.begin(), exact.end());
      for (const double q : {0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto rank = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(q * static_cast<double>(exact.size()))));
        const std::int64_t truth = exact[rank - 1], estimate = histogram.quantile(q);
        QVERIFY2(estimate >= truth, qPrintable(QString("q %1: %2 < %3").arg(q).arg(estimate).arg(truth)));
        QVERIFY2(estimate - truth <= truth / 32, qPrintable(QString("q %1: %2 against %3").arg(q).arg(estimate).arg(truth)));
      }
    }
  }

  void merged_is_the_same_as_recorded_together() {
    LatencyHistogram left, right, both;
    for (std::int64_t value = 0; value < 5'000; value += 3) {
      (value % 2 ? left : right).record(value * value);
      both.record(value * value);
    }
    left.merge(right);
    QCOMPARE(left.count(), both.count());
    QCOMPARE(left.to_bytes(), both.to_bytes());
  }

  void later_by_moves_every_latency() {
    LatencyHistogram waited;
    for (int i = 1; i <= 100; ++i) waited.record(i * 1'000);
    const LatencyHistogram later = waited.later_by(500'000);
    QCOMPARE(later.count(), 100u);
    QVERIFY(later.quantile(0.5) >= 550'000 && later.quantile(0.5) <= 550'000 * 17 / 16);
    QVERIFY(later.max() >= 600'000 && later.max() <= 600'000 * 17 / 16);
  }

  void since_gives_what_came_after() {
    LatencyHistogram histogram;
    histogram.record(10, 100);
    const LatencyHistogram earlier = histogram;
    histogram.record(20, 3);
    const LatencyHistogram later = histogram.since(earlier);
    QCOMPARE(later.count(), std::uint64_t{3});
    QCOMPARE(later.quantile(0), std::int64_t{20});
  }

  void since_of_one_that_began_anew_is_all_of_it() {
    LatencyHistogram before, after;
    before.record(10, 100);
    after.record(10, 4);
    QCOMPARE(after.since(before).count(), std::uint64_t{4});
  }

  void bytes_give_the_same_histogram_back() {
    LatencyHistogram histogram;
    histogram.record(0, 7);
    histogram.record(1'000'000, std::uint64_t{1} << 40);
    histogram.record((std::int64_t{1} << 36) - 1);
    const auto read = LatencyHistogram::from_bytes(histogram.to_bytes());
    QVERIFY(read.ok());
    QCOMPARE(read->count(), histogram.count());
    QCOMPARE(read->to_bytes(), histogram.to_bytes());
    QCOMPARE(read->quantile(0.5), histogram.quantile(0.5));
  }

  // More than there can be; a quantile of it would be of no whole number.
  void too_many_are_refused() {
    const auto read = LatencyHistogram::from_bytes("\x03\xad\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    QVERIFY(!read.ok());
    QCOMPARE(read.error().kind, penstock::ErrorKind::data_loss);
  }
  void damaged_bytes_are_refused() {
    for (const std::string& bytes : {std::string("\x80"), std::string("\x01"), std::string("\x00\x01", 2), std::string("\xff\xff\x7f\x01", 4)}) {
      const auto read = LatencyHistogram::from_bytes(bytes);
      QVERIFY(!read.ok());
      QCOMPARE(read.error().kind, penstock::ErrorKind::data_loss);
    }
  }
};

QTEST_APPLESS_MAIN(LatencyHistogramTest)
#include "latency_histogram_test.moc"
