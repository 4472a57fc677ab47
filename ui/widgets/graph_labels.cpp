#include "widgets/graph_labels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "widgets/graph_scene.h"

namespace penstock::ui {

namespace {

// Labels that stand already, in squares that are as wide as one.
class Taken {
 public:
  bool isFree(const QRectF& place) const {
    bool free = true;
    visit(place, [&](long key) {
      const auto found = squares_.find(key);
      if (found == squares_.end()) return;
      for (const QRectF& other : found->second) free &= !other.intersects(place);
    });
    return free;
  }
  void add(const QRectF& place) {
    visit(place, [&](long key) { squares_[key].push_back(place); });
  }

 private:
  template <typename Visit>
  static void visit(const QRectF& place, Visit visit) {
    const auto square = [](double at) { return static_cast<long>(std::floor(at / edgeLabelWidth)); };
    for (long x = square(place.left()); x <= square(place.right()); ++x)
      for (long y = square(place.top()); y <= square(place.bottom()); ++y) visit(x * 1'000'003 + y);
  }

  std::unordered_map<long, std::vector<QRectF>> squares_;
};

// On the curve from one end to the other, as it is painted.
QPointF along(const GraphScene::Piece& piece, double t) {
  const double reach = (piece.to.x() - piece.from.x()) / 2;
  const QPointF first = piece.from + QPointF(reach, 0);
  const QPointF second = piece.to - QPointF(reach, 0);
  const double u = 1 - t;
  return u * u * u * piece.from + 3 * u * u * t * first + 3 * u * t * t * second + t * t * t * piece.to;
}

QRectF around(const QPointF& middle) { return {middle.x() - edgeLabelWidth / 2, middle.y() - edgeLabelHeight / 2, edgeLabelWidth, edgeLabelHeight}; }

QRectF placeOf(const GraphScene::Piece& piece, const Taken& taken) {
  // Beside a level line above it, on a sloping one in its middle.
  const bool level = std::abs(piece.to.y() - piece.from.y()) < 24;
  const double lift = level ? edgeLabelHeight / 2 + 2 : 0;
  for (const double t : {0.5, 0.42, 0.58, 0.34, 0.66, 0.28, 0.72}) {
    QPointF middle = along(piece, t);
    middle.setX((piece.from.x() + piece.to.x()) / 2);   // between the columns there is room for one only
    if (const QRectF place = around(middle - QPointF(0, lift)); taken.isFree(place)) return place;
  }
  for (const double aside : {1.0, -1.0, 2.0, -2.0}) {
    const QRectF place = around(along(piece, 0.5) + QPointF(0, aside * (edgeLabelHeight + 1) - lift));
    if (taken.isFree(place)) return place;
  }
  return {};
}

}  // namespace

std::vector<QRectF> placeEdgeLabels(const GraphScene& scene, const std::vector<bool>& shown) {
  const auto& edges = scene.graph().edges;
  const auto isShown = [&](int node) { return shown.empty() || shown[static_cast<std::size_t>(node)]; };
  std::vector<int> order(edges.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_partition(order.begin(), order.end(), [&](int edge) {
    const StateShape shape = scene.edge(edge).shape;
    return shape == StateShape::Failing || shape == StateShape::Warning;
  });
  std::vector<QRectF> places(edges.size());
  Taken taken;
  for (const int edge : order) {
    if (!isShown(scene.edge(edge).from) || !isShown(scene.edge(edge).to)) continue;
    QRectF& place = places[static_cast<std::size_t>(edge)];
    place = placeOf(scene.labelPiece(edge), taken);
    if (!place.isEmpty()) taken.add(place);
  }
  return places;
}

}  // namespace penstock::ui
