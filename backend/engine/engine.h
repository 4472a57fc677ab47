#pragma once

// The control side of one workspace: constructs and owns the parts, and drives those that want to be driven. No logic of its own.

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "engine/applied_workspace.h"
#include "engine/in_process_pods.h"
#include "engine/pipeline_control.h"
#include "engine/query_tables.h"
#include "engine/replays.h"
#include "engine/seeds.h"
#include "engine/workspace_control.h"
#include "engine/workspace_lock.h"
#include "io/connector.h"
#include "ops/pod_supervisor.h"
#include "ops/scaling.h"
#include "quality/mutes.h"
#include "store/history.h"
#include "store/replay_store.h"
#include "telemetry/log_ring.h"

namespace penstock {

struct EngineOptions {
  std::string workspace_root;
  std::string environment;              // empty: none
  std::string penstockd;                // absolute path of the program that runs as a pod; empty: all streams run in here
  PodConnector connect;                 // to pods that are processes; rpc/pod_client.h
  bool start_streams = true;            // false: none runs until it is started (an engine for one call)
  std::shared_ptr<LogRing> logs;        // where the program's logger writes; null: a ring of its own
};

// What happens to pods when the engine goes.
enum class OnClose {
  keep_running,                         // pods go on, and the next engine adopts them
  drain,                                // take what the sources hold now, then stop
};

// Thread-safe after open(). Times are the system clock's.
class Engine {
 public:
  // failed_precondition: another engine holds the workspace; `where` is its address. invalid_argument: the workspace has
  // problems and no version of it was ever applied.
  static Result<std::unique_ptr<Engine>> open(EngineOptions options);
  ~Engine();                            // as close(keep_running)
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Once; no call afterwards. With drain it returns when the last pod is gone.
  void close(OnClose on_close);

  const std::string& id() const { return id_; }                       // random, of this run
  std::int64_t started_at() const { return started_at_; }             // micros
  const EngineOptions& options() const { return options_; }
  const std::string& state_root() const { return state_root_; }
  const std::string& tables_root() const { return tables_root_; }

  const ConnectorCatalog& connectors() const { return connectors_; }
  const SettingCatalog& declarations() const { return declarations_; }
  const AppliedWorkspace& applied() const { return applied_; }
  WorkspaceLock& lock() { return *lock_; }
  TelemetryRegistry& registry() { return registry_; }
  History& history() { return *history_; }
  LogRing& logs() { return *logs_; }
  AuditLog& audit() { return audit_; }
  RejectedIndex& rejected() { return rejected_; }
  PodHost& pods() { return *pods_; }
  PodSupervisor& supervisor() { return *supervisor_; }
  PipelineControl& pipelines() { return *pipelines_; }
  WorkspaceControl& workspace() { return *workspace_; }
  QueryTables& tables() { return *tables_; }
  Replays& replays() { return *replays_; }
  Seeds& seeds() { return seeds_; }
  Mutes& mutes() { return mutes_; }

 private:
  Engine(EngineOptions options, std::unique_ptr<WorkspaceLock> lock, std::unique_ptr<Database> operations, std::unique_ptr<History> history,
         std::string state_root, std::string tables_root);

  Status start();
  void follow_applied();                // tells registry and supervisor which version runs
  Status place_streams(bool keep_stopped);
  std::unique_ptr<PodLink> make_pod_here(const PodSpec& spec, std::function<void()> ended) const;
  void drive(const std::stop_token& stop);

  // Constant after construction.
  const EngineOptions options_;
  const std::string id_;
  const std::int64_t started_at_;
  const std::string state_root_, tables_root_;
  const ConnectorCatalog connectors_;
  const SettingCatalog declarations_;

  // Each is thread-safe; the later ones use the earlier ones.
  std::unique_ptr<WorkspaceLock> lock_;
  std::unique_ptr<Database> operations_;
  std::unique_ptr<History> history_;
  std::shared_ptr<LogRing> logs_;
  AuditLog audit_;
  RejectedIndex rejected_;
  ReplayStore replay_store_;
  Versions versions_;
  PodStore pod_store_;
  TelemetryRegistry registry_;
  AppliedWorkspace applied_;
  Seeds seeds_;
  Mutes mutes_;
  std::unique_ptr<InProcessPods> pods_;
  std::unique_ptr<PodSupervisor> supervisor_;
  std::unique_ptr<Scaling> scaling_;
  std::unique_ptr<PipelineControl> pipelines_;
  std::unique_ptr<WorkspaceControl> workspace_;
  std::unique_ptr<QueryTables> tables_;
  std::unique_ptr<Replays> replays_;
  std::jthread driver_;
};

}  // namespace penstock
