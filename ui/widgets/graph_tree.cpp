#include "widgets/graph_tree.h"

#include <QHeaderView>
#include <QIcon>
#include <QPainter>

#include "widgets/theme.h"

namespace penstock::ui {

namespace {

constexpr int nodeRole = Qt::UserRole;
constexpr int idRole = Qt::UserRole + 1;

QIcon shapeIcon(const Theme& theme, StateShape shape, double ratio) {
  QPixmap pixmap(QSizeF(16 * ratio, 16 * ratio).toSize());
  pixmap.setDevicePixelRatio(ratio);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  paintShape(painter, QRectF(0, 0, 16, 16), shape, shapeColor(theme, shape), 11);
  return QIcon(pixmap);
}

}  // namespace

GraphTree::GraphTree(QWidget* parent) : QTreeWidget(parent) {
  setColumnCount(3);
  setHeaderLabels({tr("Node"), tr("Rate"), tr("Why")});
  header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  setUniformRowHeights(true);
  setFrameShape(NoFrame);
  setAccessibleName(tr("Lineage as a tree"));
  connect(this, &QTreeWidget::itemExpanded, this, &GraphTree::open);
  connect(this, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
    if (item) emit nodeSelected(item->data(0, idRole).toString());
  });
}

void GraphTree::setGraph(const Graph& graph) {
  const QString before = currentItem() ? currentItem()->data(0, idRole).toString() : QString();
  const QSignalBlocker quiet(this);
  graph_ = graph;
  feeds_.assign(graph.nodes.size(), {});
  std::vector<bool> fed(graph.nodes.size());
  for (const GraphEdge& edge : graph.edges) {
    feeds_[static_cast<std::size_t>(edge.from)].push_back(edge.to);
    fed[static_cast<std::size_t>(edge.to)] = true;
  }
  clear();
  std::vector<int> roots;
  for (int node = 0; node < static_cast<int>(fed.size()); ++node)
    if (!fed[static_cast<std::size_t>(node)]) roots.push_back(node);
  addChildren(invisibleRootItem(), roots);
  select(before);
}

void GraphTree::addChildren(QTreeWidgetItem* parent, const std::vector<int>& nodes) {
  const Theme& theme = Theme::of(this);
  for (const int index : nodes) {
    const GraphNode& node = graph_.nodes[static_cast<std::size_t>(index)];
    auto* item = new QTreeWidgetItem(parent, {node.label, node.value, node.reason});
    item->setData(0, nodeRole, index);
    item->setData(0, idRole, node.id);
    item->setIcon(0, shapeIcon(theme, node.shape, devicePixelRatioF()));
    item->setData(0, Qt::AccessibleTextRole, QString("%1, %2").arg(node.label, shapeName(node.shape)));
    item->setChildIndicatorPolicy(feeds_[static_cast<std::size_t>(index)].empty() ? QTreeWidgetItem::DontShowIndicator : QTreeWidgetItem::ShowIndicator);
  }
}

void GraphTree::open(QTreeWidgetItem* item) {
  if (item->childCount() == 0) addChildren(item, feeds_[static_cast<std::size_t>(item->data(0, nodeRole).toInt())]);
}

void GraphTree::select(const QString& id) {
  if (id.isEmpty() || (currentItem() && currentItem()->data(0, idRole).toString() == id)) return;
  for (QTreeWidgetItemIterator item(this); *item; ++item)
    if ((*item)->data(0, idRole).toString() == id) return setCurrentItem(*item);
}

}  // namespace penstock::ui
