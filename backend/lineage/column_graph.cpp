#include "lineage/column_graph.h"

#include <algorithm>
#include <queue>
#include <set>

#include "lineage/column_graph_builder.h"

namespace penstock {
namespace {

std::string key_of(const std::string& node, const std::string& column) { return node + '\n' + column; }

}  // namespace

ColumnGraph ColumnGraph::build(const Workspace& workspace, const LineageGraph& graph, const KnownColumns& known) {
  ColumnGraph columns;
  ColumnGraphBuilder(workspace, graph, known, columns).build();
  return columns;
}

const std::vector<NodeColumn>& ColumnGraph::columns_of(std::string_view node) const {
  static const std::vector<NodeColumn> kNone;
  const auto found = columns_.find(std::string(node));
  return found == columns_.end() ? kNone : found->second;
}

// The edges on the way of any of the node's columns.
void ColumnGraph::collect(const std::string& node, bool up, std::vector<bool>& taken) const {
  std::queue<std::pair<std::string, std::string>> open;         // node and column
  std::set<std::string> seen;
  for (const NodeColumn& column : columns_of(node)) {
    open.emplace(node, column.name);
    seen.insert(key_of(node, column.name));
  }
  const auto& next = up ? into_ : out_of_;
  for (; !open.empty(); open.pop()) {
    const auto& [at, column] = open.front();
    const auto edges = next.find(at);
    if (edges == next.end()) continue;
    for (const std::size_t index : edges->second) {
      const ColumnEdge& edge = edges_[index];
      if ((up ? edge.to_column : edge.from_column) != column) continue;
      taken[index] = true;
      const std::string& other = up ? edge.from_node : edge.to_node;
      const std::string& other_column = up ? edge.from_column : edge.to_column;
      if (seen.insert(key_of(other, other_column)).second) open.emplace(other, other_column);
    }
  }
}

Result<ColumnTrace> ColumnGraph::trace(const LineageGraph& graph, const std::string& node) const {
  if (!graph.find(node)) return Error(ErrorKind::not_found, "there is no node '" + node + "' in the lineage", "penstockctl lineage lists them", node);
  ColumnTrace trace;
  trace.columns = columns_of(node);
  std::vector<bool> taken(edges_.size());
  collect(node, true, taken);
  collect(node, false, taken);
  for (std::size_t i = 0; i < edges_.size(); ++i)
    if (taken[i]) trace.edges.push_back(edges_[i]);
  std::vector<const LineageNode*> around{graph.find(node)};
  for (const auto& reached : {graph.upstream(node), graph.downstream(node)}) around.insert(around.end(), reached.begin(), reached.end());
  for (const LineageNode* one : around)
    if (one->kind != "dead_letters" && one->kind != "quarantine" && columns_of(one->id).empty()) trace.untraced.push_back(one->id);
  return trace;
}

}  // namespace penstock
