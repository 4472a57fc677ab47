#include <QTest>

#include <QApplication>
#include <QPainter>

#include "widgets/button.h"
#include "widgets/digits.h"
#include "widgets/state_shape.h"
#include "widgets/style.h"
#include "widgets/theme.h"

using namespace penstock::ui;

namespace {

struct Pair {
  const char* name;
  QColor front;
  QColor back;
};

// Every pair that is painted as text.
QList<Pair> textPairs(const Theme& t) {
  QList<Pair> pairs;
  const QList<QPair<const char*, QColor>> backs{
      {"background", t.background}, {"panel", t.panel}, {"raised", t.raised}, {"selected", t.selected}};
  for (const auto& [name, back] : backs) {
    pairs << Pair{name, t.text, back} << Pair{name, t.dim, back} << Pair{name, t.warning, back}
          << Pair{name, t.failing, back} << Pair{name, t.accent, back};
    if (back != t.selected) pairs << Pair{name, t.faint, back} << Pair{name, t.success, back};
  }
  for (const double tint : {0.0, 0.07, 0.14}) {
    pairs << Pair{"on accent", t.onAccent, t.tinted(t.accent, tint)}
          << Pair{"on failing", t.onAccent, t.tinted(t.failing, tint)}
          << Pair{"button", t.text, t.tinted(t.raised, tint)}
          << Pair{"checked button", t.text, t.tinted(t.selected, tint)};
  }
  pairs << Pair{"hovered row", t.text, t.tinted(t.panel, 0.04)} << Pair{"hovered row, dim", t.dim, t.tinted(t.panel, 0.04)};
  return pairs;
}

// Every pair that is an outline or a mark: states, sparklines, focus rings, the bar of the selected row.
QList<Pair> markPairs(const Theme& t) {
  QList<Pair> pairs;
  for (const QColor& back : {t.background, t.panel, t.raised, t.selected})
    pairs << Pair{"accent", t.accent, back} << Pair{"dim", t.dim, back} << Pair{"warning", t.warning, back}
          << Pair{"failing", t.failing, back};
  for (const QColor& back : {t.background, t.panel, t.raised}) pairs << Pair{"edge", t.edge, back};
  pairs << Pair{"ring on accent", t.onAccent, t.accent} << Pair{"ring on failing", t.onAccent, t.failing};
  return pairs;
}

}  // namespace

class ThemeTest : public QObject {
  Q_OBJECT

 private slots:
  void everyPairThatIsUsedIsLegible_data() {
    QTest::addColumn<bool>("dark");
    QTest::newRow("dark") << true;
    QTest::newRow("light") << false;
  }

  void everyPairThatIsUsedIsLegible() {
    QFETCH(bool, dark);
    const Theme& theme = dark ? Theme::darkTheme() : Theme::lightTheme();
    for (const Pair& pair : textPairs(theme))
      QVERIFY2(contrastRatio(pair.front, pair.back) >= 4.5,
               qPrintable(QString("%1: %2 on %3 is %4").arg(pair.name, pair.front.name(), pair.back.name())
                              .arg(contrastRatio(pair.front, pair.back))));
    for (const Pair& pair : markPairs(theme))
      QVERIFY2(contrastRatio(pair.front, pair.back) >= 3.0,
               qPrintable(QString("%1: %2 on %3 is %4").arg(pair.name, pair.front.name(), pair.back.name())
                              .arg(contrastRatio(pair.front, pair.back))));
  }

  void contrastIsThatOfWcag() {
    QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
    QCOMPARE(contrastRatio(Qt::white, Qt::white), 1.0);
    QVERIFY(qAbs(contrastRatio(QColor("#767676"), Qt::white) - 4.54) < 0.01);
  }

  void theThemeOfAWidgetIsThatOfTheApplication() {
    applyTheme(*qApp, Theme::darkTheme());
    QWidget widget;
    widget.show();
    QVERIFY(Theme::of(&widget).dark);
    QCOMPARE(widget.palette().color(QPalette::Window), QColor("#15181d"));
    applyTheme(*qApp, Theme::lightTheme());
    QVERIFY(!Theme::of(&widget).dark);
    QCOMPARE(widget.palette().color(QPalette::Window), QColor("#f5f6f8"));
  }

  void aPrimaryButtonIsFilledWithTheAccentAndASecondaryIsNot() {
    applyTheme(*qApp, Theme::darkTheme());
    Button primary("Run", Button::Kind::Primary);
    Button secondary("Cancel");
    primary.resize(80, metrics::buttonHeight);
    secondary.resize(80, metrics::buttonHeight);
    QCOMPARE(primary.grab().toImage().pixelColor(8, 5), Theme::darkTheme().accent);
    QCOMPARE(secondary.grab().toImage().pixelColor(8, 5), Theme::darkTheme().raised);
    QCOMPARE(secondary.sizeHint().height(), metrics::buttonHeight);
  }

  void everyShapeLooksDifferentInGreyscale() {
    QList<QImage> drawn;
    for (const StateShape shape : {StateShape::Unknown, StateShape::Ok, StateShape::Warning, StateShape::Failing,
                                   StateShape::Idle, StateShape::Running}) {
      QImage image(16, 16, QImage::Format_Grayscale8);
      image.fill(Qt::white);
      QPainter painter(&image);
      paintShape(painter, QRectF(0, 0, 16, 16), shape, Qt::black);
      painter.end();
      for (const QImage& other : drawn) QVERIFY(image != other);
      drawn << image;
    }
  }

  void digitsTakeEqualRoomWhateverTheyAre() {
    QFontMetricsF metrics(textFont());
    QCOMPARE(digitsWidth(metrics, "1,111"), digitsWidth(metrics, "8,888"));
  }
};

QTEST_MAIN(ThemeTest)
#include "theme_test.moc"
