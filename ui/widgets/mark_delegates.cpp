#include "widgets/mark_delegates.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

#include "widgets/state_shape.h"

namespace penstock::ui {

namespace {

constexpr double widestSparkline = 320;
constexpr double sparklineHeight = 16;
constexpr double objectiveWidth = 90;
constexpr double objectiveTick = 0.62;  // of the width: room for what crosses it
constexpr double progressWidth = 90;
constexpr double historyPitch = 9;
constexpr double historyCell = 7;

QRectF leftCentred(const QRect& box, double width, double height) {
  return {static_cast<double>(box.left()), std::round(box.center().y() - height / 2) + 1, std::min<double>(width, box.width()), height};
}

}  // namespace

void paintSparkline(QPainter& painter, const QRectF& box, const QList<double>& values, const QColor& color) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(low <= high) || values.size() < 2) return;
  // Values far from zero would be a flat line at the top, tiny noise a mountain range: the height stands for at least half of the value.
  const double span = std::max(high - low, std::abs(high) / 2);
  if (low > 0 && low < span) low = 0;
  else low -= (span - (high - low)) / 2;
  const double top = std::max(high, low + span);
  const double scale = top > low ? box.height() / (top - low) : 0;
  const double step = box.width() / (values.size() - 1);

  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color, 1.2, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
  QPolygonF run;
  const auto flush = [&] {
    if (run.size() > 1) painter.drawPolyline(run);
    run.clear();
  };
  for (qsizetype i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) flush();
    else run << QPointF(box.left() + i * step, scale > 0 ? box.bottom() - (values[i] - low) * scale : box.center().y());
  }
  flush();
}

ShapeDelegate::ShapeDelegate(int shapeRole, const CellRoles& roles, QObject* parent)
    : CellDelegate(roles, parent), shapeRole_(shapeRole) {}

void ShapeDelegate::paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const {
  const QVariant value = index.data(shapeRole_);
  if (!value.isValid()) return;
  // A silent engine's last state is not its state.
  const StateShape shape = cell.stale ? StateShape::Unknown : static_cast<StateShape>(value.toInt());
  const QColor color = cell.stale ? cell.color() : shapeColor(cell.theme, shape);
  paintShape(painter, QRectF(cell.box.left(), cell.box.top(), 16, cell.box.height()), shape, color, 11);
}

SparklineDelegate::SparklineDelegate(int seriesRole, const CellRoles& roles, QObject* parent)
    : CellDelegate(roles, parent), seriesRole_(seriesRole) {}

void SparklineDelegate::paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const {
  const auto values = index.data(seriesRole_).value<QList<double>>();
  const QColor color = cell.tone == Tone::Normal ? cell.color(Tone::Dim) : cell.color();
  paintSparkline(painter, leftCentred(cell.box, widestSparkline, sparklineHeight), values, color);
}

ObjectiveDelegate::ObjectiveDelegate(int objectiveRole, const CellRoles& roles, QObject* parent)
    : CellDelegate(roles, parent), objectiveRole_(objectiveRole) {}

void ObjectiveDelegate::paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const {
  bool known = false;
  const double ratio = index.data(objectiveRole_).toDouble(&known);
  if (!known || std::isnan(ratio)) return;
  const QRectF track = leftCentred(cell.box, objectiveWidth, 4);
  const double tick = std::round(track.left() + track.width() * objectiveTick);
  const double unit = tick - track.left();
  const bool crossed = ratio > 1;
  const QColor color = cell.color(std::isinf(ratio) ? Tone::Failing : crossed ? Tone::Warning : Tone::Dim);

  painter.fillRect(track, cell.selected ? cell.theme.tinted(cell.theme.selected, 0.15) : cell.theme.line);
  if (std::isinf(ratio)) {
    painter.fillRect(QRectF(track.left(), track.top(), unit, track.height()), color);
    painter.setPen(color);
    painter.drawRect(QRectF(tick + 0.5, track.top() - 0.5, track.right() - tick - 1, track.height()));
  } else {
    painter.fillRect(QRectF(track.left(), track.top(), std::min(unit * ratio, track.width()), track.height()), color);
  }
  painter.fillRect(QRectF(tick - 1, track.top() - 4, 2, track.height() + 8), cell.stale ? color : cell.theme.text);
}

HistoryDelegate::HistoryDelegate(int historyRole, const CellRoles& roles, QObject* parent)
    : CellDelegate(roles, parent), historyRole_(historyRole) {}

void HistoryDelegate::paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const {
  const auto states = index.data(historyRole_).value<QList<int>>();
  const double bottom = cell.box.center().y() + 6;
  double x = cell.box.left();
  for (const int state : states) {
    switch (state) {
      case 1: painter.fillRect(QRectF(x, bottom - 4, historyCell, 4), cell.color(Tone::Dim)); break;
      case 2: {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(cell.color(Tone::Warning));
        painter.drawPolygon(QPolygonF({{x, bottom}, {x, bottom - 8}, {x + historyCell / 2, bottom - 5},
                                       {x + historyCell, bottom - 8}, {x + historyCell, bottom}}));
        break;
      }
      case 3: painter.fillRect(QRectF(x, bottom - 13, historyCell, 13), cell.color(Tone::Failing)); break;
      default: painter.fillRect(QRectF(x, bottom - 2, historyCell, 1), cell.color(Tone::Faint)); break;
    }
    x += historyPitch;
  }
}

ProgressDelegate::ProgressDelegate(int fractionRole, const CellRoles& roles, QObject* parent)
    : CellDelegate(roles, parent), fractionRole_(fractionRole) {}

void ProgressDelegate::paintContent(QPainter& painter, const Cell& cell, const QModelIndex& index) const {
  bool known = false;
  const double fraction = index.data(fractionRole_).toDouble(&known);
  QRect text = cell.box;
  if (known && !std::isnan(fraction)) {
    const QRectF track = leftCentred(cell.box, progressWidth, 4);
    painter.fillRect(track, cell.selected ? cell.theme.tinted(cell.theme.selected, 0.15) : cell.theme.line);
    painter.fillRect(QRectF(track.topLeft(), QSizeF(track.width() * std::clamp(fraction, 0.0, 1.0), track.height())), cell.stale ? cell.color() : cell.theme.accent);
    text.setLeft(static_cast<int>(track.right()) + 10);
  }
  painter.setPen(cell.color());
  painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, QFontMetrics(painter.font()).elidedText(index.data().toString(), Qt::ElideRight, text.width()));
}

}  // namespace penstock::ui
