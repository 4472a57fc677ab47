#include "support/operator.h"

#include <QAbstractButton>
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QTableView>
#include <QTest>
#include <QWindow>

namespace penstock::test {
namespace {

constexpr int mostTabs = 300;

// Any of it, where no ancestor cuts it off.
bool onScreen(const QWidget& widget) {
  QRect seen = widget.rect();
  const QWidget* at = &widget;
  for (; !at->isWindow() && at->parentWidget(); at = at->parentWidget()) seen = seen.translated(at->pos()) & at->parentWidget()->rect();
  return widget.isVisible() && !seen.isEmpty();
}

// The offscreen platform says at each click what it cannot do, thousands of times: what a failed test says would drown in it.
void leaveOutWhatThePlatformCannotDo() {
  static QtMessageHandler others = nullptr;
  if (others) return;
  others = qInstallMessageHandler([](QtMsgType type, const QMessageLogContext& context, const QString& text) {
    if (!text.startsWith(QLatin1String("This plugin does not support"))) others(type, context, text);
  });
}

}  // namespace

Operator::Operator(QWidget& window, Hand hand) : window_(window), hand_(hand) { leaveOutWhatThePlatformCannotDo(); }

bool Operator::fails(const QString& what) {
  problem_ = what;
  // What stood there instead says more than any sentence.
  window_.grab().save(QDir::temp().filePath(QStringLiteral("operator-failed-%1.png").arg(QCoreApplication::applicationName())));
  return false;
}

bool Operator::sees(const QString& text, const QWidget* within) const {
  for (const QLabel* label : (within ? within : &window_)->findChildren<QLabel*>())
    if (onScreen(*label) && label->text().startsWith(text)) return true;
  return button(text, within) != nullptr;
}

QString Operator::reads(const QString& beginning) const {
  for (const QLabel* label : window_.findChildren<QLabel*>())
    if (onScreen(*label) && label->text().startsWith(beginning)) return label->text();
  return {};
}

QWidget* Operator::labelled(const QString& name) const {
  for (QWidget* widget : window_.findChildren<QWidget*>())
    if (onScreen(*widget) && widget->accessibleName() == name) return widget;
  return nullptr;
}

bool Operator::waitsFor(const QString& text, int milliseconds) {
  return QTest::qWaitFor([&] { return sees(text); }, milliseconds) || fails("never seen: " + text);
}

QAbstractButton* Operator::button(const QString& text, const QWidget* within) const {
  for (QAbstractButton* button : (within ? within : &window_)->findChildren<QAbstractButton*>())
    if (onScreen(*button) && button->text().startsWith(text)) return button;
  return nullptr;
}

QWidget* Operator::card(const QString& subject) const {
  for (QLabel* label : window_.findChildren<QLabel*>())
    if (onScreen(*label) && label->text().contains(subject) && label->parentWidget()->inherits("penstock::ui::AttentionCard")) return label->parentWidget();
  return nullptr;
}

// Nobody hits what still moves: an answer may just have changed the page.
bool Operator::rests(const QWidget* shown) {
  const QPointer<const QWidget> widget = shown;
  QPoint before = widget->mapTo(&window_, QPoint());
  QElapsedTimer still;
  still.start();
  return QTest::qWaitFor(
      [&] {
        if (!widget) return true;
        const QPoint now = widget->mapTo(&window_, QPoint());
        if (now != std::exchange(before, now)) still.restart();
        return still.elapsed() > 250;
      },
      usualPatience);
}

bool Operator::click(QWidget* target, const QPoint& at) {
  const QPointer<QWidget> stays = target;
  if (!rests(target) || !stays) return fails("what was to be clicked moves, or is gone");
  const QPoint place = target->mapTo(&window_, at);
  QWidget* there = window_.childAt(place);
  if (!there || (there != target && !target->isAncestorOf(there))) return fails("covered: " + target->accessibleName() + " " + target->objectName());
  QTest::mouseMove(window_.windowHandle(), place);
  QTest::mouseClick(window_.windowHandle(), Qt::LeftButton, Qt::NoModifier, place);
  ++clicks_;
  return true;
}

bool Operator::focuses(QWidget* widget) {
  if (widget->hasFocus()) return true;
  if (usesMouse()) return click(widget, widget->rect().center());
  for (int tabs = 0; tabs < mostTabs; ++tabs) {
    key(Qt::Key_Tab);
    if (widget->hasFocus()) return true;
  }
  return fails("not reached by Tab: " + widget->accessibleName() + " " + widget->objectName());
}

bool Operator::presses(const QString& text, const QWidget* within) {
  const QPointer<const QWidget> place = within;
  const bool anywhere = within == nullptr;
  return pressesWhat([&]() -> QAbstractButton* { return anywhere || place ? button(text, place) : nullptr; }, text);
}

bool Operator::pressesOnCard(const QString& subject, const QString& text) {
  return pressesWhat([&]() -> QAbstractButton* {
    const QWidget* on = card(subject);
    return on ? button(text, on) : nullptr;
  }, text);
}

// A button may grey out, or be made anew, under the hand that was already on its way: then it is pressed again, as people do.
bool Operator::pressesWhat(const Finder& find, const QString& text) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    QPointer<QAbstractButton> found;
    if (!QTest::qWaitFor([&] { return (found = find()) && found->isEnabled(); }, usualPatience)) return fails("no button to press: " + text);
    bool heard = false;
    const auto listening = QObject::connect(found, &QAbstractButton::clicked, [&heard] { heard = true; });
    const int clicks = clicks_;
    const bool done = usesMouse() ? click(found, found->rect().center()) : focuses(found);
    if (done && !usesMouse()) key(Qt::Key_Space);
    QObject::disconnect(listening);
    if (heard) return true;
    if (!done && found) return false;
    clicks_ = clicks;
  }
  return fails("it does not hear: " + text);
}

