#pragma once

// Out of which columns each column of a workspace is made: read out of the SQL of its steps, over the columns that are known.
// Ids are those of the graph of nodes (graph.h).

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lineage/graph.h"
#include "record/schema.h"

namespace penstock {

struct NodeColumn {
  std::string name;
  std::string type;             // DuckDB's name; may be empty
  std::string expression;       // the SQL that makes it; empty: it is taken as it is
};

struct ColumnEdge {
  std::string from_node, from_column;
  std::string to_node, to_column;
  std::string how;              // "same", "computed", "aggregated"
};

struct ColumnTrace {
  std::vector<NodeColumn> columns;      // of the node
  std::vector<ColumnEdge> edges;        // of all their ways, up and down
  std::vector<std::string> untraced;    // nodes on the way whose columns are not known
};

// What is known of the columns before a stream runs. Null, or missing: not known.
struct KnownColumns {
  std::map<std::string, SchemaPtr> sources;     // by "stream.source"
  std::map<std::string, SchemaPtr> steps;       // by "stream.step": what it gives
  std::map<std::string, SchemaPtr> seeds;       // by name
};

// Immutable.
class ColumnGraph {
 public:
  // A step whose SQL cannot be taken apart has columns, and no ways to them.
  static ColumnGraph build(const Workspace& workspace, const LineageGraph& graph, const KnownColumns& known);

  // Of a node; empty where they are not known.
  const std::vector<NodeColumn>& columns_of(std::string_view node) const;
  // Error: not_found, for a node that there is not.
  Result<ColumnTrace> trace(const LineageGraph& graph, const std::string& node) const;

 private:
  friend class ColumnGraphBuilder;
  void collect(const std::string& node, bool up, std::vector<bool>& taken) const;

  std::unordered_map<std::string, std::vector<NodeColumn>> columns_;
  std::vector<ColumnEdge> edges_;
  std::unordered_map<std::string, std::vector<std::size_t>> into_, out_of_;       // by node
};

}  // namespace penstock
