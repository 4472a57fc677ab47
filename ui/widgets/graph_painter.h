#pragma once

#include <vector>

#include "widgets/graph_scene.h"

class QPainter;

namespace penstock::ui {

struct Theme;

// What of a scene is painted, and how.
struct GraphLook {
  double scale = 1;
  int selected = -1;
  int hovered = -1;
  bool focused = false;           // the view has the keyboard
  bool stale = false;             // the engine is silent: numbers are old, states unknown
  bool columns = false;           // names of columns in the boxes
  std::vector<bool> shown;        // per node; empty: all
  std::vector<bool> marked;       // per node: found by the search; empty: none
  std::vector<QRectF> labels;     // per edge: where its label stands (graph_labels.h); empty: not known yet
};

// Three levels of detail: below `titlesFrom` boxes and lines, below `numbersFrom` titles, above it numbers and reasons.
class GraphPainter {
 public:
  static constexpr double titlesFrom = 0.3;
  static constexpr double numbersFrom = 0.62;

  GraphPainter(const GraphScene& scene, const Theme& theme, const GraphLook& look) : scene_(scene), theme_(theme), look_(look) {}

  // `painter` is in scene coordinates; `area` is what of them is repainted.
  void paint(QPainter& painter, const QRectF& area) const;

 private:
  bool isShown(int node) const { return look_.shown.empty() || look_.shown[static_cast<std::size_t>(node)]; }
  void paintEdges(QPainter& painter, const QRectF& area) const;
  void paintLabels(QPainter& painter, const QRectF& area) const;
  void paintNode(QPainter& painter, int index) const;
  void paintTexts(QPainter& painter, int index, const QRectF& box, StateShape shape) const;
  StateShape shapeOf(const GraphNode& node) const { return look_.stale ? StateShape::Unknown : node.shape; }

  const GraphScene& scene_;
  const Theme& theme_;
  const GraphLook& look_;
};

}  // namespace penstock::ui
