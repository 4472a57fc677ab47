#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <QApplication>
#include <QPushButton>

#include "pages/latency_page.h"
#include "support/fake_engine.h"
#include "viewmodels/session.h"
#include "widgets/theme.h"
#include "widgets/time_chart.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {

constexpr int patience = 30'000;

}  // namespace

class LatencyPageTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    fleet_ = std::make_unique<Fleet>();
    fleet_->add({"uk", QString::fromStdString(engine_->address()), {}, nullptr});
    preferences_ = std::make_unique<Preferences>(folder_.filePath("console.ini"));
    session_ = std::make_unique<Session>(*fleet_, *preferences_);
    page_ = std::make_unique<LatencyPage>(*session_);
    page_->resize(1500, 900);
    page_->show();
    page_->open({"uk", "latency", "sales", {}});
    QTRY_VERIFY_WITH_TIMEOUT(page_->isReady(), patience);
  }
  void cleanup() {
    page_.reset();
    session_.reset();
    fleet_.reset();
    engine_.reset();
  }

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

  void yesterdayIsDrawnBeside() {
    QTest::mouseClick(button("Compare with yesterday"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(charts().first()->series().last().label, QString("p99 yesterday"), patience);
  }

 private:
  QList<TimeChart*> charts() const { return page_->findChildren<TimeChart*>(); }

  QPushButton* button(const QString& text) const {
    for (auto* candidate : page_->findChildren<QPushButton*>())
      if (candidate->isVisible() && candidate->text() == text) return candidate;
    return nullptr;
  }

  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Fleet> fleet_;
  QTemporaryDir folder_;
  std::unique_ptr<Preferences> preferences_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<LatencyPage> page_;
};

QTEST_MAIN(LatencyPageTest)
#include "latency_page_test.moc"
