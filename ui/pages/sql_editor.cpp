#include "pages/sql_editor.h"

#include <algorithm>
#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QScrollBar>
#include <QStandardItemModel>

#include "pages/sql_highlighter.h"
#include "widgets/theme.h"

namespace penstock::ui {
namespace {

constexpr int lettersBeforeOffer = 2;

bool isNamePart(QChar letter) { return letter.isLetterOrNumber() || letter == '_' || letter == '.'; }

}  // namespace

SqlEditor::SqlEditor(QWidget* parent) : QPlainTextEdit(parent) {
  setFont(monoFont());
  setAccessibleName(tr("SQL"));
  setTabChangesFocus(true);
  setFrameShape(QFrame::NoFrame);       // the splitter's line below is its border
  setPlaceholderText(tr("SELECT …"));
  names_ = new QStandardItemModel(this);
  completer_ = new QCompleter(names_, this);
  completer_->setWidget(this);
  completer_->setCaseSensitivity(Qt::CaseInsensitive);
  completer_->setFilterMode(Qt::MatchContains);
  completer_->setCompletionMode(QCompleter::PopupCompletion);
  connect(completer_, qOverload<const QString&>(&QCompleter::activated), this, &SqlEditor::complete);
  auto* highlighter = new SqlHighlighter(document());
  highlighter->setColours(Theme::of(this).dim, Theme::of(this).accent);
}

void SqlEditor::setNames(const QList<std::pair<QString, QString>>& names) {
  names_->clear();
  // The example is one that runs.
  const auto table = std::find_if(names.begin(), names.end(), [](const auto& name) { return name.second == "table"; });
  setPlaceholderText(table == names.end() ? tr("SELECT …") : tr("SELECT * FROM %1 LIMIT 100").arg(table->first));
  for (const auto& [name, kind] : names) {
    auto* item = new QStandardItem(name);
    item->setToolTip(kind);
    names_->appendRow(item);
  }
}

QString SqlEditor::sql() const {
  const QString selected = textCursor().selectedText().replace(QChar::ParagraphSeparator, '\n').trimmed();
  return selected.isEmpty() ? toPlainText().trimmed() : selected;
}

QString SqlEditor::wordBeforeCursor() const {
  const QString before = toPlainText().left(textCursor().position());
  qsizetype start = before.size();
  while (start > 0 && isNamePart(before[start - 1])) --start;
  return before.mid(start);
}

void SqlEditor::keyPressEvent(QKeyEvent* event) {
  const bool offering = completer_->popup()->isVisible();
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (enter && event->modifiers() == Qt::ControlModifier) {
    emit runRequested();
    return;
  }
  if (offering && (enter || event->key() == Qt::Key_Tab || event->key() == Qt::Key_Escape)) {
    event->ignore();            // the completer's own
    return;
  }
  if (event->key() == Qt::Key_Escape) {
    emit cancelRequested();
    return;
  }
  const bool asked = event->key() == Qt::Key_Space && event->modifiers() == Qt::ControlModifier;
  if (!asked) QPlainTextEdit::keyPressEvent(event);
  const bool typed = !event->text().isEmpty() && isNamePart(event->text().at(0));
  if (asked || typed || (offering && event->key() == Qt::Key_Backspace)) offer(asked);
  else if (offering && !event->text().isEmpty()) completer_->popup()->hide();
}

void SqlEditor::offer(bool asked) {
  const QString word = wordBeforeCursor();
  if (!asked && word.size() < lettersBeforeOffer) {
    completer_->popup()->hide();
    return;
  }
  completer_->setCompletionPrefix(word);
  const bool onlyItself = completer_->completionCount() == 1 && completer_->currentCompletion() == word;
  if (completer_->completionCount() == 0 || onlyItself) {
    completer_->popup()->hide();
    return;
  }
  completer_->popup()->setCurrentIndex(completer_->completionModel()->index(0, 0));
  QRect place = cursorRect();
  place.setWidth(completer_->popup()->sizeHintForColumn(0) + completer_->popup()->verticalScrollBar()->sizeHint().width() + 16);
  completer_->complete(place);
}

void SqlEditor::complete(const QString& name) {
  QTextCursor cursor = textCursor();
  cursor.movePosition(QTextCursor::Left, QTextCursor::KeepAnchor, static_cast<int>(wordBeforeCursor().size()));
  cursor.insertText(name);
  setTextCursor(cursor);
}

void SqlEditor::changeEvent(QEvent* event) {
  QPlainTextEdit::changeEvent(event);
  if (event->type() != QEvent::StyleChange && event->type() != QEvent::PaletteChange) return;
  for (QObject* child : document()->children()) {
    if (auto* highlighter = dynamic_cast<SqlHighlighter*>(child)) highlighter->setColours(Theme::of(this).dim, Theme::of(this).accent);
  }
}

}  // namespace penstock::ui
