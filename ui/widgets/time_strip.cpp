#include "widgets/time_strip.h"

#include <QDateTime>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "widgets/plot.h"
#include "widgets/style.h"

namespace penstock::ui {

TimeStrip::TimeStrip(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setFixedHeight(84);
  setAccessibleName(tr("Time"));
  setPosition(std::nullopt);
}

void TimeStrip::setHint(const QString& hint) {
  hint_ = hint;
  update();
}

void TimeStrip::setSeries(const TimeSeries& series, qint64 from, qint64 to) {
  series_ = series;
  from_ = from;
  to_ = std::max(to, from + 1);
  update();
}

void TimeStrip::setLocalTime(bool local) {
  localTime_ = local;
  update();
}

void TimeStrip::setPosition(std::optional<qint64> position) {
  position_ = position;
  setAccessibleDescription(position ? QDateTime::fromMSecsSinceEpoch(*position / 1000, localTime_ ? Qt::LocalTime : Qt::UTC).toString(QStringLiteral("HH:mm:ss")) : tr("Live"));
  update();
}

QRectF TimeStrip::plot() const { return QRectF(16, 34, std::max(1, width() - 32), 34); }

void TimeStrip::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(this);
  QPainter painter(this);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(QRect(0, 0, width(), 1), theme.line);
  const QRectF box = plot();

  painter.setFont(strongFont());
  painter.setPen(position_ ? theme.warning : theme.text);
  const QString where = position_ ? tr("You see %1").arg(accessibleDescription()) : tr("Live");
  painter.drawText(QRectF(box.left(), 8, box.width(), 20), Qt::AlignLeft | Qt::AlignVCenter, where);
  const double after = painter.fontMetrics().horizontalAdvance(where) + 12;
  painter.setFont(smallFont());
  painter.setPen(theme.dim);
  painter.drawText(QRectF(box.left() + after, 8, box.width(), 20), Qt::AlignLeft | Qt::AlignVCenter, hint_);
  painter.drawText(QRectF(box.left(), 8, box.width(), 20), Qt::AlignRight | Qt::AlignVCenter, rangeInWords(from_, to_, localTime_));

  const QList<PlotColumn> columns = reducedToColumns(series_, from_, to_, bars);
  double high = 0;
  for (const PlotColumn& column : columns)
    if (column.filled) high = std::max(high, column.high);
  const double pitch = box.width() / bars;
  for (int i = 0; i < bars; ++i) {
    const PlotColumn& column = columns[i];
    const QRectF place(box.left() + i * pitch, box.top(), std::max(1.0, pitch - 2), box.height());
    if (!column.filled) {
      paintHatch(painter, QRectF(place.left(), box.bottom() - 8, pitch + 0.5, 8), theme.edge);
      continue;
    }
    const double share = high > 0 ? column.high / high : 0;
    painter.fillRect(place.adjusted(0, box.height() * (1 - std::max(0.04, share)), 0, 0), theme.edge);
  }
  const double x = position_ ? box.left() + box.width() * static_cast<double>(*position_ - from_) / static_cast<double>(to_ - from_) : box.right();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme.accent);
  painter.drawRect(QRectF(std::round(x) - 1, box.top() - 4, 2, box.height() + 6));
  painter.drawPolygon(QPolygonF({{x, box.bottom() + 1}, {x + 5, box.bottom() + 9}, {x - 5, box.bottom() + 9}}));
  if (hasFocus()) paintFocusRing(painter, rect(), theme.accent, 3);
}

void TimeStrip::choose(std::optional<qint64> position) {
  if (position && *position >= to_ - step() / 2) position.reset();
  if (position) position = std::max(*position, from_);
  if (position == position_) return;
  setPosition(position);
  emit positionChosen(position);
}

void TimeStrip::chooseAt(double x) {
  const QRectF box = plot();
  choose(from_ + static_cast<qint64>(std::clamp((x - box.left()) / box.width(), 0.0, 1.0) * static_cast<double>(to_ - from_)));
}

void TimeStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) chooseAt(event->position().x());
}

void TimeStrip::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) chooseAt(event->position().x());
}

void TimeStrip::keyPressEvent(QKeyEvent* event) {
  const qint64 now = position_.value_or(to_);
  switch (event->key()) {
    case Qt::Key_Left: return choose(now - step());
    case Qt::Key_Right: return choose(now + step());
    case Qt::Key_Home: return choose(from_);
    case Qt::Key_End: return choose(std::nullopt);
    default: QWidget::keyPressEvent(event);
  }
}

}  // namespace penstock::ui
