#include "widgets/graph_tree.h"

#include <QHeaderView>
#include <QIcon>
#include <QPainter>

#include "widgets/theme.h"

namespace penstock::ui {

namespace {

enum Column { NodeColumn, RateColumn, EdgeColumn, WhyColumn };

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
  setColumnCount(4);
  setHeaderLabels({tr("Node"), tr("Rate"), tr("On the edge from above: rate · p50 / p99"), tr("Why")});
  for (const int column : {NodeColumn, EdgeColumn}) header()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
  setUniformRowHeights(true);
  setFrameShape(NoFrame);
  setAccessibleName(tr("Lineage as a tree"));
  connect(this, &QTreeWidget::itemExpanded, this, &GraphTree::open);
  connect(this, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
    if (item) emit nodeSelected(item->data(NodeColumn, idRole).toString());
  });
}

void GraphTree::setGraph(const Graph& graph) {
  const QString before = currentItem() ? currentItem()->data(NodeColumn, idRole).toString() : QString();
  const QSignalBlocker quiet(this);
  graph_ = graph;
  feeds_.assign(graph.nodes.size(), {});
  items_.clear();
  edges_.clear();
  places_.clear();
  for (int node = 0; node < static_cast<int>(graph.nodes.size()); ++node) places_.insert(graph.nodes[static_cast<std::size_t>(node)].id, node);
  std::vector<bool> fed(graph.nodes.size());
  for (int index = 0; index < static_cast<int>(graph.edges.size()); ++index) {
    const GraphEdge& edge = graph.edges[static_cast<std::size_t>(index)];
    feeds_[static_cast<std::size_t>(edge.from)].push_back(index);
    fed[static_cast<std::size_t>(edge.to)] = true;
    edges_.insert({graph.nodes[static_cast<std::size_t>(edge.from)].id, graph.nodes[static_cast<std::size_t>(edge.to)].id}, index);
  }
  clear();
  for (int node = 0; node < static_cast<int>(fed.size()); ++node)
    if (!fed[static_cast<std::size_t>(node)]) addItem(invisibleRootItem(), node, -1);
  select(before);
}

void GraphTree::addItem(QTreeWidgetItem* parent, int index, int edge) {
  const GraphNode& node = graph_.nodes[static_cast<std::size_t>(index)];
  auto* item = new QTreeWidgetItem(parent);
  item->setData(NodeColumn, nodeRole, index);
  item->setData(NodeColumn, idRole, node.id);
  if (edge >= 0) item->setText(EdgeColumn, graph_.edges[static_cast<std::size_t>(edge)].label);
  item->setChildIndicatorPolicy(feeds_[static_cast<std::size_t>(index)].empty() ? QTreeWidgetItem::DontShowIndicator : QTreeWidgetItem::ShowIndicator);
  items_.insert(node.id, item);
  showNode(item, node);
}

void GraphTree::showNode(QTreeWidgetItem* item, const GraphNode& node) {
  item->setText(NodeColumn, node.label);
  showNumbers(item, node);
  item->setIcon(NodeColumn, shapeIcon(Theme::of(this), node.shape, devicePixelRatioF()));
  item->setData(NodeColumn, Qt::AccessibleTextRole, QString("%1, %2").arg(node.label, shapeName(node.shape)));
}

void GraphTree::showNumbers(QTreeWidgetItem* item, const GraphNode& node) {
  item->setText(RateColumn, node.value);
  item->setText(WhyColumn, node.reason);
}

void GraphTree::updateNode(const QString& id, const QString& value, StateShape shape, const QString& reason) {
  for (auto [item, end] = items_.equal_range(id); item != end; ++item) {
    GraphNode node = graph_.nodes[static_cast<std::size_t>((*item)->data(NodeColumn, nodeRole).toInt())];
    const bool sameShape = node.shape == shape;
    node.value = value;
    node.shape = shape;
    node.reason = reason;
    if (sameShape) showNumbers(*item, node);
    else showNode(*item, node);
  }
  if (const auto known = places_.constFind(id); known != places_.constEnd()) {
    GraphNode& node = graph_.nodes[static_cast<std::size_t>(*known)];
    node.value = value;
    node.shape = shape;
    node.reason = reason;
  }
}

void GraphTree::updateEdge(const QString& from, const QString& to, const QString& label) {
  const auto edge = edges_.constFind({from, to});
  if (edge == edges_.constEnd()) return;
  graph_.edges[static_cast<std::size_t>(*edge)].label = label;
  for (auto [item, end] = items_.equal_range(to); item != end; ++item) {
    const QTreeWidgetItem* parent = (*item)->parent();
    if (parent && parent->data(NodeColumn, idRole) == from) (*item)->setText(EdgeColumn, label);
  }
}

void GraphTree::open(QTreeWidgetItem* item) {
  if (item->childCount() > 0) return;
  for (const int edge : feeds_[static_cast<std::size_t>(item->data(NodeColumn, nodeRole).toInt())]) addItem(item, graph_.edges[static_cast<std::size_t>(edge)].to, edge);
}

void GraphTree::select(const QString& id) {
  if (id.isEmpty() || (currentItem() && currentItem()->data(NodeColumn, idRole).toString() == id)) return;
  for (QTreeWidgetItemIterator item(this); *item; ++item)
    if ((*item)->data(NodeColumn, idRole).toString() == id) return setCurrentItem(*item);
}

}  // namespace penstock::ui
