#pragma once

#include <QRectF>

#include <vector>

namespace penstock::ui {

class GraphScene;

// Size of every label of an edge in the scene: wide enough for what it may say, so that live numbers move nothing.
inline constexpr double edgeLabelWidth = 104;
inline constexpr double edgeLabelHeight = 16;

// Where the label of each edge stands, so that none covers another: in the middle of its first piece, else near it. What is
// wrong chooses first. An empty rectangle: there is no room, or the edge is not shown. `shown` is by node; empty: all.
std::vector<QRectF> placeEdgeLabels(const GraphScene& scene, const std::vector<bool>& shown);

}  // namespace penstock::ui
