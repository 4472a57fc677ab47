#pragma once

#include <QString>
#include <QStringList>

#include <vector>

#include "widgets/state_shape.h"

namespace penstock::ui {

// A box of the graph.
struct GraphNode {
  QString id;           // stable
  QString label;        // "silver.sales"
  QString technology;   // "Kafka", "window 1 m"
  QString value;        // "12.1k/s"
  QString reason;       // why it is not healthy; one line
  StateShape shape = StateShape::Unknown;
  int group = -1;       // column group; -1: that of its predecessors
  QStringList columns;  // shown on demand
};

// A wire, by indices of nodes.
struct GraphEdge {
  int from = 0;
  int to = 0;
  QString label;        // "12.5k/s · 1 / 4 ms"
  StateShape shape = StateShape::Ok;  // Failing is dashed: nothing gets through
  double weight = 0;    // 0 … 1: how thick, against the busiest
};

struct Graph {
  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;
  QStringList groups;   // titles: "Sources", "Bronze", …
};

}  // namespace penstock::ui
