#include "engine/runtime_pod_link.h"

#include "engine/own_process.h"
#include "secrets/resolve.h"

namespace penstock {
namespace {

using namespace std::chrono_literals;
constexpr auto kHeartbeat = 1s;
constexpr auto kShortestInterval = 50ms;    // at most twenty reports a second: each walks all histograms of the pod

// Only what this stream uses: a secret that is missing elsewhere is no reason not to run it.
Status resolve_for(Workspace& workspace, const std::string& stream) {
  const SecretProviders providers = default_secret_providers();
  const auto resolve = [&](Settings& settings) -> Status {
    PENSTOCK_ASSIGN(settings, resolve_secrets(settings, providers));
    return {};
  };
  const auto resolve_connection = [&](const std::string& name) -> Status {
    for (auto& connection : workspace.connections)
      if (connection.name == name) return resolve(connection.settings);
    return {};
  };
  for (auto& spec : workspace.streams) {
    if (spec.name != stream) continue;
    for (auto& source : spec.sources) {
      PENSTOCK_TRY(resolve(source.settings));
      PENSTOCK_TRY(resolve_connection(source.connection));
    }
    for (auto& sink : spec.sinks) {
      PENSTOCK_TRY(resolve(sink.settings));
      PENSTOCK_TRY(resolve_connection(sink.connection));
    }
  }
  return {};
}

}  // namespace

RuntimePodLink::RuntimePodLink(const ConnectorCatalog& catalog, Options options)
    : options_(std::move(options)), runtime_(catalog, {.pod = options_.pod, .memory_bytes = options_.memory_bytes, .state_failed = options_.state_failed}) {
  runtime_.on_change([this] {
    std::lock_guard lock(mutex_);
    has_changed_ = true;
    changed_.notify_all();
  });
}

PodReport RuntimePodLink::report() const {
  PodReport report = runtime_.report();
  report.process_id = own_process_id();
  report.memory_bytes = own_memory_bytes();
  return report;
}

Result<PodInfo> RuntimePodLink::info() {
  const PodReport report = this->report();
  PodInfo info{.pod = options_.pod, .process_id = report.process_id, .started_at = report.started_at};
  for (const auto& stream : report.streams) info.streams.push_back(stream.stream);
  return info;
}

Result<std::shared_ptr<const Workspace>> RuntimePodLink::workspace_of(const StreamStart& start) {
  std::lock_guard lock(mutex_);
  if (loaded_folder_ == start.workspace_root) return loaded_;
  PENSTOCK_ASSIGN(loaded_, load_applied(start.workspace_root, start.environment, options_.declarations));
  loaded_folder_ = start.workspace_root;
  return loaded_;
}

Result<StreamLaunch> RuntimePodLink::launch_of(const StreamStart& start) {
  PENSTOCK_ASSIGN(const auto applied, workspace_of(start));
  auto workspace = std::make_shared<Workspace>(*applied);
  PENSTOCK_TRY(resolve_for(*workspace, start.stream));
  return StreamLaunch{.workspace = std::move(workspace), .stream = start.stream, .version = start.version, .state_root = start.state_root,
                      .tables_root = start.tables_root, .paused = start.paused, .state_choice = start.state_choice, .shards = start.shards, .lease = start.lease};
}

Status RuntimePodLink::start_stream(const StreamStart& start) {
  PENSTOCK_ASSIGN(const auto launch, launch_of(start));
  return runtime_.start(launch);
}

Status RuntimePodLink::prepare_stream(const StreamStart& start) {
  PENSTOCK_ASSIGN(const auto launch, launch_of(start));
  return runtime_.prepare(launch);
}

Status RuntimePodLink::stop_stream(const std::string& stream, const StreamStop& stop) {
  return runtime_.stop(stream, {.drain = stop.drain, .close_windows = stop.close_windows, .pause = stop.pause});
}

Status RuntimePodLink::shut_down(bool drain) {
  Status first_failure;
  for (const auto& stream : runtime_.report().streams) {
    const Status stopped = runtime_.stop(stream.stream, {.drain = drain});
    if (first_failure.ok() && !stopped.ok()) first_failure = stopped;
  }
  if (options_.shut_down) options_.shut_down();
  return first_failure;
}

void RuntimePodLink::watch(std::function<void(PodReport)> reported) {
  watcher_ = std::jthread([this, reported = std::move(reported)](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, kHeartbeat, [&] { return has_changed_; });
        has_changed_ = false;
      }
      if (stop.stop_requested()) return;
      reported(report());
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kShortestInterval, [] { return false; });
    }
  });
}

Result<std::vector<PodTailPart>> RuntimePodLink::table_tail(const std::string& table) {
  PENSTOCK_ASSIGN(auto tail, runtime_.table_tail(table));
  std::vector<PodTailPart> parts;
  for (auto& part : tail) parts.push_back({std::move(part.marker), part.epoch, std::move(part.rows), std::move(part.replaced_windows), part.shard});
  return parts;
}

Result<std::vector<Batch>> RuntimePodLink::step_rows(const std::string& stream, const std::string& step) { return runtime_.step_rows(stream, step); }

Status RuntimePodLink::start_replay(const PodReplay& replay) {
  return runtime_.start_replay({.id = replay.id, .stream = replay.stream, .from_time = replay.from_time, .to_time = replay.to_time,
                                .warm_up_from = replay.warm_up_from, .rate_limit = replay.rate_limit, .steps = replay.steps,
                                .include_sinks = replay.include_sinks, .from_positions = replay.from_positions, .to_positions = replay.to_positions});
}

Status RuntimePodLink::control_replay(const std::string& id, const std::string& action, double rate_limit) {
  return runtime_.control_replay(id, action, rate_limit);
}

Result<PodRedriveOutcome> RuntimePodLink::redrive(const std::string& command_id, const std::string& stream, const std::vector<PodRedriveRow>& rows) {
  std::vector<RedriveRow> converted;
  converted.reserve(rows.size());
  for (const auto& row : rows)
    converted.push_back({.source = row.source, .position = row.position, .source_time = row.source_time, .raw = row.raw, .key = row.key,
                         .headers = row.headers, .hop = row.hop, .step = row.step});
  PENSTOCK_ASSIGN(const auto outcome, runtime_.redrive(command_id, stream, converted));
  return PodRedriveOutcome{outcome.accepted, outcome.repeated, outcome.rejected_again};
}

}  // namespace penstock
