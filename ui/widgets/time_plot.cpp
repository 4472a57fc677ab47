#include "widgets/time_plot.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "widgets/style.h"

namespace penstock::ui {

namespace {

constexpr int headHeight = 54;
constexpr int axisWidth = 72;
constexpr int axisHeight = 24;
constexpr int side = 12;

}  // namespace

TimePlot::TimePlot(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  area_.to = 900'000'000;
}

void TimePlot::setTitle(const QString& title) {
  title_ = title;
  setAccessibleName(title);
  update();
}

void TimePlot::setRange(qint64 from, qint64 to) {
  if (to <= from) return;
  area_.from = from;
  area_.to = to;
  setAccessibleDescription(rangeInWords(from, to, localTime_));
  rangeChanged();
}

void TimePlot::setLocalTime(bool local) {
  localTime_ = local;
  update();
}

void TimePlot::setMessage(const QString& message) {
  message_ = message;
  setAccessibleDescription(message.isEmpty() ? rangeInWords(area_.from, area_.to, localTime_) : message);
  update();
}

void TimePlot::setCursorTime(std::optional<qint64> time) {
  if (time == cursor_) return;
  cursor_ = time;
  update();
}

void TimePlot::setValues(double low, double high) {
  area_.low = low;
  area_.high = high;
  update();
}

void TimePlot::resizeEvent(QResizeEvent*) {
  area_.box = QRectF(axisWidth, headHeight, std::max(1, width() - axisWidth - side), std::max(1, height() - headHeight - axisHeight));
}

void TimePlot::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.panel);
  paintHead(painter);
  paintTimes(painter, area_, theme, localTime_);
  if (message_.isEmpty()) {
    paintData(painter);
  } else {
    painter.setFont(textFont());
    painter.setPen(theme.dim);
    painter.drawText(area_.box, Qt::AlignCenter | Qt::TextWordWrap, message_);
  }
  paintBrush(painter);
  if (hasFocus()) paintFocusRing(painter, rect(), theme.accent, 3);
}

void TimePlot::paintHead(QPainter& painter) const {
  const Theme& theme = Theme::of(this);
  QString range = rangeInWords(area_.from, area_.to, localTime_);
  painter.setFont(smallFont());
  const auto roomBeside = [&] { return width() - 2 * side - QFontMetrics(painter.font()).horizontalAdvance(range) - side; };
  // The times stand below the plot too: a title that needs the room has it.
  if (roomBeside() < QFontMetrics(strongFont()).horizontalAdvance(title_)) range = spanInWords(area_.to - area_.from);
  const int room = roomBeside();
  painter.setPen(theme.dim);
  painter.drawText(QRectF(side, 6, width() - 2 * side, 18), Qt::AlignRight | Qt::AlignVCenter, range);
  painter.setFont(strongFont());
  painter.setPen(theme.text);
  painter.drawText(QRectF(side, 6, room, 18), Qt::AlignLeft | Qt::AlignVCenter, QFontMetrics(painter.font()).elidedText(title_, Qt::ElideMiddle, room));
  painter.setFont(smallFont());
  painter.setPen(theme.dim);
  paintLegend(painter);
}

void TimePlot::paintBrush(QPainter& painter) const {
  if (!cursor_ || *cursor_ < area_.from || *cursor_ > area_.to) return;
  const Theme& theme = Theme::of(this);
  const double x = std::round(area_.x(*cursor_)) + 0.5;
  if (brushFrom_) {
    const double start = area_.x(*brushFrom_);
    QColor veil = theme.accent;
    veil.setAlpha(48);
    painter.fillRect(QRectF(std::min(start, x), area_.box.top(), std::abs(x - start), area_.box.height()), veil);
  }
  painter.setPen(theme.accent);
  painter.drawLine(QPointF(x, area_.box.top()), QPointF(x, area_.box.bottom()));
}

void TimePlot::moveCursor(std::optional<qint64> time) {
  if (time) time = std::clamp(*time, area_.from, area_.to);
  if (time == cursor_) return;
  setCursorTime(time);
  emit cursorMoved(time);
}

void TimePlot::chooseBrushed() {
  if (brushFrom_ && cursor_ && std::abs(area_.x(*cursor_) - area_.x(*brushFrom_)) >= 4)
    emit rangeChosen(std::min(*brushFrom_, *cursor_), std::max(*brushFrom_, *cursor_));
  brushFrom_.reset();
  update();
}

void TimePlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  moveCursor(area_.timeAt(event->position().x()));
  brushFrom_ = cursor_;
}

void TimePlot::mouseMoveEvent(QMouseEvent* event) {
  moveCursor(area_.timeAt(event->position().x()));
  update();
}

void TimePlot::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  moveCursor(area_.timeAt(event->position().x()));
  chooseBrushed();
}

void TimePlot::mouseDoubleClickEvent(QMouseEvent*) { emit rangeReset(); }

void TimePlot::leaveEvent(QEvent*) {
  if (!brushFrom_) moveCursor(std::nullopt);
}

void TimePlot::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
      const qint64 step = std::max<qint64>(1, (area_.to - area_.from) / 100);
      const qint64 now = cursor_.value_or(area_.to);
      if (!(event->modifiers() & Qt::ShiftModifier)) brushFrom_.reset();
      else if (!brushFrom_) brushFrom_ = now;
      moveCursor(now + (event->key() == Qt::Key_Left ? -step : step));
      return;
    }
    case Qt::Key_Return:
    case Qt::Key_Enter: return chooseBrushed();
    case Qt::Key_Escape:
      brushFrom_.reset();
      emit rangeReset();
      return;
    default: QWidget::keyPressEvent(event);
  }
}

}  // namespace penstock::ui
