#include "shell/keyboard.h"

#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTextEdit>
#include <QWidget>

#include "shell/page_list.h"

namespace penstock::ui {
namespace {

constexpr int letterWithinMs = 1'500;

bool takesText(const QWidget* widget) {
  if (!widget) return false;
  if (const auto* edit = qobject_cast<const QPlainTextEdit*>(widget)) return !edit->isReadOnly();
  const auto* combo = qobject_cast<const QComboBox*>(widget);
  return qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QTextEdit*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) || (combo && combo->isEditable());
}

}  // namespace

Keyboard::Keyboard(QWidget* window) : QObject(window), window_(window) { qApp->installEventFilter(this); }

std::vector<Keyboard::Help> Keyboard::help() {
  std::vector<Help> keys{{QStringLiteral("Ctrl K"), tr("Search: every page, object and action")}, {QStringLiteral("/"), tr("Filter this page")}};
  for (const PageEntry& page : pageList()) keys.push_back({QStringLiteral("G %1").arg(QKeySequence(page.letter).toString()), page.title});
  keys.push_back({QStringLiteral("L"), tr("Back to live")});
  keys.push_back({QStringLiteral("Ctrl Shift C"), tr("Copy a link to what you see")});
  keys.push_back({QStringLiteral("↑ ↓  PgUp PgDn"), tr("Move in a table")});
  keys.push_back({QStringLiteral("Ctrl ← →  Ctrl ↑ ↓"), tr("Sort the table by another column, turn its order")});
  keys.push_back({QStringLiteral("Enter"), tr("Open the row; run what the sheet asks")});
  keys.push_back({QStringLiteral("Space"), tr("Choose the row")});
  keys.push_back({QStringLiteral("Tab"), tr("To the next part of the page")});
  keys.push_back({QStringLiteral("Esc"), tr("Close what is open; cancel")});
  keys.push_back({QStringLiteral("?"), tr("These keys")});
  return keys;
}

bool Keyboard::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::KeyPress) return false;
  const auto* widget = qobject_cast<QWidget*>(watched);
  if (!widget || widget->window() != window_) return false;
  // A key goes up from the focused widget to its parents: only its first station counts.
  const QWidget* focused = QApplication::focusWidget();
  if (widget != (focused ? focused : window_)) return false;
  const auto* key = static_cast<QKeyEvent*>(event);
  return take(key->key(), key->modifiers(), key->text());
}

bool Keyboard::take(int key, Qt::KeyboardModifiers modifiers, const QString& text) {
  if (modifiers == Qt::ControlModifier && key == Qt::Key_K) {
    emit paletteRequested();
    return true;
  }
  if (modifiers == (Qt::ControlModifier | Qt::ShiftModifier) && key == Qt::Key_C) {
    emit copyLinkRequested();
    return true;
  }
  if (takesText(QApplication::focusWidget()) || (modifiers & ~(Qt::ShiftModifier | Qt::KeypadModifier))) return false;
  const bool afterG = sinceG_.isValid() && sinceG_.elapsed() < letterWithinMs;
  sinceG_.invalidate();
  if (afterG && modifiers == Qt::NoModifier) {
    for (const PageEntry& page : pageList()) {
      if (page.letter != key) continue;
      emit pageRequested(page.letter);
      return true;
    }
  }
  if (key == Qt::Key_G && modifiers == Qt::NoModifier) {
    sinceG_.start();
    return true;
  }
  if (text == "?") {
    emit helpRequested();
    return true;
  }
  if (text == "/") {
    emit filterRequested();
    return true;
  }
  if (key == Qt::Key_L && modifiers == Qt::NoModifier) {
    emit liveRequested();
    return true;
  }
  return false;
}

}  // namespace penstock::ui
