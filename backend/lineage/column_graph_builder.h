#pragma once

// Private to this folder: makes a ColumnGraph, stream by stream.

#include <memory>
#include <set>
#include <tuple>

#include "lineage/column_graph.h"
#include "sql/column_origins.h"

namespace penstock {

class ColumnGraphBuilder {
 public:
  ColumnGraphBuilder(const Workspace& workspace, const LineageGraph& nodes, const KnownColumns& known, ColumnGraph& graph)
      : workspace_(workspace), nodes_(nodes), known_(known), graph_(graph) {}
  void build();

 private:
  // What a step's SQL may name, and the node that stands behind it.
  struct Input {
    std::string name;
    std::vector<std::string> nodes;     // several: a union
  };

  void set_columns(const std::string& node, const SchemaPtr& schema);
  void add_tables();
  void add_step(const StreamSpec& stream, const StepSpec& step);
  void add_sql(const StreamSpec& stream, const StepSpec& step, const std::string& node);
  void add_lookup(const StepSpec& step, const std::string& node, const std::vector<std::string>& inputs);
  void take(const std::vector<SelectedColumn>& selected, const StepSpec& step, const std::string& node, const std::map<std::string, std::vector<std::string>>& nodes_of);
  // Every column of `to` that `from` has too.
  void add_same(const std::string& from, const std::string& to, bool only_origin = false);
  void add_edge(const std::string& from, const std::string& from_column, const std::string& to, const std::string& to_column, const std::string& how);
  std::string node_of_input(const StreamSpec& stream, const std::string& name) const;
  std::vector<std::string> names_of(const std::vector<std::string>& nodes) const;
  Session* session();

  const Workspace& workspace_;
  const LineageGraph& nodes_;
  const KnownColumns& known_;
  ColumnGraph& graph_;
  std::unique_ptr<Session> session_;            // opened when the first SQL is read
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen_;
};

}  // namespace penstock
