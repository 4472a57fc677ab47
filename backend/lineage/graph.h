#pragma once

// The graph of sources, steps, tables, sinks and seeds that a workspace declares. Ids are those of record/node_id.h,
// under which telemetry measures the edges.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "workspace/spec.h"

namespace penstock {

struct LineageNode {
  std::string id;
  std::string label;            // "pos.sales", "silver.sales"
  std::string kind;             // source, step, table, sink, seed, model, quarantine, dead_letters
  std::string technology;       // "Kafka", "Delta", "window 1m", "PostgreSQL"
  std::string pipeline;         // empty for seeds and models, and for tables that nothing here writes
  std::string step;
  std::string file;             // of a model, absolute: whoever shows the graph can say its version now
  std::int32_t layer = 0;       // 0 sources, seeds and models, 1 bronze, 2 silver, 3 gold, 4 sinks
};

struct LineageEdge {
  std::string from;
  std::string to;
  std::string pipeline;
};

// What is late or wrong when a node is; the node itself is not counted.
struct BlastRadius {
  std::vector<std::string> tables;      // names, sorted: "gold.sales_velocity"
  std::vector<std::string> sinks;       // labels, sorted
  std::vector<std::string> pipelines;   // sorted
};

// Immutable once built. Its columns: column_graph.h.
class LineageGraph {
 public:
  // The workspace must have passed the checker (names resolve, no cycle).
  static LineageGraph build(const Workspace& workspace);

  const std::vector<LineageNode>& nodes() const { return nodes_; }
  const std::vector<LineageEdge>& edges() const { return edges_; }
  const LineageNode* find(std::string_view id) const;           // null when absent

  // All nodes that can be reached, without the node itself, nearest first. Empty when the id is unknown.
  std::vector<const LineageNode*> downstream(std::string_view id) const;
  std::vector<const LineageNode*> upstream(std::string_view id) const;

  // Quarantine and dead letters are not held back by what is upstream of them: they are left out.
  BlastRadius blast_radius(std::string_view id) const;
  BlastRadius blast_radius_of_pipeline(std::string_view pipeline) const;    // with its own tables and sinks

 private:
  friend class GraphBuilder;
  std::vector<const LineageNode*> reach(std::string_view id, const std::vector<std::vector<std::size_t>>& next) const;

  std::vector<LineageNode> nodes_;
  std::vector<LineageEdge> edges_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::vector<std::vector<std::size_t>> next_;          // node → nodes
  std::vector<std::vector<std::size_t>> previous_;
};

// "Kafka", "PostgreSQL", "Delta", "Files", …: how a connector's kind is written for people.
std::string technology_label(std::string_view kind);

}  // namespace penstock
