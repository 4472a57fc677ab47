#pragma once

// A whole stream, compiled: its sources, its steps in the order in which they run, and what feeds which sink.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "io/connector.h"
#include "stream/step_runner.h"
#include "stream/stream_connectors.h"
#include "workspace/spec.h"

namespace penstock {

struct SinkFeed {
  enum class What { rows, late, quarantine, dead_letters, index };
  SinkSpec spec;
  What what = What::rows;
  std::size_t step = 0;            // index of the step; rows and late only
  SchemaPtr schema;
  // Its rows are those of the one source, each at most once, by the source's own key: a key that is new there is new here.
  bool keeps_keys = false;
};

class StreamProgram {
 public:
  struct SourceProgram {
    SourceSpec spec;
    SchemaPtr schema;              // source_schema() of its contract
    std::shared_ptr<SchemaRegistry> registry;   // null where its connection has none
  };

  // The launch's workspace has its secrets resolved. Reads contracts and seeds from the workspace's folder.
  static Result<std::unique_ptr<StreamProgram>> compile(const StreamSpec& spec, const StreamConnectors& connectors, std::int64_t memory_bytes) {
    return compile(spec, connectors, memory_bytes, {});
  }

  const std::vector<SourceProgram>& sources() const { return sources_; }
  std::vector<std::unique_ptr<StepRunner>>& steps() { return steps_; }
  const StepRunner& step(std::size_t index) const { return *steps_[index]; }
  const std::vector<SinkFeed>& sinks() const { return sinks_; }
  // Indexes of what feeds step `step`: a source's index, or sources().size() + a step's.
  const std::vector<std::size_t>& inputs_of(std::size_t step) const { return inputs_[step]; }
  std::optional<std::size_t> find_step(const std::string& name) const;
  // True for `step` itself and for every step that gets rows from it, in the order of steps().
  std::vector<bool> from_step_on(std::size_t step) const;
  // True for the steps that `step` gets rows from.
  std::vector<bool> above_step(std::size_t step) const;
  // Sources that `step` gets rows from, by whatever way.
  std::set<std::size_t> sources_above(std::size_t step) const;
  // The windowed step whose windows the rows of `step` come out of: itself, or the nearest above; none where there is none.
  std::optional<std::size_t> window_above(std::size_t step) const;
  // The same, of windows and joins.
  std::optional<std::size_t> closing_above(std::size_t step) const;
  // A partition of source `source` is there: tells the steps whose watermarks wait for it.
  void add_partition(std::size_t source, const PartitionKey& partition, std::int64_t now);
  // The landed table nearest above `step` that holds its input; none where its input is not landed.
  std::optional<std::string> landed_input(std::size_t step) const;

  // The table in which a step lands source `source` as it came; none where no step does.
  std::optional<std::string> bronze_of(std::size_t source) const;

  // Records of a source that say nothing of their own.
  void count_skipped(std::size_t source, std::int64_t records);
  // Loads again what has changed: seeds, models, and tables that are looked up. Between two epochs.
  Status refresh_tables();
  // What is wrong with a model that has changed; empty: nothing.
  std::string concern() const;
  Result<std::unique_ptr<Decoder>> make_decoder(std::size_t source) const;

 private:
  StreamProgram() = default;
  // `asking`: streams that are compiled because they look up in each other's tables.
  static Result<std::unique_ptr<StreamProgram>> compile(const StreamSpec& spec, const StreamConnectors& connectors, std::int64_t memory_bytes, std::vector<std::string> asking);

  // stream_lookups.cpp
  Result<SchemaPtr> columns_of_table(const LookupSpec& lookup, const StreamSpec& spec, const StreamConnectors& connectors, std::int64_t memory_bytes,
                                     std::vector<std::string> asking) const;
  Status load_lookups(bool seeds);
  Status load_lookup(LookupStep& lookup, std::int64_t& version);
  bool leads_to(std::size_t source, std::size_t input) const;
  bool keeps_keys(const SinkFeed& feed) const;
  void add_own_sinks(const StreamSpec& spec, const ConnectorCatalog& catalog);

  std::string workspace_root_;
  const ConnectorCatalog* catalog_ = nullptr;
  std::string tables_root_;
  Parquet* parquet_ = nullptr;
  std::unique_ptr<Session> session_;
  std::vector<SourceProgram> sources_;
  std::vector<std::unique_ptr<StepRunner>> steps_;
  std::vector<std::vector<std::size_t>> inputs_;
  std::vector<SinkFeed> sinks_;
  std::map<std::string, std::int64_t> looked_up_;        // by step: the version of the table that it has
};

}  // namespace penstock
