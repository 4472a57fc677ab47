#include "widgets/log_canvas.h"

#include <QClipboard>
#include <QDateTime>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

#include "widgets/state_shape.h"
#include "widgets/style.h"

namespace penstock::ui {

namespace {

constexpr int lineHeight = metrics::lineHeight;
constexpr int timeChars = 13;
constexpr int sourceChars = 14;
constexpr int markWidth = 22;

}  // namespace

LogCanvas::LogCanvas(QWidget* parent) : QAbstractScrollArea(parent) {
  setFrameShape(NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Log"));
  verticalScrollBar()->setSingleStep(3);
  connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &LogCanvas::onScrolled);
}

void LogCanvas::append(const QList<LogLine>& lines) {
  const qsizetype dropped = lines_.append(lines);
  for (const LogLine& line : lines) widest_ = std::max<int>(widest_, static_cast<int>(line.text.size()));
  if (anchor_ >= 0) anchor_ = std::max<qsizetype>(0, anchor_ - dropped);
  if (current_ >= 0) current_ = std::max<qsizetype>(0, current_ - dropped);
  const int before = verticalScrollBar()->value();
  fitScrollBars();
  // What is read stays where it is.
  if (!follows_ && dropped > 0) verticalScrollBar()->setValue(std::max(0, before - static_cast<int>(dropped)));
  viewport()->update();
  emit changed();
}

void LogCanvas::clear() {
  lines_.clear();
  anchor_ = current_ = -1;
  widest_ = 0;
  fitScrollBars();
  viewport()->update();
  emit changed();
}

void LogCanvas::setFilter(LogLevel level, const QString& text) {
  lines_.setFilter(level, text);
  anchor_ = current_ = -1;
  fitScrollBars();
  viewport()->update();
  emit changed();
}

void LogCanvas::setMarked(const QString& text) {
  marked_ = text;
  viewport()->update();
}

bool LogCanvas::findNext(bool forward) {
  const qsizetype start = current_ >= 0 ? current_ : forward ? verticalScrollBar()->value() - 1 : verticalScrollBar()->value();
  const qsizetype found = lines_.find(marked_, start, forward);
  if (found < 0) return false;
  setFollows(false);
  select(found, false);
  return true;
}

void LogCanvas::setFollows(bool follows) {
  if (follows == follows_) return;
  follows_ = follows;
  if (follows) fitScrollBars();
  emit followsChanged(follows);
}

void LogCanvas::setLocalTime(bool local) {
  localTime_ = local;
  viewport()->update();
}

void LogCanvas::fitScrollBars() {
  scrollingItself_ = true;
  const int page = viewport()->height() / lineHeight;
  verticalScrollBar()->setPageStep(page);
  verticalScrollBar()->setRange(0, std::max(0, static_cast<int>(lines_.visible()) - page));
  const int charWidth = QFontMetrics(monoFont()).horizontalAdvance('0');
  const int wanted = markWidth + (timeChars + sourceChars + widest_ + 2) * charWidth;
  horizontalScrollBar()->setPageStep(viewport()->width());
  horizontalScrollBar()->setRange(0, std::max(0, wanted - viewport()->width()));
  if (follows_) verticalScrollBar()->setValue(verticalScrollBar()->maximum());
  scrollingItself_ = false;
}

void LogCanvas::onScrolled(int value) {
  viewport()->update();
  if (!scrollingItself_) setFollows(value >= verticalScrollBar()->maximum());
}

void LogCanvas::resizeEvent(QResizeEvent*) { fitScrollBars(); }

qsizetype LogCanvas::lineAt(int y) const {
  const qsizetype line = verticalScrollBar()->value() + y / lineHeight;
  return std::clamp<qsizetype>(line, -1, lines_.visible() - 1);
}

QString LogCanvas::timeOf(const LogLine& line) const {
  const QDateTime time = QDateTime::fromMSecsSinceEpoch(line.at / 1000, localTime_ ? Qt::LocalTime : Qt::UTC);
  return time.toString(QStringLiteral("HH:mm:ss.zzz"));
}

void LogCanvas::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), theme.panel);
  painter.setFont(monoFont());
  const QFontMetrics font(monoFont());
  const int charWidth = font.horizontalAdvance('0');
  const int left = markWidth - horizontalScrollBar()->value();
  const qsizetype first = verticalScrollBar()->value();
  const qsizetype last = std::min(lines_.visible(), first + viewport()->height() / lineHeight + 2);
  const auto [from, to] = std::minmax(anchor_, current_);
  for (qsizetype i = first; i < last; ++i) {
    const LogLine& line = lines_.at(i);
    const int y = static_cast<int>(i - first) * lineHeight;
    const bool selected = current_ >= 0 && i >= from && i <= to;
    if (selected) painter.fillRect(0, y, viewport()->width(), lineHeight, theme.selected);
    if (line.level >= LogLevel::Warning) {
      const StateShape shape = line.level == LogLevel::Error ? StateShape::Failing : StateShape::Warning;
      paintShape(painter, QRectF(left - markWidth, y, markWidth, lineHeight), shape, shapeColor(theme, shape), 9);
    }
    const auto write = [&](int x, const QString& text, const QColor& color) {
      painter.setPen(color);
      painter.drawText(QRect(x, y, 1 << 16, lineHeight), Qt::AlignVCenter | Qt::TextSingleLine, text);
    };
    write(left, timeOf(line), theme.dim);
    write(left + timeChars * charWidth, line.source.left(sourceChars - 1), theme.dim);
    const int textLeft = left + (timeChars + sourceChars) * charWidth;
    if (!marked_.isEmpty())
      for (qsizetype at = line.text.indexOf(marked_, 0, Qt::CaseInsensitive); at >= 0;
           at = line.text.indexOf(marked_, at + marked_.size(), Qt::CaseInsensitive)) {
        const int start = textLeft + font.horizontalAdvance(line.text.left(at));
        painter.setPen(theme.accent);
        painter.drawRect(start - 1, y + 2, font.horizontalAdvance(line.text.mid(at, marked_.size())) + 1, lineHeight - 5);
      }
    const QColor tone = line.level == LogLevel::Error ? theme.failing : line.level == LogLevel::Warning ? theme.warning
                        : line.level == LogLevel::Debug ? theme.dim : theme.text;
    write(textLeft, line.text, tone);
  }
  if (hasFocus()) paintFocusRing(painter, viewport()->rect(), theme.accent, 2);
}

