#include "widgets/graph_scene.h"

#include <algorithm>
#include <cmath>

namespace penstock::ui {

namespace {

constexpr double cell = 400;
constexpr int mostCells = 256;  // per side

}  // namespace

void GraphScene::Grid::reset(const QRectF& whole) {
  area = whole;
  columns = std::clamp(static_cast<int>(area.width() / cell) + 1, 1, mostCells);
  rows = std::clamp(static_cast<int>(area.height() / cell) + 1, 1, mostCells);
  cells.assign(static_cast<std::size_t>(columns * rows), {});
}

template <typename Visit>
void GraphScene::Grid::visit(const QRectF& wanted, Visit visit) const {
  const auto along = [](double from, double extent, double at, int count) {
    return std::clamp(static_cast<int>((at - from) / std::max(1.0, extent) * count), 0, count - 1);
  };
  const int left = along(area.left(), area.width(), wanted.left(), columns);
  const int right = along(area.left(), area.width(), wanted.right(), columns);
  const int top = along(area.top(), area.height(), wanted.top(), rows);
  const int bottom = along(area.top(), area.height(), wanted.bottom(), rows);
  for (int row = top; row <= bottom; ++row)
    for (int column = left; column <= right; ++column) visit(static_cast<std::size_t>(row * columns + column));
}

void GraphScene::Grid::add(const QRectF& of, int index) {
  visit(of, [&](std::size_t at) { cells[at].push_back(index); });
}

void GraphScene::set(Graph graph, LayoutResult layout, double height) {
  graph_ = std::move(graph);
  layout_ = std::move(layout);
  nodes_.clear();
  places_.clear();
  pieces_.clear();
  firstPiece_.clear();
  outgoing_.assign(graph_.nodes.size(), {});
  incoming_.assign(graph_.nodes.size(), {});
  bounds_ = {};
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    nodes_.emplace_back(layout_.x[i] - nodeWidth / 2, layout_.y[i] - height / 2, nodeWidth, height);
    places_.insert(graph_.nodes[i].id, static_cast<int>(i));
    bounds_ = bounds_.united(nodes_.back());
  }
  for (int edge = 0; edge < static_cast<int>(graph_.edges.size()); ++edge) addPieces(edge);

  nodeGrid_.reset(bounds_);
  pieceGrid_.reset(bounds_);
  for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) nodeGrid_.add(nodes_[static_cast<std::size_t>(i)], i);
  for (int i = 0; i < static_cast<int>(pieces_.size()); ++i) {
    const Piece& piece = pieces_[static_cast<std::size_t>(i)];
    pieceGrid_.add(QRectF(piece.from, piece.to).normalized(), i);
  }
}

void GraphScene::addPieces(int index) {
  const GraphEdge& edge = graph_.edges[static_cast<std::size_t>(index)];
  const auto from = static_cast<std::size_t>(edge.from);
  const auto to = static_cast<std::size_t>(edge.to);
  firstPiece_.push_back(static_cast<int>(pieces_.size()));
  outgoing_[from].push_back(index);
  incoming_[to].push_back(index);
  // Backwards an edge leaves at the left and comes in at the right.
  const double direction = layout_.column[to] >= layout_.column[from] ? 1 : -1;
  const double half = direction * nodeWidth / 2;
  QPointF at(layout_.x[from] + half, layout_.y[from]);
  double column = layout_.x[from];
  for (const float y : layout_.bends[static_cast<std::size_t>(index)]) {
    column += direction * columnPitch;
    // Through the column straight, as a node would stand there.
    pieces_.push_back({index, at, QPointF(column - half, y)});
    pieces_.push_back({index, QPointF(column - half, y), QPointF(column + half, y)});
    at = QPointF(column + half, y);
    bounds_ = bounds_.united(QRectF(column - 1, y - 1, 2, 2));
  }
  pieces_.push_back({index, at, QPointF(layout_.x[to] - half, layout_.y[to])});
}

std::vector<int> GraphScene::found(const Grid& grid, const QRectF& area, std::size_t count) const {
  std::vector<int> result;
  std::vector<bool> seen(count);
  grid.visit(area, [&](std::size_t at) {
    for (const int index : grid.cells[at]) {
      if (seen[static_cast<std::size_t>(index)]) continue;
      seen[static_cast<std::size_t>(index)] = true;
      result.push_back(index);
    }
  });
  return result;
}

std::vector<int> GraphScene::nodesIn(const QRectF& area) const {
  if (empty()) return {};
  std::vector<int> result = found(nodeGrid_, area, nodes_.size());
  std::erase_if(result, [&](int index) { return !nodeRect(index).intersects(area); });
  return result;
}

std::vector<int> GraphScene::piecesIn(const QRectF& area) const {
  return empty() ? std::vector<int>{} : found(pieceGrid_, area, pieces_.size());
}

int GraphScene::nodeAt(const QPointF& point) const {
  for (const int index : nodesIn(QRectF(point, QSizeF(1, 1))))
    if (nodeRect(index).contains(point)) return index;
  return -1;
}

int GraphScene::besides(int node, int direction) const {
  int best = -1;
  for (int other = 0; other < static_cast<int>(nodes_.size()); ++other) {
    if (layout_.column[static_cast<std::size_t>(other)] != layout_.column[static_cast<std::size_t>(node)]) continue;
    const double distance = (nodeRect(other).top() - nodeRect(node).top()) * direction;
    if (distance <= 0) continue;
    if (best < 0 || distance < (nodeRect(best).top() - nodeRect(node).top()) * direction) best = other;
  }
  return best;
}

std::vector<bool> GraphScene::reach(int start, bool upstream) const {
  std::vector<bool> reached(nodes_.size());
  std::vector<int> open{start};
  while (!open.empty()) {
    const int node = open.back();
    open.pop_back();
    if (reached[static_cast<std::size_t>(node)]) continue;
    reached[static_cast<std::size_t>(node)] = true;
    for (const int edge : upstream ? edgesTo(node) : edgesFrom(node)) open.push_back(upstream ? this->edge(edge).from : this->edge(edge).to);
  }
  return reached;
}

}  // namespace penstock::ui
