#pragma once

#include <QHash>
#include <QPair>
#include <QTreeWidget>

#include "widgets/graph_types.h"

namespace penstock::ui {

// The graph as a tree, for screen readers and for those who rather read: sources at the top, below each node what it
// feeds. A node with several sources stands below each. Branches are made when they are opened, so that neither size nor
// cycles matter.
class GraphTree final : public QTreeWidget {
  Q_OBJECT

 public:
  explicit GraphTree(QWidget* parent = nullptr);

  void setGraph(const Graph& graph);
  // New numbers of what is there; unknown ids are ignored.
  void updateNode(const QString& id, const QString& value, StateShape shape, const QString& reason);
  void updateEdge(const QString& from, const QString& to, const QString& label);
  void select(const QString& id);

 signals:
  void nodeSelected(const QString& id);

 private:
  // `edge`: by which it is reached; -1: none.
  void addItem(QTreeWidgetItem* parent, int node, int edge);
  void showNode(QTreeWidgetItem* item, const GraphNode& node);
  void showNumbers(QTreeWidgetItem* item, const GraphNode& node);
  void open(QTreeWidgetItem* item);

  Graph graph_;
  std::vector<std::vector<int>> feeds_;         // numbers of edges
  QHash<QString, int> places_;                  // of nodes, by id
  QMultiHash<QString, QTreeWidgetItem*> items_; // that are made, by the node's id
  QHash<QPair<QString, QString>, int> edges_;   // by the ids of both ends
};

}  // namespace penstock::ui
