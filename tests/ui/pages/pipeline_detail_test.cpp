#include "pages/pipeline_detail.h"
#include "support/page_test.h"

using namespace penstock::ui;
using penstock::test::PageTest;

class PipelineDetailTest : public PageTest<PipelineDetail> {
  Q_OBJECT
 private slots:
  void init() {
    begin({.moving = false});
    QTRY_VERIFY_WITH_TIMEOUT(session_->pipelines.rowCount() > 0, patience);
  }
  void cleanup() { end(); }

  void aSinkThatMayDoubleRowsSaysSo() {
    page_->show("uk", "fraud_features");
    QVERIFY2(said().contains("scoring: at least once: a row may arrive twice"), qPrintable(said()));
    page_->show("uk", "sales");
    QVERIFY2(!said().contains("at least once"), qPrintable(said()));
  }

  void aSinkThatIsTriedAgainSaysSinceWhenHowOftenAndWhenNext() {
    page_->show("uk", "sales");
    engine_->break_sink("sales", "closed");
    QVERIFY2(comesToSay("2 tries failed · circuit still closed, 1 try left · next try in "), qPrintable(said()));
    QVERIFY2(said().contains("ops.velocity: failing for 30 s"), qPrintable(said()));
    QVERIFY2(said().contains("18,240 rows wait · connection refused by ops-db:5432"), qPrintable(said()));
    engine_->break_sink("sales", "open");
    QVERIFY2(comesToSay("7 tries failed · circuit open for 12 s · next try in "), qPrintable(said()));
    engine_->break_sink("sales", "half_open");
    QVERIFY2(comesToSay("circuit half open: it is tried now"), qPrintable(said()));
  }

  void relaxedDurabilityIsSaid() {
    page_->show("uk", "sales");
    QVERIFY(!said().contains("durability"));
    engine_->set_relaxed_durability("sales");
    QVERIFY2(comesToSay("durability relaxed: synced every 100 ms"), qPrintable(said()));
  }

 private:
  bool comesToSay(const QString& text) {
    return QTest::qWaitFor([&] {
      page_->refresh();
      return said().contains(text);
    }, patience);
  }
  QString said() const { return shown().join('|'); }
};

QTEST_MAIN(PipelineDetailTest)
#include "pipeline_detail_test.moc"
