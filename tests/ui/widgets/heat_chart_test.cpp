#include <QTest>

#include <QSignalSpy>

#include <cmath>

#include "widgets/heat_chart.h"
#include "widgets/theme.h"

using namespace penstock::ui;

namespace {

constexpr qint64 second = 1'000'000;

TimeSeries row(const QString& label, const std::function<double(int)>& value) {
  TimeSeries result{label};
  for (int i = 0; i < 900; ++i) {
    result.at << i * second;
    result.value << value(i);
  }
  return result;
}

}  // namespace

// Three partitions: 0 is at rest, 1 falls behind in the second half, 2 has told nothing for a third of the time.
class HeatChartTest : public QObject {
  Q_OBJECT

  std::unique_ptr<HeatChart> chart_;

 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::lightTheme()); }
  void init() {
    chart_ = std::make_unique<HeatChart>();
    chart_->setTitle("rows behind, by partition");
    chart_->setRange(0, 900 * second);
    chart_->setRows({row("0", [](int) { return 1.0; }), row("1", [](int i) { return i < 450 ? 1.0 : 900.0; }),
                     row("2", [](int i) { return i > 300 && i < 600 ? NAN : 1.0; })}, "partition");
    chart_->resize(72 + 12 + 900, chart_->sizeHint().height());
    chart_->show();
  }

  void moreIsDarkerAndWhatIsNotKnownIsEmpty() {
    const QImage image = chart_->grab().toImage();
    const double scale = image.devicePixelRatio();
    const auto lightness = [&](int x, int partition) { return image.pixelColor(qRound((72 + x) * scale), qRound((54 + partition * 18 + 8) * scale)).lightness(); };
    const int panel = Theme::lightTheme().panel.lightness();
    QVERIFY(lightness(800, 1) < 120);
    QVERIFY(lightness(100, 1) > 190);
    QVERIFY(lightness(800, 0) > 190 && lightness(800, 0) < panel);
    QCOMPARE(lightness(450, 2), panel);
    QVERIFY(lightness(800, 2) < panel);
  }

  void theRowUnderThePointerIsInFocusElseTheLargest() {
    QCOMPARE(chart_->rowInFocus(), 1);
    QTest::mouseMove(chart_.get(), {400, 54 + 5});
    QCOMPARE(chart_->rowInFocus(), 0);
    QTest::mouseMove(chart_.get(), {400, 54 + 2 * 18 + 5});
    QCOMPARE(chart_->rowInFocus(), 2);
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(chart_.get(), &leave);
    QCOMPARE(chart_->rowInFocus(), 1);
  }

  void draggingChoosesARange() {
    QSignalSpy chosen(chart_.get(), &HeatChart::rangeChosen);
    QTest::mousePress(chart_.get(), Qt::LeftButton, {}, {72 + 300, 60});
    QTest::mouseMove(chart_.get(), {72 + 450, 60});
    QTest::mouseRelease(chart_.get(), Qt::LeftButton, {}, {72 + 600, 60});
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toLongLong(), 300 * second);
    QCOMPARE(chosen[0][1].toLongLong(), 600 * second);
  }

  void manyRowsGetLower() {
    QList<TimeSeries> rows;
    for (int i = 0; i < 64; ++i) rows << row(QString::number(i), [](int k) { return k; });
    chart_->setRows(rows, "partition");
    QVERIFY(chart_->sizeHint().height() < 500);
    QVERIFY(!chart_->grab().isNull());
    chart_->setRows({}, "partition");
    QCOMPARE(chart_->rowInFocus(), -1);
    QVERIFY(!chart_->grab().isNull());
  }
};

QTEST_MAIN(HeatChartTest)
#include "heat_chart_test.moc"
