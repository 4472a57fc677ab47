#include "engine/engine.h"

#include <algorithm>
#include <condition_variable>

#include "base/ids.h"
#include "base/log.h"
#include "engine/connectors.h"
#include "engine/delivered_rows.h"
#include "engine/runtime_pod_link.h"
#include "engine/state_root.h"
#include "ops/declarations.h"
#include "ops/history_recorder.h"
#include "ops/local_pod_host.h"
#include "sql/parquet_files.h"
#include "store/operations_db.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;
constexpr auto kSupervise = 200ms;      // how often the supervisor looks
constexpr auto kTick = 1s;              // how often states age and history is written

std::unique_ptr<PodHost> processes_of(const EngineOptions& options, const std::string& state_root) {
  if (options.penstockd.empty()) return nullptr;
  return std::make_unique<LocalPodHost>(LocalPodHost::Options{.program = options.penstockd, .state_root = state_root});
}

// The streams that run inside the engine: those with `pods: 0`, or all where there are no other pods.
DesiredPod pod_here(const Workspace& workspace, const StreamStart& base, bool all) {
  DesiredPod pod{.spec = {.name = kEnginePod, .memory_bytes = workspace.memory_bytes}};
  for (const auto& stream : workspace.streams) {
    if (!all && stream.pods != 0) continue;
    pod.streams.push_back(base);
    pod.streams.back().stream = stream.name;
  }
  return pod;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options) {
  const ConnectorCatalog catalog = all_connectors({});
  const LoadResult loaded = load_workspace(options.workspace_root, options.environment, declarations_of(catalog));
  if (loaded.workspace.name.empty())
    return Error(ErrorKind::invalid_argument, loaded.problems.empty() ? "this is no workspace" : loaded.problems.front().to_string(),
                 "penstockctl init makes a new one", options.workspace_root);
  options.workspace_root = loaded.workspace.root;
  PENSTOCK_ASSIGN(auto state_root, state_root_of(loaded.workspace));
  PENSTOCK_ASSIGN(auto tables_root, tables_root_of(loaded.workspace, state_root));
  PENSTOCK_ASSIGN(auto lock, WorkspaceLock::acquire(state_root));
  PENSTOCK_ASSIGN(auto operations, open_operations_db(state_root + "/operations.db"));
  PENSTOCK_ASSIGN(auto history, History::open(state_root + "/history.db"));
  std::unique_ptr<Engine> engine(new Engine(std::move(options), std::move(lock), std::move(operations), std::move(history),
                                            std::move(state_root), std::move(tables_root)));
  PENSTOCK_TRY(engine->start());
  return engine;
}

Engine::Engine(EngineOptions options, std::unique_ptr<WorkspaceLock> lock, std::unique_ptr<Database> operations,
               std::unique_ptr<History> history, std::string state_root, std::string tables_root)
    : options_(std::move(options)), id_(random_id()), started_at_(to_micros(Clock::system().now())), state_root_(std::move(state_root)),
      tables_root_(std::move(tables_root)), connectors_(all_connectors(state_root_)), declarations_(declarations_of(connectors_)),
      lock_(std::move(lock)), operations_(std::move(operations)), history_(std::move(history)),
      logs_(options_.logs ? options_.logs : std::make_shared<LogRing>()), audit_(*operations_), rejected_(*operations_), replay_store_(*operations_),
      versions_(*operations_), pod_store_(*operations_), seeds_(applied_, options_.workspace_root),
      mutes_(*operations_, registry_) {
  pods_ = std::make_unique<InProcessPods>(processes_of(options_, state_root_), [this](const PodSpec& spec, std::function<void()> ended) {
    return make_pod_here(spec, std::move(ended));
  });
  supervisor_ = std::make_unique<PodSupervisor>(PodSupervisor::Parts{
      .host = *pods_,
      .connect = [this](const PodProcess& process) {
        auto here = pods_->find(process);
        return here || !options_.connect ? here : options_.connect(process);
      },
      .registry = registry_, .pods = pod_store_, .audit = audit_, .rejected = rejected_,
      .count_delivered = [this](const StreamGap& gap, const Positions& until) -> Result<DeliveredRows> {
        const auto version = applied_.current();
        const auto* stream = version ? version->workspace->find_stream(gap.stream) : nullptr;
        if (!stream) return DeliveredRows();
        PENSTOCK_ASSIGN(const auto parquet, make_parquet_files());
        return count_delivered(*stream, tables_root_, *parquet, gap, until);
      }});
  scaling_ = std::make_unique<Scaling>(Scaling::Parts{.pods = pod_store_, .audit = audit_, .registry = registry_});
  pipelines_ = std::make_unique<PipelineControl>(applied_, *supervisor_, registry_, [this](const StreamSpec& stream, std::int32_t pods) -> Status {
    PENSTOCK_TRY(scaling_->scale(stream, pods));
    return place_streams(true);
  }, state_root_);
  workspace_ = std::make_unique<WorkspaceControl>(WorkspaceControl::Parts{
      .root = options_.workspace_root, .environment = options_.environment, .state_root = state_root_, .connectors = connectors_,
      .versions = versions_, .applied = applied_, .changed = [this] { follow_applied(); }});
}

