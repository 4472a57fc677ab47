#include "pages/pipeline_detail.h"
#include "support/page_test.h"
#include "widgets/table_view.h"

#include <QLineEdit>

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

  void aSavepointIsMadeUnderTheNameThatIsTyped() {
    showSavepointsOf("sales");
    QTRY_COMPARE_WITH_TIMEOUT(savepoints()->overlayTitle(), QString("No savepoint of sales yet"), patience);
    QVERIFY(!button("Restore…")->isEnabled() && !button("Remove…")->isEnabled());
    QTest::mouseClick(button("Make a savepoint"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(button("Run") && button("Run")->isEnabled(), patience);
    QVERIFY(shows("It stands still while that lasts"));
    QVERIFY(!QApplication::activeModalWidget());
    QCOMPARE(commands(), QStringList());
    auto* name = page_->findChild<QLineEdit*>("savepointName");
    QVERIFY2(name->text().startsWith("sales-20"), qPrintable(name->text()));
    name->setFocus();
    name->selectAll();
    QTest::keyClicks(name, "before the move");
    QTRY_VERIFY_WITH_TIMEOUT(shows("A name has letters, digits, - and _"), patience);
    QVERIFY(!button("Run")->isEnabled());
    name->selectAll();
    QTest::keyClicks(name, "before-the-move");
    QTRY_VERIFY_WITH_TIMEOUT(button("Run") && button("Run")->isEnabled(), patience);
    QVERIFY(name->hasFocus());
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(savepoints()->model()->rowCount(), 1, patience);
    QCOMPARE(commands(), QStringList{"make savepoint before-the-move sales"});
    QCOMPARE(savepoints()->model()->index(0, 0).data().toString(), QString("before-the-move"));
    QCOMPARE(savepoints()->model()->index(0, 4).data().toString(), QString("182,400"));
    // The same name again is refused before it is sent.
    QTRY_VERIFY_WITH_TIMEOUT(button("Make a savepoint")->isEnabled(), patience);
    QTest::mouseClick(button("Make a savepoint"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(button("Run") && button("Run")->isEnabled(), patience);
    name = page_->findChild<QLineEdit*>("savepointName");
    name->selectAll();
    QTest::keyClicks(name, "before-the-move");
    QTRY_VERIFY_WITH_TIMEOUT(shows("before-the-move is there already"), patience);
    QVERIFY(!button("Run")->isEnabled());
  }

  void restoringAndRemovingBeginOnCancel() {
    makeSavepoint("sales", "good");
    for (const auto& [press, warning] : {std::pair("Restore…", "The state that it has now cannot be brought back from here"), std::pair("Remove…", "The copy cannot be brought back")}) {
      QTest::mouseClick(button(press), Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(shows(warning), patience);
      QVERIFY(button("Cancel")->hasFocus());
      QTest::keyClick(button("Cancel"), Qt::Key_Return);
      QTRY_VERIFY_WITH_TIMEOUT(!shows(warning), patience);
    }
    QCOMPARE(commands(), QStringList{"make savepoint good sales"});
    savepoints()->setFocus();
    QTest::keyClick(savepoints(), Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(shows("Tables keep what they hold"), patience);
    QVERIFY(shows("when 182,400 rows had been taken"));
    QTest::mouseClick(button("Run"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("savepoint good of sales: done"), patience);
    QCOMPARE(commands().last(), QString("restore savepoint good sales"));
    QTRY_VERIFY_WITH_TIMEOUT(savepoints()->model()->rowCount() == 1 && button("Remove…")->isEnabled(), patience);
    savepoints()->setFocus();
    QTest::keyClick(savepoints(), Qt::Key_Delete);
    QTRY_VERIFY_WITH_TIMEOUT(shows("The copy cannot be brought back"), patience);
    QTest::mouseClick(button("Run"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(savepoints()->model()->rowCount(), 0, patience);
    QCOMPARE(commands().last(), QString("remove savepoint good sales"));
    // Esc closes them.
    QTest::keyClick(savepoints(), Qt::Key_Escape);
    QVERIFY(!savepoints()->isVisible());
  }

  void savepointsThatCannotBeReadSayWhyAndOfferToTryAgain() {
    engine_->fail_next("ListSavepoints", "unavailable", "the disk is on its way", {});
    showSavepointsOf("sales");
    QTRY_COMPARE_WITH_TIMEOUT(savepoints()->overlayTitle(), QString("They could not be read"), patience);
    QTest::mouseClick(button("Try again"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(savepoints()->overlayTitle(), QString("No savepoint of sales yet"), patience);
  }

  void aSinkThatKeepsNoMarkMayGetRowsAgainByARestore() {
    makeSavepoint("fraud_features", "good");
    QTest::mouseClick(button("Restore…"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(shows("scoring may get rows again"), patience);
  }

 private:
  TableView* savepoints() const { return page_->findChild<TableView*>("savepoints"); }
  void showSavepointsOf(const QString& pipeline) {
    page_->show("uk", pipeline);
    QTest::mouseClick(button("Savepoints"), Qt::LeftButton);
    QVERIFY(savepoints()->isVisible());
  }
  void makeSavepoint(const QString& pipeline, const QString& name) {
    showSavepointsOf(pipeline);
    QTest::mouseClick(button("Make a savepoint"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(button("Run") && button("Run")->isEnabled(), patience);
    auto* field = page_->findChild<QLineEdit*>("savepointName");
    field->selectAll();
    QTest::keyClicks(field, name);
    QTRY_VERIFY_WITH_TIMEOUT(button("Run") && button("Run")->isEnabled(), patience);
    QTest::mouseClick(button("Run"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(savepoints()->model()->rowCount(), 1, patience);
    QTRY_VERIFY_WITH_TIMEOUT(button("Restore…")->isEnabled() && button("Remove…")->isEnabled(), patience);
  }
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
