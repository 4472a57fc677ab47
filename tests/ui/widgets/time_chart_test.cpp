#include <QTest>

#include <QSignalSpy>

#include <cmath>

#include "widgets/theme.h"
#include "widgets/time_chart.h"
#include "widgets/trend_chart.h"

using namespace penstock::ui;

namespace {

constexpr qint64 second = 1'000'000;

TimeSeries series(int from, int to, const std::function<double(int)>& value) {
  TimeSeries result{"p99"};
  for (int i = from; i < to; ++i) {
    result.at << i * second;
    result.value << value(i);
  }
  return result;
}

}  // namespace

class TimeChartTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }

  void aColumnKeepsTheLowestAndTheHighestOfItsValues() {
    const TimeSeries spiky = series(0, 100, [](int i) { return i == 55 ? 900.0 : i == 56 ? 1.0 : 50.0; });
    const QList<PlotColumn> columns = reducedToColumns(spiky, 0, 100 * second, 10);
    QCOMPARE(columns.size(), 10);
    QCOMPARE(columns[5].low, 1.0);
    QCOMPARE(columns[5].high, 900.0);
    QCOMPARE(columns[5].first, 50.0);
    QCOMPARE(columns[4].high, 50.0);
    QVERIFY(columns[4].joined);
  }

  void aLineDoesNotGoOnAcrossAHole() {
    TimeSeries broken = series(0, 20, [](int) { return 10.0; });
    const TimeSeries later = series(60, 80, [](int) { return 10.0; });
    broken.at += later.at;
    broken.value += later.value;
    const QList<PlotColumn> columns = reducedToColumns(broken, 0, 80 * second, 80);
    QVERIFY(columns[19].joined);
    QVERIFY(!columns[30].filled);
    QVERIFY(!columns[60].joined);
    const QList<TimeHole> holes = holesOf(broken, 0, 80 * second);
    QCOMPARE(holes.size(), 1);
    QCOMPARE(holes[0].from, 19 * second);
    QCOMPARE(holes[0].to, 60 * second);
  }

  void notANumberIsAHoleToo() {
    const TimeSeries silent = series(0, 60, [](int i) { return i > 20 && i < 40 ? NAN : 1.0; });
    QCOMPARE(holesOf(silent, 0, 60 * second).size(), 1);
    QVERIFY(std::isnan(valueAt(silent, 35 * second)));
    QCOMPARE(valueAt(silent, 45 * second), 1.0);
  }

  void ticksAreRoundAndCoverTheValues() {
    QCOMPARE(valueTicks(137), (QList<double>{0, 50, 100, 150}));
    QCOMPARE(valueTicks(3), (QList<double>{0, 1, 2, 3}));
    QCOMPARE(valueTicks(0), (QList<double>{0, 1}));
  }

  void whatIsCountedIsDividedIntoWholeNumbers() {
    for (const double high : {0.0, 0.4, 1.0, 2.0, 4.0, 7.0, 12.0, 61.0, 4'000.0})
      for (const double tick : valueTicks(high, ValueScale::Whole)) QCOMPARE(tick, std::floor(tick));
    QCOMPARE(valueTicks(1, ValueScale::Whole), (QList<double>{0, 1}));
    QCOMPARE(valueTicks(7, ValueScale::Whole), (QList<double>{0, 5, 10}));
  }

  void timeIsDividedIntoMinutesAndHours() {
    QCOMPARE(valueTicks(25 * second, ValueScale::Micros), (QList<double>{0, 10 * second, 20 * second, 30 * second}));
    QCOMPARE(valueTicks(170 * second, ValueScale::Micros), (QList<double>{0, 60 * second, 120 * second, 180 * second}));
    QCOMPARE(valueTicks(0, ValueScale::Micros), (QList<double>{0, 1'000}));
    QCOMPARE(valueTicks(80'000, ValueScale::Micros), (QList<double>{0, 50'000, 100'000}));
    QCOMPARE(valueTicks(5'000 * second, ValueScale::Micros), (QList<double>{0, 1'800 * second, 3'600 * second, 5'400 * second}));
  }

  void aRangeIsToldInWords() {
    QCOMPARE(rangeInWords(0, 900 * second, false), "15 min · 00:00:00 – 00:15:00 UTC");
    QCOMPARE(rangeInWords(0, 2 * 86400 * second, false), "2 days · 1 Jan 00:00 – 3 Jan 00:00 UTC");
  }

  void draggingChoosesARangeAndDoubleClickGoesBack() {
    TimeChart chart;
    chart.resize(72 + 12 + 900, 200);
    chart.setRange(0, 900 * second);
    chart.setSeries({series(0, 900, [](int i) { return i % 50; })});
    chart.show();
    QSignalSpy chosen(&chart, &TimeChart::rangeChosen);
    QSignalSpy reset(&chart, &TimeChart::rangeReset);
    QTest::mousePress(&chart, Qt::LeftButton, {}, {72 + 300, 100});
    QTest::mouseMove(&chart, {72 + 450, 100});
    QTest::mouseRelease(&chart, Qt::LeftButton, {}, {72 + 600, 100});
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toLongLong(), 300 * second);
    QCOMPARE(chosen[0][1].toLongLong(), 600 * second);
    QTest::mouseDClick(&chart, Qt::LeftButton, {}, {72 + 300, 100});
    QCOMPARE(reset.size(), 1);
  }

  void keysChooseARangeToo() {
    TimeChart chart;
    chart.resize(984, 200);
    chart.setRange(0, 900 * second);
    chart.show();
    QSignalSpy chosen(&chart, &TimeChart::rangeChosen);
    for (int i = 0; i < 10; ++i) QTest::keyClick(&chart, Qt::Key_Left);
    for (int i = 0; i < 20; ++i) QTest::keyClick(&chart, Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(&chart, Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toLongLong(), 630 * second);
    QCOMPARE(chosen[0][1].toLongLong(), 810 * second);
  }

  void whatCrossesTheObjectiveIsDrawnInTheFailingColour() {
    const Theme& theme = Theme::darkTheme();
    TimeChart chart;
    chart.resize(984, 260);
    chart.setRange(0, 900 * second);
    chart.setObjective(100);
    const auto failingPixels = [&] {
      const QImage image = chart.grab().toImage();
      int count = 0;
      for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == theme.failing;
      return count;
    };
    chart.setSeries({series(0, 900, [](int) { return 80.0; })});
    QCOMPARE(failingPixels(), 0);
    chart.setSeries({series(0, 900, [](int i) { return i > 600 ? 140.0 : 80.0; })});
    QVERIFY(failingPixels() > 200);
  }

  void aTrendHasOneBarAValue() {
    TrendChart chart;
    chart.resize(400, 200);
    chart.setBars("Failing, last hour", {"-3", "-2", "-1"}, {1, NAN, 3});
    QCOMPARE(chart.accessibleName(), "Failing, last hour");
    QVERIFY(!chart.grab().isNull());
  }
};

QTEST_MAIN(TimeChartTest)
#include "time_chart_test.moc"
