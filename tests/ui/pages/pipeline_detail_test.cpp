#include <QTemporaryDir>
#include <QTest>

#include <QApplication>
#include <QLabel>

#include "pages/pipeline_detail.h"
#include "support/fake_engine.h"
#include "viewmodels/session.h"
#include "widgets/theme.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {

constexpr int patience = 30'000;

}  // namespace

class PipelineDetailTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }
  void init() {
    engine_ = std::make_unique<FakeEngine>(penstock::test::FakeEngineOptions{.moving = false});
    fleet_ = std::make_unique<Fleet>();
    fleet_->add({"uk", QString::fromStdString(engine_->address()), {}, nullptr});
    preferences_ = std::make_unique<Preferences>(folder_.filePath("console.ini"));
    session_ = std::make_unique<Session>(*fleet_, *preferences_);
    QTRY_VERIFY_WITH_TIMEOUT(session_->pipelines.rowCount() > 0, patience);
    detail_ = std::make_unique<PipelineDetail>(*session_);
    detail_->resize(1200, 400);
  }
  void cleanup() {
    detail_.reset();
    session_.reset();
    fleet_.reset();
    engine_.reset();
  }

  void aSinkThatMayDoubleRowsSaysSo() {
    detail_->show("uk", "fraud_features");
    QVERIFY2(said().contains("scoring: at least once: a row may arrive twice"), qPrintable(said()));
    detail_->show("uk", "sales");
    QVERIFY2(!said().contains("at least once"), qPrintable(said()));
  }

  void aSinkThatIsTriedAgainSaysSinceWhenHowOftenAndWhenNext() {
    detail_->show("uk", "sales");
    engine_->break_sink("sales", "closed");
    QVERIFY2(comesToSay("2 tries failed · circuit still closed · next try in "), qPrintable(said()));
    QVERIFY2(said().contains("ops.velocity: failing for 30 s"), qPrintable(said()));
    QVERIFY2(said().contains("18,240 rows wait · connection refused by ops-db:5432"), qPrintable(said()));
    engine_->break_sink("sales", "open");
    QVERIFY2(comesToSay("7 tries failed · circuit open for 12 s · next try in "), qPrintable(said()));
    engine_->break_sink("sales", "half_open");
    QVERIFY2(comesToSay("circuit half open: it is tried now"), qPrintable(said()));
  }

  void relaxedDurabilityIsSaid() {
    detail_->show("uk", "sales");
    QVERIFY(!said().contains("durability"));
    engine_->set_relaxed_durability("sales");
    QVERIFY2(comesToSay("durability relaxed: synced every 100 ms"), qPrintable(said()));
  }

 private:
  bool comesToSay(const QString& text) {
    return QTest::qWaitFor([&] {
      detail_->refresh();
      return said().contains(text);
    }, patience);
  }
  QString said() const {
    QStringList texts;
    for (const auto* label : detail_->findChildren<QLabel*>())
      if (!label->isHidden()) texts << label->text();
    return texts.join('|');
  }

  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Fleet> fleet_;
  QTemporaryDir folder_;
  std::unique_ptr<Preferences> preferences_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<PipelineDetail> detail_;
};

QTEST_MAIN(PipelineDetailTest)
#include "pipeline_detail_test.moc"
