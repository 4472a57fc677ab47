#include "widgets/state_shape.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>
#include <QPolygonF>

#include "widgets/theme.h"

namespace penstock::ui {

namespace {

QPolygonF triangle(const QPointF& centre, double extent) {
  const double half = extent * 0.55;
  return QPolygonF({{centre.x(), centre.y() - half * 0.95}, {centre.x() + half, centre.y() + half * 0.8},
                    {centre.x() - half, centre.y() + half * 0.8}});
}

QPolygonF diamond(const QPointF& centre, double extent) {
  const double half = extent * 0.58;
  return QPolygonF({{centre.x(), centre.y() - half}, {centre.x() + half, centre.y()},
                    {centre.x(), centre.y() + half}, {centre.x() - half, centre.y()}});
}

QPolygonF play(const QPointF& centre, double extent) {
  const double half = extent * 0.48;
  return QPolygonF({{centre.x() - half * 0.75, centre.y() - half}, {centre.x() + half, centre.y()},
                    {centre.x() - half * 0.75, centre.y() + half}});
}

}  // namespace

QColor shapeColor(const Theme& theme, StateShape shape) {
  switch (shape) {
    case StateShape::Warning: return theme.warning;
    case StateShape::Failing: return theme.failing;
    case StateShape::Running: return theme.text;
    case StateShape::Unknown:
    case StateShape::Ok:
    case StateShape::Idle: break;
  }
  return theme.dim;
}

void paintShape(QPainter& painter, const QRectF& box, StateShape shape, const QColor& color, double extent) {
  const QPointF centre = box.center();
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  switch (shape) {
    case StateShape::Ok: painter.drawEllipse(centre, extent * 0.44, extent * 0.44); break;
    case StateShape::Warning: painter.drawPolygon(triangle(centre, extent)); break;
    case StateShape::Failing: painter.drawPolygon(diamond(centre, extent)); break;
    case StateShape::Running: painter.drawPolygon(play(centre, extent)); break;
    case StateShape::Idle:
      painter.setPen(QPen(color, extent * 0.18));
      painter.setBrush(Qt::NoBrush);
      painter.drawEllipse(centre, extent * 0.38, extent * 0.38);
      break;
    case StateShape::Unknown: {
      QFont font = strongFont();
      font.setPixelSize(static_cast<int>(extent * 1.25));
      painter.setFont(font);
      painter.setPen(color);
      painter.drawText(QRectF(centre.x() - extent, centre.y() - extent, 2 * extent, 2 * extent), Qt::AlignCenter, "?");
      break;
    }
  }
  painter.restore();
}

QString shapeName(StateShape shape) {
  const auto translated = [](const char* text) { return QCoreApplication::translate("StateShape", text); };
  switch (shape) {
    case StateShape::Ok: return translated("Healthy");
    case StateShape::Warning: return translated("Warning");
    case StateShape::Failing: return translated("Failing");
    case StateShape::Idle: return translated("Idle");
    case StateShape::Running: return translated("Running");
    case StateShape::Unknown: break;
  }
  return translated("Unknown");
}

}  // namespace penstock::ui