bool Operator::goesTo(const QString& page, char letter) {
  if (usesMouse()) {
    auto* rail = window_.findChild<QWidget*>("rail/" + page);
    return rail && click(rail, rail->rect().center());
  }
  // A letter in a text field is text: the palette opens from everywhere.
  if (qobject_cast<QLineEdit*>(QApplication::focusWidget()) || qobject_cast<QPlainTextEdit*>(QApplication::focusWidget())) {
    key(Qt::Key_K, Qt::ControlModifier);
    types(page + '\n');
    return true;
  }
  types(QStringLiteral("g") + QLatin1Char(letter));
  return true;
}

bool Operator::takesRow(QTableView* table, int row) {
  if (!QTest::qWaitFor([&] { return table->isVisible() && table->model()->rowCount() > row; }, usualPatience)) return fails("no such row in " + table->accessibleName());
  if (usesMouse()) {
    const QModelIndex cell = table->model()->index(row, table->horizontalHeader()->logicalIndex(1));
    return click(table->viewport(), table->visualRect(cell).center());
  }
  if (!focuses(table)) return false;
  key(Qt::Key_Home);
  while (table->currentIndex().row() < row) key(Qt::Key_Down);
  return table->currentIndex().row() == row || fails("row not reached in " + table->accessibleName());
}

bool Operator::checksRow(QTableView* table, int row) {
  if (!usesMouse()) {
    if (!takesRow(table, row)) return false;
    key(Qt::Key_Space);
    return true;
  }
  if (!QTest::qWaitFor([&] { return table->isVisible() && table->model()->rowCount() > row; }, usualPatience)) return fails("no such row in " + table->accessibleName());
  return click(table->viewport(), table->visualRect(table->model()->index(row, 0)).center());
}

void Operator::types(const QString& text) {
  for (const QChar c : text) {
    if (c == '\n') QTest::keyClick(window_.windowHandle(), Qt::Key_Return);
    else QTest::keyClick(window_.windowHandle(), c.toLatin1());
  }
}

void Operator::key(Qt::Key key, Qt::KeyboardModifiers modifiers) { QTest::keyClick(window_.windowHandle(), key, modifiers); }

bool Operator::keepsPicture(const QString& folder, const QString& name) {
  QCoreApplication::sendPostedEvents();
  QCoreApplication::processEvents();
  const QString path = QStringLiteral("%1/%2-%3.png").arg(folder).arg(++pictures_, 2, 10, QLatin1Char('0')).arg(name);
  return (QDir().mkpath(folder) && window_.grab().save(path)) || fails("not written: " + path);
}

}  // namespace penstock::test
