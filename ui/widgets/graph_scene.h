#pragma once

#include <QHash>
#include <QPointF>
#include <QRectF>

#include <vector>

#include "widgets/graph_types.h"
#include "widgets/layered_layout.h"

namespace penstock::ui {

// Where everything of a laid-out graph is, as flat arrays with a spatial index. Scene coordinates are logical pixels at
// scale 1. Knows nothing of painting. UI thread only.
class GraphScene {
 public:
  // A piece of an edge between two columns.
  struct Piece {
    int edge;
    QPointF from;
    QPointF to;
  };

  static constexpr double nodeWidth = 200;
  static constexpr double nodeHeight = 62;
  static constexpr double columnPitch = 316;
  static constexpr double columnLine = 16;  // height of a column's name, where columns are shown
  static constexpr int mostColumns = 5;

  const Graph& graph() const { return graph_; }
  const LayoutResult& layout() const { return layout_; }
  bool empty() const { return nodes_.empty(); }

  void set(Graph graph, LayoutResult layout, double nodeHeight);
  // Numbers and states only: everything stays where it is.
  GraphNode& node(int index) { return graph_.nodes[static_cast<std::size_t>(index)]; }
  GraphEdge& edge(int index) { return graph_.edges[static_cast<std::size_t>(index)]; }
  const GraphNode& node(int index) const { return graph_.nodes[static_cast<std::size_t>(index)]; }
  const GraphEdge& edge(int index) const { return graph_.edges[static_cast<std::size_t>(index)]; }

  QRectF bounds() const { return bounds_; }
  QRectF nodeRect(int index) const { return nodes_[static_cast<std::size_t>(index)]; }
  // Where the edge's label stands: the middle of its first piece.
  const Piece& labelPiece(int edge) const { return pieces_[static_cast<std::size_t>(firstPiece_[static_cast<std::size_t>(edge)])]; }
  const Piece& piece(int index) const { return pieces_[static_cast<std::size_t>(index)]; }

  // What may be seen in `area`: a superset, each index once.
  std::vector<int> nodesIn(const QRectF& area) const;
  std::vector<int> piecesIn(const QRectF& area) const;
  int nodeAt(const QPointF& point) const;

  const std::vector<int>& edgesFrom(int node) const { return outgoing_[static_cast<std::size_t>(node)]; }
  const std::vector<int>& edgesTo(int node) const { return incoming_[static_cast<std::size_t>(node)]; }
  // The next node in the same column, above (-1) or below (1); -1 at the end.
  int besides(int node, int direction) const;
  int indexOf(const QString& id) const { return places_.value(id, -1); }
  // All nodes from which `node` can be reached, or that it reaches, and itself.
  std::vector<bool> upstreamOf(int node) const { return reach(node, true); }
  std::vector<bool> downstreamOf(int node) const { return reach(node, false); }

 private:
  struct Grid {
    QRectF area;
    int columns = 1;
    int rows = 1;
    std::vector<std::vector<int>> cells;

    void reset(const QRectF& area);
    template <typename Visit>
    void visit(const QRectF& area, Visit visit) const;
    void add(const QRectF& area, int index);
  };

  void addPieces(int edge);
  std::vector<bool> reach(int node, bool upstream) const;
  std::vector<int> found(const Grid& grid, const QRectF& area, std::size_t count) const;

  Graph graph_;
  LayoutResult layout_;
  QRectF bounds_;
  std::vector<QRectF> nodes_;
  std::vector<Piece> pieces_;
  std::vector<int> firstPiece_;
  QHash<QString, int> places_;                  // of nodes, by id
  std::vector<std::vector<int>> outgoing_;
  std::vector<std::vector<int>> incoming_;
  Grid nodeGrid_;
  Grid pieceGrid_;
};

}  // namespace penstock::ui
