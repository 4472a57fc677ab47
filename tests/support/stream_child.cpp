// stream_child WORKSPACE STATE TABLES [replay]: runs the workspace's only stream in this process until its sources have
// ended and its sinks have taken everything; with `replay`, then replays the whole of it. Ends with 0, or with 1 and
// the reason. A crash point may kill it before; started again, it goes on.

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>

#include "base/ids.h"
#include "engine/connectors.h"
#include "secrets/resolve.h"
#include "stream/pod_runtime.h"
#include "workspace/loader.h"

using namespace penstock;

namespace {

int failed(const std::string& reason) {
  std::fprintf(stderr, "%s\n", reason.c_str());
  return 1;
}

template <typename Done>
void wait_until(PodRuntime& pod, Done done) {
  std::mutex mutex;
  std::condition_variable changed;
  pod.on_change([&] { changed.notify_all(); });
  std::unique_lock lock(mutex);
  while (!done(pod.report())) changed.wait_for(lock, std::chrono::milliseconds(20));
  pod.on_change({});
}

}  // namespace

int main(int count, char** arguments) {
  const std::string root = arguments[1], state = arguments[2], tables = arguments[3];
  const ConnectorCatalog catalog = all_connectors(state);
  LoadResult loaded = load_workspace(root, "", declarations_of(catalog));
  if (!loaded.problems.empty()) return failed(loaded.problems.front().to_string());
  for (ConnectionSpec& connection : loaded.workspace.connections) {
    auto resolved = resolve_secrets(connection.settings, default_secret_providers());
    if (!resolved.ok()) return failed(resolved.error().to_string());
    connection.settings = *std::move(resolved);
  }
  const auto workspace = std::make_shared<const Workspace>(std::move(loaded.workspace));

  StreamLaunch launch;
  launch.workspace = workspace;
  launch.stream = workspace->streams.front().name;
  launch.version = 1;
  launch.state_root = state;
  launch.tables_root = tables;
  // Small epochs, so that there are a first one, middle ones and a last one.
  PodRuntime pod(catalog, {.pod = "child", .memory_bytes = 32 << 20, .epoch_rows = 2000, .window_rows = 300});
  if (const auto status = pod.start(launch); !status.ok()) return failed(status.error().to_string());
  std::string reason;
  wait_until(pod, [&](const PodReport& report) {
    const StreamReport& stream = report.streams.front();
    if (stream.status == PipelineStatus::failing) reason = stream.reason;
    return stream.status == PipelineStatus::stopped || !reason.empty();
  });
  if (!reason.empty()) return failed(reason);
  if (count < 5) return 0;

  // One that the last life left unfinished goes on by itself.
  const bool unfinished = !pod.report().replays.empty();
  if (!unfinished) {
    ReplayLaunch replay;
    replay.id = random_id();
    replay.stream = launch.stream;
    replay.from_time = 1'000'000;
    replay.to_time = to_micros(Clock::system().now());
    if (const auto status = pod.start_replay(replay); !status.ok()) return failed(status.error().to_string());
  }
  ReplayReport replayed;
  wait_until(pod, [&](const PodReport& report) {
    replayed = report.replays.front();
    return replayed.status == "done" || replayed.status == "failed";
  });
  std::puts(replayed.outcome.c_str());
  return replayed.status == "done" ? 0 : failed(replayed.outcome);
}