void LogCanvas::select(qsizetype line, bool extend) {
  if (lines_.visible() == 0) return;
  current_ = std::clamp<qsizetype>(line, 0, lines_.visible() - 1);
  if (!extend || anchor_ < 0) anchor_ = current_;
  const qsizetype page = std::max(1, viewport()->height() / lineHeight);
  const qsizetype top = verticalScrollBar()->value();
  if (current_ < top) verticalScrollBar()->setValue(static_cast<int>(current_));
  else if (current_ >= top + page) verticalScrollBar()->setValue(static_cast<int>(current_ - page + 1));
  viewport()->update();
}

void LogCanvas::copy() const {
  if (current_ < 0) return;
  const auto [from, to] = std::minmax(anchor_, current_);
  QStringList texts;
  for (qsizetype i = from; i <= to; ++i)
    texts << QString("%1  %2  %3").arg(timeOf(lines_.at(i)), lines_.at(i).source, lines_.at(i).text);
  QGuiApplication::clipboard()->setText(texts.join('\n'));
}

void LogCanvas::keyPressEvent(QKeyEvent* event) {
  const bool extend = event->modifiers() & Qt::ShiftModifier;
  const qsizetype page = std::max(1, viewport()->height() / lineHeight - 1);
  const qsizetype now = current_ >= 0 ? current_ : lines_.visible() - 1;
  if (event->matches(QKeySequence::Copy)) return copy();
  if (event->matches(QKeySequence::SelectAll)) {
    anchor_ = 0;
    current_ = lines_.visible() - 1;
    viewport()->update();
    return;
  }
  switch (event->key()) {
    case Qt::Key_Up: return select(now - 1, extend);
    case Qt::Key_Down: return select(now + 1, extend);
    case Qt::Key_PageUp: return select(now - page, extend);
    case Qt::Key_PageDown: return select(now + page, extend);
    case Qt::Key_Home: return select(0, extend);
    case Qt::Key_End:
      select(lines_.visible() - 1, extend);
      return setFollows(true);
    default: QAbstractScrollArea::keyPressEvent(event);
  }
}

void LogCanvas::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton)
    select(lineAt(static_cast<int>(event->position().y())), event->modifiers() & Qt::ShiftModifier);
}

void LogCanvas::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) select(lineAt(static_cast<int>(event->position().y())), true);
}

}  // namespace penstock::ui
