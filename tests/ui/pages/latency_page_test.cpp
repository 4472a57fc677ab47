#include <QRegularExpression>

#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QImage>
#include <QLineEdit>

#include "pages/latency_drawing.h"
#include "pages/latency_page.h"
#include "pages/pinned_charts.h"
#include "support/page_test.h"
#include "widgets/heat_chart.h"
#include "widgets/number_strip.h"
#include "widgets/time_chart.h"

using namespace penstock::ui;
using penstock::test::PageTest;

class LatencyPageTest : public PageTest<LatencyPage> {
  Q_OBJECT
 private slots:
  void init() {
    begin();
    page_->open({"uk", "latency", "sales", {}});
    QTRY_VERIFY_WITH_TIMEOUT(page_->isReady(), patience);
  }
  void cleanup() { end(); }

  void aPipelineHasItsLatenciesThroughputBacklogAndHops() {
    QStringList titles;
    for (const auto* chart : charts()) titles << chart->title();
    QVERIFY(titles.contains("Source event → queryable"));
    QVERIFY(titles.contains("Throughput"));
    QVERIFY(titles.contains("Backlog"));
    // Hops in the order that rows take, and none to where rejected rows are put.
    const QStringList hops = titles.filter(QRegularExpression("^Hop "));
    QVERIFY2(hops.size() > 2, qPrintable(titles.join("\n")));
    QVERIFY2(hops.first().startsWith("Hop source →") || hops.first().contains("→ bronze"), qPrintable(hops.join("\n")));
    QTRY_VERIFY_WITH_TIMEOUT(!charts().first()->series().isEmpty() && !charts().first()->series().first().value.isEmpty(), patience);
    QCOMPARE(charts().first()->series().first().label, QString("p99"));
  }

