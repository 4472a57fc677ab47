#pragma once

// The invented company behind a FakeEngine: its state under one mutex, and what commands do to it.

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <penstock/v1/activity.pb.h>
#include <penstock/v1/lineage.pb.h>
#include <penstock/v1/quality.pb.h>
#include <penstock/v1/pipelines.pb.h>
#include <penstock/v1/telemetry.pb.h>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_engine.h"

namespace penstock::test {

int64_t now_micros();

constexpr int fake_shards = 8;          // of `sales`
constexpr int fake_partitions = 12;     // of its source

class FakeWorld {
 public:
  explicit FakeWorld(const FakeEngineOptions& options);
  ~FakeWorld();

  struct Refusal { std::string kind, message, action; };

  const FakeEngineOptions options;
  const std::string engine_id;
  const v1::LineageGraph graph;

  mutable std::mutex mutex;
  std::condition_variable changed;
  // All below is protected by mutex.
  bool stalled = false;
  bool stopping = false;
  bool safe = true;
  bool flood = false;
  uint64_t sequence = 1;
  std::map<std::string, v1::PipelineState> pipelines;
  std::map<std::string, v1::PodState> pods;
  std::map<std::string, v1::ExpectationState> expectations;
  std::vector<std::string> removed_pods;        // ever
  std::vector<v1::EdgeState> edges;
  std::map<std::string, v1::ReplayState> replays;
  std::map<std::string, uint64_t> changed_at;   // key of any state above: the sequence of its last change
  std::vector<v1::RejectedRow> rejected;
  std::string stores_csv;
  int stores_revision = 1;
  int first_missing_store = 118;
  std::int64_t lag_micros = 0;  // of what is reported
  std::vector<v1::AuditEntry> audit;            // oldest first
  std::vector<v1::LogLine> logs;
  std::map<std::string, Refusal> refusals;      // by method
  std::map<std::string, std::vector<v1::Savepoint>> savepoints;  // by pipeline, the newest first
  std::vector<std::string> commands;
  std::map<std::string, std::string> outcomes;  // by command id

  // With the mutex held:
  void touch(const std::string& key) { changed_at[key] = sequence + 1; }
  void publish();               // one more update for the watchers
  v1::TelemetryUpdate update_since(uint64_t after, bool full) const;
  std::vector<v1::Attention> attention() const;
  void log(const std::string& level, const std::string& origin, const std::string& text);
  void record(const v1::Command& command, const std::string& action, const std::string& target, const std::string& outcome);
  void mend_pod(const std::string& pod);
  void break_pod(const std::string& pod);
  // Its first sink does not take rows: `circuit` as in SinkState.
  void break_sink(const std::string& pipeline, const std::string& circuit);
  // Its shards over so many pods, which come and go.
  void deal_shards(const std::string& pipeline, int count);

 private:
  void make_pipelines();
  void make_pods();
  void make_expectations();
  void make_rejected();
  void tick();

  std::mt19937 random_;
  std::thread ticker_;
};

v1::LineageGraph make_graph();  // fake_graph.cpp
// Of the nodes of `sales`, from its source to its window.
v1::ColumnTrace trace_of(const v1::LineageGraph& graph, const std::string& node);
std::vector<v1::EdgeState> make_edges(const v1::LineageGraph& graph);

}  // namespace penstock::test
