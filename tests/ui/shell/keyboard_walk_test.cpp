#include <QTemporaryDir>

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QTableView>

#include "pages/page.h"
#include "shell/page_list.h"
#include "ui/shell/window_under_test.h"
#include "widgets/theme.h"
#include "widgets/time_plot.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;
using penstock::test::WindowUnderTest;

namespace {

constexpr int patience = 30'000;
constexpr int mostStops = 400;

QString nameOf(const QWidget* widget) {
  const auto* button = qobject_cast<const QAbstractButton*>(widget);
  return QString("%1 \"%2\" %3").arg(widget->metaObject()->className(), button && !button->text().isEmpty() ? button->text() : widget->accessibleName(), widget->objectName());
}

// What a pointer can use, except for parts of others.
bool isForTheHand(const QWidget* widget) {
  if (!widget->isVisible() || !widget->isEnabled()) return false;
  if (widget->inherits("QHeaderView") || widget->inherits("QTableCornerButton") || widget->inherits("QLineEditIconButton")) return false;
  if (qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) || qobject_cast<const QComboBox*>(widget->parentWidget())) return false;
  return qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QComboBox*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) ||
         qobject_cast<const QAbstractItemView*>(widget) || qobject_cast<const TimePlot*>(widget);
}

// Of buttons that exclude one another Tab takes one, and arrows go on from it.
bool hasANeighbourIn(const QSet<const QWidget*>& reached, const QWidget* widget) {
  const auto* button = qobject_cast<const QAbstractButton*>(widget);
  if (!button || !button->autoExclusive()) return false;
  for (const auto* neighbour : widget->parentWidget()->findChildren<QAbstractButton*>(Qt::FindDirectChildrenOnly))
    if (neighbour->autoExclusive() && reached.contains(neighbour)) return true;
  return false;
}

}  // namespace

// Each page of the window by Tab alone.
class KeyboardWalkTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { applyTheme(*qApp, Theme::darkTheme()); }

  void everyPartOfAPageIsReachedByTabAndShowsIt_data() {
    QTest::addColumn<QString>("page");
    for (const PageEntry& page : pageList()) QTest::newRow(qPrintable(page.id)) << page.id;
  }
  void everyPartOfAPageIsReachedByTabAndShowsIt() {
    QFETCH(QString, page);
    FakeEngine engine({.moving = false});
    QTemporaryDir folder;
    WindowUnderTest under(folder.filePath("console.ini"));
    under.add("uk", engine);
    QTRY_VERIFY_WITH_TIMEOUT(under.session.pipelines.rowCount() == 14 && under.session.attention.rowCount() > 0, patience);
    under.window.open({"uk", page, page == "quality" ? QString("sales/silver/known_store") : page == "latency" || page == "replay" ? QString("sales") : QString(), {}});
    QTRY_VERIFY_WITH_TIMEOUT(under.window.page(page)->isReady(), patience);
    QApplication::setActiveWindow(&under.window);
    QVERIFY(QTest::qWaitForWindowActive(&under.window));

    QSet<const QWidget*> reached;
    QStringList unseen;
    const QWidget* first = nullptr;
    QPointer<QWidget> before;
    QImage focused;
    for (int stop = 0; stop < mostStops; ++stop) {
      QTest::keyClick(under.window.windowHandle(), Qt::Key_Tab);
      QCoreApplication::processEvents();
      QWidget* now = QApplication::focusWidget();
      if (before && before != now && before->isVisible() && before->grab().toImage() == focused) unseen << nameOf(before);
      QVERIFY2(now, "the focus is nowhere");
      if (now == first) break;
      if (!first) first = now;
      reached.insert(now);
      before = now;
      focused = now->grab().toImage();
    }
    QVERIFY2(QApplication::focusWidget() == first, "Tab does not come round");
    QStringList missed;
    for (const QWidget* widget : under.window.findChildren<QWidget*>())
      if (isForTheHand(widget) && !reached.contains(widget) && !reached.contains(widget->focusProxy()) && !hasANeighbourIn(reached, widget)) missed << nameOf(widget);
    QVERIFY2(missed.isEmpty(), qPrintable("not reached: " + missed.join(", ")));
    QVERIFY2(unseen.isEmpty(), qPrintable("their focus is not seen: " + unseen.join(", ")));
  }

  void arrowsWalkTheRail() {
    FakeEngine engine({.moving = false});
    QTemporaryDir folder;
    WindowUnderTest under(folder.filePath("console.ini"));
    under.add("uk", engine);
    QTRY_COMPARE_WITH_TIMEOUT(under.session.pipelines.rowCount(), 14, patience);
    under.window.open({"uk", "overview", {}, {}});
    QApplication::setActiveWindow(&under.window);
    QVERIFY(QTest::qWaitForWindowActive(&under.window));
    auto* overview = under.window.findChild<QAbstractButton*>("rail/overview");
    auto* lineage = under.window.findChild<QAbstractButton*>("rail/lineage");
    overview->setFocus(Qt::TabFocusReason);
    QVERIFY(overview->hasFocus());
    QTest::keyClick(overview, Qt::Key_Down);
    if (lineage->hasFocus()) QTest::keyClick(lineage, Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(under.window.currentPage(), QString("lineage"), patience);
  }
};

QTEST_MAIN(KeyboardWalkTest)
#include "keyboard_walk_test.moc"