  void aRangeChosenInOneChartIsThatOfAll() {
    TimeChart* first = charts().first();
    for (int i = 0; i < 20; ++i) QTest::keyClick(first, Qt::Key_Left);
    for (int i = 0; i < 20; ++i) QTest::keyClick(first, Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(first, Qt::Key_Return);
    QVERIFY(page_->here().at.has_value());
    const qint64 from = charts().first()->from();
    const qint64 to = charts().first()->to();
    QVERIFY(to - from < 200'000'000);
    for (const auto* chart : charts()) {
      QCOMPARE(chart->from(), from);
      QCOMPARE(chart->to(), to);
    }
    QVERIFY(button("Back to live"));
    QTest::mouseClick(button("Back to live"), Qt::LeftButton);
    QVERIFY(!page_->here().at.has_value());
    QVERIFY(charts().first()->to() - charts().first()->from() > 800'000'000);
  }

  void eachHopHasItsThreeQuantiles() {
    for (const auto* chart : charts()) {
      if (!chart->title().startsWith("Hop ")) continue;
      QStringList lines;
      QTRY_COMPARE_WITH_TIMEOUT(chart->series().size(), 3, patience);
      for (const TimeSeries& series : chart->series()) lines << series.label;
      QCOMPARE(lines, (QStringList{"p99", "p50", "p99.9"}));
    }
  }

  void theErrorBudgetSaysWhatIsLeft() {
    auto* strip = page_->findChild<NumberStrip*>();
    // 99.9 % of 30 days may miss 43 m 12 s; of three known days three minutes did.
    QTRY_COMPARE_WITH_TIMEOUT(strip->numbers().value(5).value, QString("40 m left"), patience);
    QCOMPARE(strip->numbers()[5].detail, QString("of 43 m · 3 m missed"));
    QVERIFY(strip->numbers()[5].share > 0.9 && strip->numbers()[5].share < 0.94);
    QCOMPARE(strip->numbers()[4].value, QString("99.93 %"));
    QCOMPARE(strip->numbers()[4].name, QString("Kept, of known 2 d 23 h"));
    QCOMPARE(strip->numbers()[4].detail, QString("objective 99.9 %"));
    QCOMPARE(strip->numbers()[0].value, QString("31 / 64 / 96 ms"));
    QCOMPARE(strip->numbers()[0].detail, QString("objective p99 100 ms"));
    QVERIFY(strip->accessibleDescription().contains("Error budget, 30 days: 40 m left"));
    QVERIFY(titles().contains("Time that misses an objective"));
    // Without an objective there is none, and it says so.
    page_->open({"uk", "latency", "loyalty", {}});
    QTRY_COMPARE_WITH_TIMEOUT(strip->numbers().value(5).detail, QString("no availability objective"), patience);
  }

  void eachPartitionHasItsRowAndTheRangeIsThatOfTheCharts() {
    const auto heats = page_->findChildren<HeatChart*>();
    QCOMPARE(heats.size(), 2);
    QCOMPARE(heats[0]->title(), QString("pos.sales · rows behind, by partition"));
    QTRY_COMPARE_WITH_TIMEOUT(heats[0]->rows().size(), 12, patience);
    QCOMPARE(heats[0]->rows()[10].label, QString("10"));
    QCOMPARE(heats[0]->rowInFocus(), 3);        // the one that is behind
    QTest::mousePress(heats[0], Qt::LeftButton, {}, {300, 100});
    QTest::mouseMove(heats[0], {400, 100});
    QTest::mouseRelease(heats[0], Qt::LeftButton, {}, {500, 100});
    QVERIFY(page_->here().at.has_value());
    for (const auto* chart : charts()) QCOMPARE(chart->to(), heats[0]->to());
    QVERIFY(heats[0]->to() - heats[0]->from() < 800'000'000);
    QTest::keyClick(heats[1], Qt::Key_Escape);
    QVERIFY(!page_->here().at.has_value());
  }

  void atASmallWindowNoNumberIsCutAndTheyTakeTwoLines() {
    auto* strip = page_->findChild<NumberStrip*>();
    QTRY_COMPARE_WITH_TIMEOUT(strip->numbers().value(5).value, QString("40 m left"), patience);
    page_->resize(1'536, 900);
    QTRY_VERIFY_WITH_TIMEOUT(!strip->isCut(), patience);
    const int oneLine = strip->height();
    page_->resize(1'216, 700);          // of a window of 1,280
    QTRY_COMPARE_WITH_TIMEOUT(strip->height() > oneLine, true, patience);
    QVERIFY(!strip->isCut());
    page_->resize(1'536, 900);
    QTRY_COMPARE_WITH_TIMEOUT(strip->height(), oneLine, patience);
  }

  void anAxisHasOneUnitAndCountsAreWhole() {
    QCOMPARE(chartAxisText(LatencySeries::Unit::Micros, 0, 15e6), QString("0 s"));
    QCOMPARE(chartAxisText(LatencySeries::Unit::Micros, 2.5e6, 7.5e6), QString("2.5 s"));
    QCOMPARE(chartAxisText(LatencySeries::Unit::Micros, 60e6, 180e6), QString("1 min"));
    QCOMPARE(chartAxisText(LatencySeries::Unit::Micros, 50e3, 150e3), QString("50 ms"));
    QCOMPARE(chartAxisText(LatencySeries::Unit::Micros, 500, 750), QString("500 µs"));
    QCOMPARE(chartAxisText(LatencySeries::Unit::Rows, 5'000, 15'000), QString("5k"));
    QCOMPARE(chartAxisText(LatencySeries::Unit::Rows, 0, 15'000), QString("0"));
    QCOMPARE(chartAxisText(LatencySeries::Unit::RowsPerSecond, 0.5, 1), QString("0.5/s"));
    QCOMPARE(chartAxisText(LatencySeries::Unit::Bytes, 2'500'000, 5'000'000), QString("2.5 MB"));
  }

  void theLagOfAReplicationSlotIsASeries() {
    QVERIFY(titles().filter("Log that is kept").isEmpty());
    page_->open({"uk", "latency", "inventory", {}});
    QTRY_VERIFY_WITH_TIMEOUT(titles().contains("Log that is kept for inventory"), patience);
    QVERIFY(page_->findChildren<HeatChart*>().isEmpty());       // one partition has no heat
  }

  void ninetyDaysMayBeLookedAt() {
    auto* span = page_->findChild<QComboBox*>();
    QTest::keyClick(span, Qt::Key_End);
    QCOMPARE(span->currentText(), QString("Last 90 days"));
    QCOMPARE((charts().first()->to() - charts().first()->from() + 1'000'000) / 86'400'000'000, 90);
    QTRY_VERIFY_WITH_TIMEOUT(!charts().first()->series().first().value.isEmpty(), patience);
  }

  void whatIsDrawnIsExported() {
    QTest::mouseClick(button("Compare with yesterday"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(charts().first()->series().last().label, QString("p99 yesterday"), patience);
    QTRY_VERIFY_WITH_TIMEOUT(!charts().first()->series().last().value.isEmpty(), patience);
    QFile table(exported("Export CSV", "sales.csv"));
    QVERIFY(table.open(QIODevice::ReadOnly));
    const QString text = table.readAll();
    QVERIFY(text.startsWith("time,series,unit,value\n"));
    for (const char* name : {",pipeline/sales/queryable_p999,us,", ",partition/sales/pos.sales/11/behind_rows,", ",yesterday/pipeline/sales/queryable_p99,us,"}) QVERIFY2(text.contains(name), name);
    const QImage picture(exported("Export PNG", "sales.png"));
    QVERIFY(picture.width() > 1'000 && picture.height() > 1'500);
  }

  void aPinnedChartStaysWhicheverPipelineIsSelected() {
    QVERIFY(!pins()->isVisible());
    charts()[2]->setFocus();
    QTRY_VERIFY_WITH_TIMEOUT(pinOf(charts()[2])->isVisible(), patience);
    QVERIFY(!pinOf(charts()[4])->isVisible());
    QTest::keyClick(charts()[2], Qt::Key_Tab);
    QTRY_VERIFY_WITH_TIMEOUT(pinOf(charts()[2])->hasFocus(), patience);
    QTest::keyClick(pinOf(charts()[2]), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(pins()->isVisible(), patience);
    page_->open({"uk", "latency", "loyalty", {}});
    const auto pinned = [this] { return pins()->findChild<TimeChart*>(); };
    QTRY_VERIFY_WITH_TIMEOUT(pinned() && pinned()->title() == "sales · Throughput", patience);
    QTRY_VERIFY_WITH_TIMEOUT(!pinned()->series().isEmpty() && !pinned()->series().first().value.isEmpty(), patience);
    // It has the range of the page.
    page_->open({"uk", "latency", "loyalty", wallClockNow() - std::chrono::minutes(10)});
    QTRY_COMPARE_WITH_TIMEOUT(pinned()->to(), charts().last()->to(), patience);
    // Another window begins with it.
    LatencyPage other(*session_);
    other.restoreLayoutState(page_->layoutState());
    auto* kept = other.findChild<PinnedCharts*>();
    QTRY_VERIFY_WITH_TIMEOUT(kept->findChild<TimeChart*>() && kept->findChild<TimeChart*>()->title() == "sales · Throughput", patience);
    QTest::mouseClick(pinned()->findChild<QPushButton*>("pin"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!pins()->isVisible(), patience);
    QCOMPARE(pins()->state(), QJsonArray());
  }

  void yesterdayIsDrawnBeside() {
    QTest::mouseClick(button("Compare with yesterday"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(charts().first()->series().last().label, QString("p99 yesterday"), patience);
  }

 private:
  QStringList titles() const {
    QStringList all;
    for (const auto* chart : charts()) all << chart->title();
    return all;
  }

  // Presses the button and types the name.
  QString exported(const QString& press, const QString& name) {
    const QString path = folder_.filePath(name);
    QTest::mouseClick(button(press), Qt::LeftButton);
    QFileDialog* dialog = nullptr;
    for (auto* candidate : page_->findChildren<QFileDialog*>())
      if (candidate->isVisible()) dialog = candidate;
    if (!dialog) return {};
    auto* edit = dialog->findChild<QLineEdit*>("fileNameEdit");
    // Typed into a field without the focus, each folder that the path goes through stays selected in the list, and Return opens the first.
    if (!QTest::qWaitFor([&] { return edit->hasFocus(); }, patience)) return {};
    edit->selectAll();
    QTest::keyClicks(edit, path);
    QTest::keyClick(edit, Qt::Key_Return);
    return QTest::qWaitFor([&] { return QFile::exists(path); }, patience) ? path : QString();
  }

  PinnedCharts* pins() const { return page_->findChild<PinnedCharts*>(); }
  QPushButton* pinOf(const TimeChart* chart) const { return chart->findChild<QPushButton*>("pin"); }

  QList<TimeChart*> charts() const { return page_->findChildren<TimeChart*>(); }
};

QTEST_MAIN(LatencyPageTest)
#include "latency_page_test.moc"
