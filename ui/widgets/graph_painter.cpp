#include "widgets/graph_painter.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>

#include "widgets/theme.h"

namespace penstock::ui {

namespace {

constexpr std::size_t antialiasedUpTo = 2'000;

QFont labelFont() {
  QFont font = textFont();
  font.setPixelSize(11);
  return font;
}

bool wrong(StateShape shape) { return shape == StateShape::Warning || shape == StateShape::Failing; }

// Edges that are drawn with one pen.
struct PenBatch {
  QPen pen;
  QPainterPath curves;
  QList<QLineF> lines;
};

}  // namespace

void GraphPainter::paint(QPainter& painter, const QRectF& area) const {
  paintEdges(painter, area);
  if (look_.scale >= numbersFrom) paintLabels(painter, area);
  for (const int node : scene_.nodesIn(area.adjusted(-8, -8, 8, 8)))
    if (isShown(node)) paintNode(painter, node);
}

void GraphPainter::paintEdges(QPainter& painter, const QRectF& area) const {
  const std::vector<int> pieces = scene_.piecesIn(area);
  const bool fine = pieces.size() <= antialiasedUpTo;
  const double hairline = 1 / look_.scale;
  // Quiet, of the selected node, warning, failing; each in three widths.
  std::array<PenBatch, 12> batches;
  const std::array<QColor, 4> colors{theme_.edge, theme_.text, theme_.warning, theme_.failing};
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const double width = look_.scale < titlesFrom ? 1 : 1 + 1.2 * static_cast<double>(i % 3);
    batches[i].pen = QPen(colors[i / 3], std::max(hairline, width), i / 3 == 3 ? Qt::DashLine : Qt::SolidLine, Qt::FlatCap);
  }
  for (const int index : pieces) {
    const GraphScene::Piece& piece = scene_.piece(index);
    const GraphEdge& edge = scene_.edge(piece.edge);
    if (!isShown(edge.from) || !isShown(edge.to)) continue;
    const bool ofSelected = look_.selected >= 0 && (edge.from == look_.selected || edge.to == look_.selected);
    const bool known = !look_.stale;
    const std::size_t kind = known && edge.shape == StateShape::Failing ? 3 : known && edge.shape == StateShape::Warning ? 2 : ofSelected ? 1 : 0;
    const auto thickness = static_cast<std::size_t>(std::clamp(edge.weight * 2.99, 0.0, 2.0));
    PenBatch& batch = batches[kind * 3 + thickness];
    if (!fine) {
      batch.lines << QLineF(piece.from, piece.to);
      continue;
    }
    const double reach = (piece.to.x() - piece.from.x()) / 2;
    batch.curves.moveTo(piece.from);
    if (std::abs(piece.from.y() - piece.to.y()) < 0.5) batch.curves.lineTo(piece.to);
    else batch.curves.cubicTo(piece.from + QPointF(reach, 0), piece.to - QPointF(reach, 0), piece.to);
  }
  painter.setRenderHint(QPainter::Antialiasing, fine);
  painter.setBrush(Qt::NoBrush);
  for (const PenBatch& batch : batches) {
    painter.setPen(batch.pen);
    if (!batch.curves.isEmpty()) painter.drawPath(batch.curves);
    if (!batch.lines.isEmpty()) painter.drawLines(batch.lines);
  }
}

void GraphPainter::paintLabels(QPainter& painter, const QRectF& area) const {
  if (look_.labels.empty()) return;
  std::vector<int> edges;
  for (const int index : scene_.piecesIn(area.adjusted(-60, -40, 60, 40))) edges.push_back(scene_.piece(index).edge);
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  painter.setFont(labelFont());
  for (const int index : edges) {
    const GraphEdge& edge = scene_.edge(index);
    const QRectF& place = look_.labels[static_cast<std::size_t>(index)];
    if (edge.label.isEmpty() || !place.intersects(area)) continue;
    QRectF text = place;
    const double width = painter.fontMetrics().horizontalAdvance(edge.label) + 6;
    text.setLeft(place.center().x() - width / 2);
    text.setWidth(width);
    painter.fillRect(text, theme_.background);
    painter.setPen(look_.stale ? theme_.faint : wrong(edge.shape) ? shapeColor(theme_, edge.shape) : theme_.dim);
    painter.drawText(text, Qt::AlignCenter, edge.label);
  }
}

