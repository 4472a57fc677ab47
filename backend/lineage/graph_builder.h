#pragma once

#include <map>
#include <set>
#include <string>

#include "lineage/graph.h"

namespace penstock {

// Makes the graph of a workspace. Private to lineage/.
class GraphBuilder {
 public:
  explicit GraphBuilder(const Workspace& workspace) : workspace_(workspace) {}
  LineageGraph build();

 private:
  std::size_t node(const std::string& id, const std::string& kind);         // found or made
  std::size_t table_node(const std::string& table, const std::string& pipeline, int layer);
  void edge(std::size_t from, std::size_t to, const std::string& pipeline);
  void name_tables();
  void add_stream(const StreamSpec& stream);
  void add_source(const StreamSpec& stream, const SourceSpec& source);
  void add_step(const StreamSpec& stream, const StepSpec& step);
  void add_sink(const StreamSpec& stream, const SinkSpec& sink);
  void add_reads(const StreamSpec& stream, const StepSpec& step, std::size_t node);

  const Workspace& workspace_;
  std::set<std::string> tables_;                        // that some stream writes or reads
  std::set<std::pair<std::size_t, std::size_t>> known_edges_;
  LineageGraph graph_;
};

}  // namespace penstock
