#include <QTest>

#include <QPushButton>
#include <QSignalSpy>

#include "widgets/attention_card.h"
#include "widgets/status_band.h"
#include "widgets/theme.h"

using namespace penstock::ui;

namespace {

AttentionText stuck(const QString& age) {
  return {"stuck/loyalty", StateShape::Failing, "loyalty-2 is stuck", age, "Holds back 3 tables",
          "No epoch closed since 14:27:55", {{"reset", "Reset and replay the gap"}, {"logs", "Logs"}}};
}

}  // namespace

class AttentionCardTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }

  void aButtonTellsWhichActionOfWhichThing() {
    AttentionCard card;
    card.setText(stuck("4 m 12 s"));
    QSignalSpy pressed(&card, &AttentionCard::actionPressed);
    const auto buttons = card.findChildren<QPushButton*>();
    QCOMPARE(buttons.size(), 2);
    QTest::mouseClick(buttons[1], Qt::LeftButton);
    QCOMPARE(pressed.size(), 1);
    QCOMPARE(pressed[0][0].toString(), "stuck/loyalty");
    QCOMPARE(pressed[0][1].toString(), "logs");
  }

  void aNewAgeKeepsTheButtonsAndSoTheFocus() {
    AttentionCard card;
    card.setText(stuck("4 m 12 s"));
    const auto before = card.findChildren<QPushButton*>();
    card.setText(stuck("4 m 13 s"));
    QCOMPARE(card.findChildren<QPushButton*>(), before);
  }

  void enterOnTheCardOpensIt() {
    AttentionCard card;
    card.setText(stuck("4 m 12 s"));
    QSignalSpy opened(&card, &AttentionCard::opened);
    QTest::keyClick(&card, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toString(), "stuck/loyalty");
  }

  void aScreenReaderHearsStateSubjectAndImpact() {
    AttentionCard card;
    card.setText(stuck("4 m 12 s"));
    QCOMPARE(card.accessibleName(), "Failing: loyalty-2 is stuck");
    QCOMPARE(card.accessibleDescription(), "Holds back 3 tables. No epoch closed since 14:27:55. 4 m 12 s");
  }

  void theBandShowsTheFirstWorkAndCountsTheOthers() {
    StatusBand band;
    band.setWork({{"r1", "Replay sales 13:50–14:05", 0.62, "41,200 rows/s · 1 m 10 s left"}, {"r2", "Backfill", -1, {}}});
    QSignalSpy pressed(&band, &StatusBand::workPressed);
    const auto buttons = band.findChildren<QPushButton*>();
    QCOMPARE(buttons[1]->text(), "Replay sales 13:50–14:05 · 62 % · 41,200 rows/s · 1 m 10 s left · and 1 more");
    QTest::mouseClick(buttons[1], Qt::LeftButton);
    QCOMPARE(pressed[0][0].toString(), "r1");
    band.setWork({});
    QVERIFY(buttons[1]->isHidden());
  }
};

QTEST_MAIN(AttentionCardTest)
#include "attention_card_test.moc"
