#include "lineage/graph.h"

#include <algorithm>
#include <deque>
#include <set>

#include "lineage/graph_builder.h"

namespace penstock {
namespace {

class Gathered {
 public:
  void add(const LineageNode& node) {
    if (node.kind == "table") tables_.insert(node.label);
    if (node.kind == "sink") sinks_.insert(node.label);
    const bool is_rejected = node.kind == "quarantine" || node.kind == "dead_letters";
    if (!node.pipeline.empty() && !is_rejected) pipelines_.insert(node.pipeline);
  }
  BlastRadius radius() const {
    return {{tables_.begin(), tables_.end()}, {sinks_.begin(), sinks_.end()}, {pipelines_.begin(), pipelines_.end()}};
  }

 private:
  std::set<std::string> tables_, sinks_, pipelines_;
};

}  // namespace

LineageGraph LineageGraph::build(const Workspace& workspace) { return GraphBuilder(workspace).build(); }

const LineageNode* LineageGraph::find(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : &nodes_[found->second];
}

std::vector<const LineageNode*> LineageGraph::reach(std::string_view id, const std::vector<std::vector<std::size_t>>& next) const {
  std::vector<const LineageNode*> reached;
  const auto start = by_id_.find(std::string(id));
  if (start == by_id_.end()) return reached;
  std::vector<bool> seen(nodes_.size());
  std::deque<std::size_t> waiting = {start->second};
  seen[start->second] = true;
  while (!waiting.empty()) {
    const std::size_t at = waiting.front();
    waiting.pop_front();
    if (at != start->second) reached.push_back(&nodes_[at]);
    for (const std::size_t neighbour : next[at]) {
      if (seen[neighbour]) continue;
      seen[neighbour] = true;
      waiting.push_back(neighbour);
    }
  }
  return reached;
}

std::vector<const LineageNode*> LineageGraph::downstream(std::string_view id) const { return reach(id, next_); }
std::vector<const LineageNode*> LineageGraph::upstream(std::string_view id) const { return reach(id, previous_); }

BlastRadius LineageGraph::blast_radius(std::string_view id) const {
  Gathered gathered;
  for (const LineageNode* node : downstream(id)) gathered.add(*node);
  return gathered.radius();
}

BlastRadius LineageGraph::blast_radius_of_pipeline(std::string_view pipeline) const {
  Gathered gathered;
  for (const LineageNode& node : nodes_) {
    if (node.pipeline != pipeline) continue;
    gathered.add(node);
    for (const LineageNode* reached : downstream(node.id)) gathered.add(*reached);
  }
  return gathered.radius();
}

}  // namespace penstock
