#pragma once

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
  void select(const QString& id);

 signals:
  void nodeSelected(const QString& id);

 private:
  void addChildren(QTreeWidgetItem* parent, const std::vector<int>& nodes);
  void open(QTreeWidgetItem* item);

  Graph graph_;
  std::vector<std::vector<int>> feeds_;
};

}  // namespace penstock::ui
