#include <QTest>

#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>

#include "widgets/label.h"
#include "widgets/log_canvas.h"
#include "widgets/log_view.h"
#include "widgets/theme.h"

using namespace penstock::ui;

namespace {

QList<LogLine> lines(int from, int count) {
  QList<LogLine> result;
  for (int i = from; i < from + count; ++i)
    result << LogLine{i * 1'000'000ll, i % 10 == 0 ? LogLevel::Error : LogLevel::Info, "loyalty-2", QString("epoch %1 closed").arg(i)};
  return result;
}

QPushButton* button(const QWidget& view, const QString& text) {
  for (auto* candidate : view.findChildren<QPushButton*>())
    if (candidate->text() == text) return candidate;
  return nullptr;
}

}  // namespace

class LogViewTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }

  void itFollowsUntilTheOperatorScrollsUp() {
    LogView view;
    view.resize(800, 300);
    view.show();
    view.append(lines(0, 100));
    QScrollBar* bar = view.canvas()->verticalScrollBar();
    QCOMPARE(bar->value(), bar->maximum());
    bar->setValue(10);
    QVERIFY(!view.canvas()->follows());
    QVERIFY(!button(view, "Follow")->isChecked());
    view.append(lines(100, 50));
    QCOMPARE(bar->value(), 10);
    QTest::mouseClick(button(view, "Follow"), Qt::LeftButton);
    QCOMPARE(bar->value(), bar->maximum());
  }

  void aLevelAndASearchFilterTheLines() {
    LogView view;
    view.append(lines(0, 100));
    view.findChild<QComboBox*>()->setCurrentIndex(3);
    QCOMPARE(view.canvas()->lines().visible(), 10);
    view.findChild<QComboBox*>()->setCurrentIndex(0);
    QTest::keyClicks(view.findChild<QLineEdit*>(), "epoch 4");
    QCOMPARE(view.canvas()->lines().visible(), 100);
    QTest::mouseClick(button(view, "Only matches"), Qt::LeftButton);
    QCOMPARE(view.canvas()->lines().visible(), 11);
    QCOMPARE(view.canvas()->lines().at(1).text, "epoch 40 closed");
  }

  void enterGoesToTheNextMatchAndWrapsAround() {
    LogLines log;
    log.append(lines(0, 30));
    QCOMPARE(log.find("epoch 2", 0, true), 2);
    QCOMPARE(log.find("epoch 2", 2, true), 20);
    QCOMPARE(log.find("epoch 2", 29, true), 2);
    QCOMPARE(log.find("epoch 2", 2, false), 29);
    QCOMPARE(log.find("nothing like it", 0, true), -1);
  }

  void onlyTheNewestLinesAreKept() {
    LogLines log(1000);
    QCOMPARE(log.append(lines(0, 900)), 0);
    QCOMPARE(log.append(lines(900, 300)), 200);
    QCOMPARE(log.total(), 1000);
    QCOMPARE(log.at(0).text, "epoch 200 closed");
  }

  void selectedLinesAreCopiedAsText() {
    LogView view;
    view.resize(800, 300);
    view.show();
    view.append(lines(1, 3));
    LogCanvas* canvas = view.canvas();
    QTest::keyClick(canvas, Qt::Key_Home);
    QTest::keyClick(canvas, Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(canvas, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(),
             "00:00:01.000  loyalty-2  epoch 1 closed\n00:00:02.000  loyalty-2  epoch 2 closed");
  }
};

QTEST_MAIN(LogViewTest)
#include "log_view_test.moc"