void GraphPainter::paintNode(QPainter& painter, int index) const {
  const GraphNode& node = scene_.node(index);
  const QRectF box = scene_.nodeRect(index).adjusted(0.5, 0.5, -0.5, -0.5);
  const StateShape shape = shapeOf(node);
  const bool selected = index == look_.selected;
  const QColor edge = wrong(shape) ? shapeColor(theme_, shape) : selected ? theme_.accent : index == look_.hovered ? theme_.edge : theme_.line;
  if (look_.scale < titlesFrom) {
    painter.fillRect(box, selected ? theme_.accent : wrong(shape) ? shapeColor(theme_, shape) : theme_.edge);
    return;
  }
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(edge, selected ? 2 : 1));
  painter.setBrush(selected ? theme_.selected : theme_.panel);
  painter.drawRoundedRect(box, 8, 8);
  const bool marked = !look_.marked.empty() && look_.marked[static_cast<std::size_t>(index)];
  if (marked || (selected && look_.focused)) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme_.accent, metrics::focusRing, marked && !selected ? Qt::DotLine : Qt::SolidLine));
    painter.drawRoundedRect(box.adjusted(-4, -4, 4, 4), 10, 10);
  }
  paintTexts(painter, index, box, shape);
}

void GraphPainter::paintTexts(QPainter& painter, int index, const QRectF& box, StateShape shape) const {
  const GraphNode& node = scene_.node(index);
  const bool full = look_.scale >= numbersFrom;
  const bool selected = index == look_.selected;
  const QColor dim = selected ? theme_.dim : look_.stale ? theme_.faint : theme_.dim;
  const auto write = [&](const QRectF& place, Qt::Alignment alignment, const QString& text, const QColor& color) {
    painter.setPen(color);
    const QString shown = QFontMetricsF(painter.font()).elidedText(text, Qt::ElideRight, place.width());
    painter.drawText(place, static_cast<int>(alignment | Qt::AlignVCenter), shown);
  };
  const double titleTop = full ? box.top() + 8 : box.center().y() - 10;
  paintShape(painter, QRectF(box.left() + 12, titleTop, 14, 20), shape, look_.stale ? dim : shapeColor(theme_, shape), 11);
  painter.setFont(textFont());
  write(QRectF(box.left() + 32, titleTop, box.width() - 40, 20), Qt::AlignLeft, node.label, theme_.text);
  if (!full) return;
  painter.setFont(labelFont());
  const double valueWidth = QFontMetricsF(painter.font()).horizontalAdvance(node.value);
  write(QRectF(box.left() + 12, box.top() + 27, box.width() - 32 - valueWidth, 16), Qt::AlignLeft, node.technology, dim);
  write(QRectF(box.right() - 12 - valueWidth - 2, box.top() + 27, valueWidth + 2, 16), Qt::AlignRight, node.value, look_.stale ? dim : theme_.text);
  write(QRectF(box.left() + 12, box.top() + 42, box.width() - 20, 16), Qt::AlignLeft, node.reason, look_.stale ? dim : wrong(shape) ? shapeColor(theme_, shape) : dim);
  if (!look_.columns) return;
  painter.setFont(monoFont());
  double y = box.top() + GraphScene::nodeHeight;
  for (int i = 0; i < static_cast<int>(node.columns.size()); ++i, y += GraphScene::columnLine) {
    const bool last = i == GraphScene::mostColumns - 1 && node.columns.size() > GraphScene::mostColumns;
    const QString text = last ? QString("… %1 more").arg(node.columns.size() - i) : node.columns[i];
    write(QRectF(box.left() + 12, y, box.width() - 20, GraphScene::columnLine), Qt::AlignLeft, text, dim);
    if (last) break;
  }
}

}  // namespace penstock::ui
