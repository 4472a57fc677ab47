#include <QTest>

#include <QSignalSpy>

#include "widgets/theme.h"
#include "widgets/time_strip.h"

using namespace penstock::ui;

class TimeStripTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }
  void init() {
    strip_ = std::make_unique<TimeStrip>();
    strip_->resize(32 + 1200, 84);
    strip_->setSeries({"rows/s"}, 0, 1'200'000'000);
    strip_->show();
  }
  void cleanup() { strip_.reset(); }

  void aPressGoesBackAndTheEndIsLive() {
    QSignalSpy chosen(strip_.get(), &TimeStrip::positionChosen);
    QTest::mouseClick(strip_.get(), Qt::LeftButton, {}, {16 + 600, 50});
    QCOMPARE(strip_->position(), std::optional<qint64>(600'000'000));
    QTest::mouseClick(strip_.get(), Qt::LeftButton, {}, {16 + 1200, 50});
    QCOMPARE(strip_->position(), std::nullopt);
    QCOMPARE(chosen.size(), 2);
  }

  void keysStepThroughTime() {
    QTest::keyClick(strip_.get(), Qt::Key_Left);
    QCOMPARE(strip_->position(), std::optional<qint64>(1'190'000'000));
    QTest::keyClick(strip_.get(), Qt::Key_Home);
    QCOMPARE(strip_->position(), std::optional<qint64>(0));
    QCOMPARE(strip_->accessibleDescription(), "00:00:00");
    QTest::keyClick(strip_.get(), Qt::Key_End);
    QCOMPARE(strip_->accessibleDescription(), "Live");
  }

 private:
  std::unique_ptr<TimeStrip> strip_;
};

QTEST_MAIN(TimeStripTest)
#include "time_strip_test.moc"
