#include "widgets/time_chart.h"

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

}  // namespace

TimeChart::TimeChart(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setRange(0, 900'000'000);
}

void TimeChart::setTitle(const QString& title) {
  title_ = title;
  setAccessibleName(title);
  update();
}

void TimeChart::setValueText(ValueText text) {
  text_ = std::move(text);
  update();
}

void TimeChart::setObjective(double objective) {
  objective_ = objective;
  fitValues();
}

void TimeChart::setRange(qint64 from, qint64 to) {
  if (to <= from) return;
  area_.from = from;
  area_.to = to;
  setAccessibleDescription(rangeInWords(from, to, localTime_));
  fitValues();
}

void TimeChart::setSeries(const QList<TimeSeries>& series) {
  series_ = series;
  fitValues();
}

void TimeChart::setLocalTime(bool local) {
  localTime_ = local;
  update();
}

void TimeChart::setMessage(const QString& message) {
  message_ = message;
  setAccessibleDescription(message);
  update();
}

void TimeChart::setCursorTime(std::optional<qint64> time) {
  if (time == cursor_) return;
  cursor_ = time;
  update();
}

void TimeChart::fitValues() {
  double high = 0;
  for (const TimeSeries& series : series_)
    for (qsizetype i = 0; i < series.at.size(); ++i)
      if (series.at[i] >= area_.from && series.at[i] <= area_.to && !std::isnan(series.value[i])) high = std::max(high, series.value[i]);
  // The objective is worth its room only where the values come near it.
  if (objective_ > 0 && high > objective_ / 4) high = std::max(high, objective_ * 1.1);
  area_.low = 0;
  area_.high = valueTicks(high).last();
  update();
}

void TimeChart::resizeEvent(QResizeEvent*) {
  area_.box = QRectF(axisWidth, headHeight, std::max(1, width() - axisWidth - 12), std::max(1, height() - headHeight - axisHeight));
}

void TimeChart::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.panel);
  paintHead(painter);
  paintAxes(painter, area_, theme, text_, localTime_);
  if (!message_.isEmpty()) {
    painter.setFont(textFont());
    painter.setPen(theme.dim);
    painter.drawText(area_.box, Qt::AlignCenter | Qt::TextWordWrap, message_);
  } else if (!series_.isEmpty()) {
    paintHoles(painter, area_, theme, holesOf(series_.front(), area_.from, area_.to));
    // The main one last, over the others.
    for (auto series = series_.rbegin(); series != series_.rend(); ++series) paintSeries(painter, area_, theme, *series, objective_);
    paintObjective(painter, area_, theme, objective_, tr("objective %1").arg(text_ ? text_(objective_) : QString::number(objective_)));
  }
  paintBrush(painter);
  if (hasFocus()) paintFocusRing(painter, rect(), theme.accent, 3);
}

void TimeChart::paintHead(QPainter& painter) const {
  const Theme& theme = Theme::of(this);
  painter.setFont(strongFont());
  painter.setPen(theme.text);
  painter.drawText(QRectF(12, 6, width() - 24, 18), Qt::AlignLeft | Qt::AlignVCenter, title_);
  painter.setFont(smallFont());
  painter.setPen(theme.dim);
  painter.drawText(QRectF(12, 6, width() - 24, 18), Qt::AlignRight | Qt::AlignVCenter, rangeInWords(area_.from, area_.to, localTime_));

  // The legend tells values too: those under the cursor, else the newest.
  double x = 12;
  const qint64 time = cursor_.value_or(area_.to);
  for (const TimeSeries& series : series_) {
    double value = valueAt(series, time);
    if (!cursor_ && std::isnan(value) && !series.value.isEmpty() && series.at.last() <= area_.to) value = series.value.last();
    const QString shown = std::isnan(value) ? QStringLiteral("–") : text_ ? text_(value) : QString::number(value);
    painter.setPen(series.voice == TimeSeries::Voice::Main ? theme.text : series.voice == TimeSeries::Voice::Earlier ? theme.accent : theme.dim);
    const QString legend = series.label + ' ' + shown;
    painter.drawText(QPointF(x, 38), legend);
    x += QFontMetricsF(painter.font()).horizontalAdvance(legend) + 16;
  }
}

void TimeChart::paintBrush(QPainter& painter) const {
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

void TimeChart::moveCursor(std::optional<qint64> time) {
  if (time) time = std::clamp(*time, area_.from, area_.to);
  if (time == cursor_) return;
  setCursorTime(time);
  emit cursorMoved(time);
}

void TimeChart::chooseBrushed() {
  if (brushFrom_ && cursor_ && std::abs(area_.x(*cursor_) - area_.x(*brushFrom_)) >= 4)
    emit rangeChosen(std::min(*brushFrom_, *cursor_), std::max(*brushFrom_, *cursor_));
  brushFrom_.reset();
  update();
}

void TimeChart::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  moveCursor(area_.timeAt(event->position().x()));
  brushFrom_ = cursor_;
}

void TimeChart::mouseMoveEvent(QMouseEvent* event) {
  moveCursor(area_.timeAt(event->position().x()));
  update();
}

void TimeChart::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  moveCursor(area_.timeAt(event->position().x()));
  chooseBrushed();
}

void TimeChart::mouseDoubleClickEvent(QMouseEvent*) { emit rangeReset(); }

void TimeChart::leaveEvent(QEvent*) {
  if (!brushFrom_) moveCursor(std::nullopt);
}

void TimeChart::keyPressEvent(QKeyEvent* event) {
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
