#include "shell/page_icon.h"

#include <cmath>
#include <functional>
#include <QHash>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

namespace penstock::ui {
namespace {

using Draw = std::function<void(QPainter&)>;

void lines(QPainter& painter, std::initializer_list<QPointF> points) {
  painter.drawPolyline(QPolygonF(QList<QPointF>(points)));
}

void drawOverview(QPainter& painter) {
  for (const double x : {3.5, 11.5}) {
    for (const double y : {3.5, 11.5}) painter.drawRect(QRectF(x, y, 5, 5));
  }
}

void drawLineage(QPainter& painter) {
  painter.drawRect(QRectF(2.5, 7.5, 5, 5));
  painter.drawRect(QRectF(12.5, 2.5, 5, 5));
  painter.drawRect(QRectF(12.5, 12.5, 5, 5));
  lines(painter, {{7.5, 10}, {10, 10}, {10, 5}, {12.5, 5}});
  lines(painter, {{10, 10}, {10, 15}, {12.5, 15}});
}

void drawLatency(QPainter& painter) {
  lines(painter, {{3, 3}, {3, 17}, {17, 17}});
  lines(painter, {{5, 14}, {9, 9}, {12, 11}, {17, 4}});
}

void drawQuality(QPainter& painter) {
  QPainterPath shield(QPointF(10, 2.5));
  shield.lineTo(16.5, 5);
  shield.lineTo(16.5, 9.5);
  shield.cubicTo(16.5, 13.5, 13.5, 16.3, 10, 17.6);
  shield.cubicTo(6.5, 16.3, 3.5, 13.5, 3.5, 9.5);
  shield.lineTo(3.5, 5);
  shield.closeSubpath();
  painter.drawPath(shield);
}

void drawReplay(QPainter& painter) {
  painter.drawArc(QRectF(4, 4, 12, 12), 130 * 16, -300 * 16);
  lines(painter, {{3, 3.5}, {5.6, 6.2}, {9.2, 5.4}});
}

void drawPods(QPainter& painter) {
  QPolygonF hexagon;
  for (int corner = 0; corner < 6; ++corner) {
    const double angle = (corner + 0.5) * M_PI / 3;
    hexagon << QPointF(10 + 7.4 * std::cos(angle), 10 + 7.4 * std::sin(angle));
  }
  painter.drawPolygon(hexagon);
}

void drawQuery(QPainter& painter) {
  lines(painter, {{4, 5}, {9, 10}, {4, 15}});
  lines(painter, {{10, 16}, {17, 16}});
}

void drawActivity(QPainter& painter) { lines(painter, {{2, 10}, {6, 10}, {8.5, 4}, {12, 16}, {14.5, 10}, {18, 10}}); }

void drawSettings(QPainter& painter) {
  for (const auto& [y, x] : {std::pair(5.0, 12.5), std::pair(10.0, 6.5), std::pair(15.0, 11.5)}) {
    lines(painter, {{3, y}, {x - 2, y}});
    painter.drawEllipse(QPointF(x, y), 2, 2);
    lines(painter, {{x + 2, y}, {17, y}});
  }
}

}  // namespace

QPixmap pageIcon(const QString& page, const QColor& color, double devicePixelRatio) {
  static const QHash<QString, Draw> draws{{"overview", drawOverview}, {"lineage", drawLineage}, {"latency", drawLatency},
                                          {"quality", drawQuality},   {"replay", drawReplay},   {"pods", drawPods},
                                          {"query", drawQuery},       {"activity", drawActivity}, {"settings", drawSettings}};
  QPixmap pixmap(QSize(20, 20) * devicePixelRatio);
  pixmap.setDevicePixelRatio(devicePixelRatio);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  if (const auto draw = draws.constFind(page); draw != draws.constEnd()) (*draw)(painter);
  return pixmap;
}

}  // namespace penstock::ui