Engine::~Engine() { close(OnClose::keep_running); }

std::unique_ptr<PodLink> Engine::make_pod_here(const PodSpec& spec, std::function<void()> ended) const {
  return std::make_unique<RuntimePodLink>(connectors_, RuntimePodLink::Options{.pod = spec.name, .memory_bytes = spec.memory_bytes,
                                                                                .declarations = declarations_, .shut_down = std::move(ended)});
}

Status Engine::start() {
  PENSTOCK_ASSIGN(auto parquet, make_parquet_files());
  tables_ = std::make_unique<QueryTables>(applied_, tables_root_, [this](const std::string& stream) { return supervisor_->links_that_may_have(stream); },
                                          std::move(parquet));
  replays_ = std::make_unique<Replays>(Replays::Parts{.applied = applied_, .supervisor = *supervisor_, .registry = registry_, .store = replay_store_,
                                                      .rejected = rejected_, .tables = *tables_});
  PENSTOCK_TRY(replays_->open());
  PENSTOCK_TRY(audit_.close_interrupted("interrupted: the engine ended before it did", started_at_));
  PENSTOCK_TRY(mutes_.open());
  PENSTOCK_TRY(workspace_->open());
  PENSTOCK_TRY(supervisor_->adopt());
  follow_applied();
  driver_ = std::jthread([this](const std::stop_token& stop) { drive(stop); });
  return {};
}

void Engine::follow_applied() {
  const auto version = applied_.current();
  supervisor_->set_policies(version->workspace->healing);
  if (const Status placed = place_streams(false); !placed.ok()) log_error("the pods of streams that were scaled are not known: {}", placed.error().to_string());
  if (options_.start_streams) return;
  for (const auto& stream : version->workspace->streams) static_cast<void>(supervisor_->stop_stream(stream.name, {}));
}

// As they are scaled now; where that cannot be read as the workspace says.
Status Engine::place_streams(bool keep_stopped) {
  const auto version = applied_.current();
  const auto scales = scaling_->scales(*version->workspace);
  const Scales known = scales.ok() ? *scales : Scales();
  registry_.declare(declare_pipelines(*version->workspace, version->graph, known));
  const StreamStart base{.workspace_root = version->folder, .environment = options_.environment, .version = version->number,
                         .state_root = state_root_, .tables_root = tables_root_};
  std::vector<DesiredPod> pods;
  if (!options_.penstockd.empty()) pods = place(*version->workspace, base, version->workspace->memory_bytes, known);
  if (auto here = pod_here(*version->workspace, base, options_.penstockd.empty()); !here.streams.empty()) pods.push_back(std::move(here));
  supervisor_->desire(std::move(pods), keep_stopped);
  return scales.ok() ? Status() : scales.error();
}

void Engine::drive(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  auto next_tick = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    supervisor_->tick();
    if (std::chrono::steady_clock::now() >= next_tick) {
      registry_.tick();
      const TelemetryChanges picture = registry_.full();
      // Charts lose these samples when it fails, and nothing else does.
      static_cast<void>(history_->write(picture.at, samples_of(picture)));
      replays_->tick();
      if (scaling_->consider(*applied_.current()->workspace)) static_cast<void>(place_streams(true));
      next_tick += kTick;
    }
    std::unique_lock lock(mutex);
    stopped.wait_for(lock, stop, kSupervise, [] { return false; });
  }
}

void Engine::close(OnClose on_close) {
  if (!driver_.joinable()) return;
  driver_.request_stop();
  driver_.join();
  if (on_close != OnClose::drain) return;
  supervisor_->stop_all();
  std::mutex mutex;
  std::condition_variable_any never;
  while (!supervisor_->is_idle()) {
    supervisor_->tick();
    std::unique_lock lock(mutex);
    never.wait_for(lock, kSupervise);
  }
}

}  // namespace penstock
