#include "viewmodels/columns_model.h"

#include <QSet>

#include "client/lineage_client.h"
#include "viewmodels/roles.h"

namespace penstock::ui {

void ColumnsModel::show(Connection* engine, const QString& node) {
  if (engine == engine_ && node == node_ && problem_.isEmpty()) return;
  engine_ = engine;
  node_ = node;
  problem_.clear();
  beginResetModel();
  trace_ = {};
  endResetModel();
  call_.cancel();
  loading_ = engine && !node.isEmpty();
  emit changed();
  if (!loading_) return;
  call_ = LineageClient(*engine).trace(node, this, [this](const Answer<ColumnTrace>& answer) {
    loading_ = false;
    if (!answer) problem_ = answer.error().message;
    beginResetModel();
    trace_ = answer ? *answer : ColumnTrace();
    endResetModel();
    emit changed();
  });
}

std::vector<ColumnEdge> ColumnsModel::into(int row) const {
  std::vector<ColumnEdge> found;
  for (const ColumnEdge& edge : trace_.edges)
    if (edge.toNode == node_ && edge.toColumn == column(row).name) found.push_back(edge);
  return found;
}

std::vector<ColumnEdge> ColumnsModel::outOf(int row) const {
  std::vector<ColumnEdge> found;
  for (const ColumnEdge& edge : trace_.edges)
    if (edge.fromNode == node_ && edge.fromColumn == column(row).name) found.push_back(edge);
  return found;
}

std::vector<const ColumnEdge*> ColumnsModel::reached(int row, bool up) const {
  QHash<std::pair<QString, QString>, std::vector<const ColumnEdge*>> next;
  for (const ColumnEdge& edge : trace_.edges) next[up ? std::pair(edge.toNode, edge.toColumn) : std::pair(edge.fromNode, edge.fromColumn)].push_back(&edge);
  std::vector<std::pair<QString, QString>> open{{node_, column(row).name}};
  QSet<std::pair<QString, QString>> seen{open.front()};
  std::vector<const ColumnEdge*> found;
  for (size_t i = 0; i < open.size(); ++i) {
    for (const ColumnEdge* edge : next.value(open[i])) {
      found.push_back(edge);
      const auto other = up ? std::pair(edge->fromNode, edge->fromColumn) : std::pair(edge->toNode, edge->toColumn);
      if (seen.contains(other)) continue;
      seen.insert(other);
      open.push_back(other);
    }
  }
  return found;
}

std::vector<ColumnEdge> ColumnsModel::ends(int row, bool up) const {
  const auto edges = reached(row, up);
  std::vector<ColumnEdge> found;
  QSet<std::pair<QString, QString>> seen;
  for (const ColumnEdge* edge : edges) {
    const auto end = up ? std::pair(edge->fromNode, edge->fromColumn) : std::pair(edge->toNode, edge->toColumn);
    const bool goesOn = std::any_of(edges.begin(), edges.end(), [&](const ColumnEdge* other) { return end == (up ? std::pair(other->toNode, other->toColumn) : std::pair(other->fromNode, other->fromColumn)); });
    if (goesOn || seen.contains(end)) continue;
    seen.insert(end);
    found.push_back(*edge);
  }
  return found;
}

QStringList ColumnsModel::way(int row) const {
  QSet<QString> nodes{node_};
  for (const bool up : {true, false})
    for (const ColumnEdge* edge : reached(row, up)) nodes << edge->fromNode << edge->toNode;
  return nodes.values();
}

QVariant ColumnsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const NodeColumn& column = this->column(index.row());
  switch (role) {
    case Qt::DisplayRole: return index.column() == Name ? column.name : column.type;
    case Qt::ToolTipRole: return column.expression.isEmpty() ? column.name : column.name + QStringLiteral(" = ") + column.expression;
    case MonoRole: return true;
    case ToneRole: return index.column() == Name ? voice::Normal : voice::Dim;
    case IdRole: return column.name;
    default: return {};
  }
}

QVariant ColumnsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return section == Name ? tr("Column") : tr("Type");
}

}  // namespace penstock::ui
