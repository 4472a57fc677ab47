// Nexmark's queries (tests/bench/nexmark) one after the other over the same files of events, read, computed and landed as Delta
// tables: events of the query's sources in each second of CPU, all threads together. `--events N`, of all three kinds.

#include <QDir>
#include <QTemporaryDir>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "bench/bench_report.h"
#include "bench/nexmark_events.h"
#include "engine/connectors.h"
#include "engine/workspace_control.h"
#include "stream/pod_runtime.h"

using namespace penstock;
namespace fs = std::filesystem;

namespace {

int failed(const std::string& reason) {
  std::fprintf(stderr, "%s\n", reason.c_str());
  return 1;
}

struct Run {
  double seconds = 0;
  double cpu = 0;
  std::int64_t events = 0;
};

// Until its sources have ended and everything is visible in Delta.
Result<Run> run(const ConnectorCatalog& catalog, const std::shared_ptr<const Workspace>& workspace, const std::string& stream, const std::string& folder) {
  PodRuntime pod(catalog, {.pod = "bench", .memory_bytes = std::int64_t{1} << 30});
  const auto began = std::chrono::steady_clock::now();
  const double cpu = bench::cpu_seconds();
  std::mutex mutex;
  std::condition_variable changed;
  pod.on_change([&] { changed.notify_all(); });
  PENSTOCK_TRY(pod.start({.workspace = workspace, .stream = stream, .version = 1, .state_root = folder + "/state", .tables_root = folder + "/tables"}));
  StreamReport report;
  std::unique_lock lock(mutex);
  do {
    changed.wait_for(lock, std::chrono::milliseconds(20));
    report = pod.report().streams.front();
    if (report.status == PipelineStatus::failing) return Error(ErrorKind::internal, stream + ": " + report.reason);
  } while (report.status != PipelineStatus::stopped);
  lock.unlock();
  pod.on_change({});
  PENSTOCK_TRY(pod.stop(stream, {}));
  return Run{std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(), bench::cpu_seconds() - cpu, report.rows_in};
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t events = bench::number_after(argc, argv, "--events", 1'000'000);
  QTemporaryDir folder;
  const fs::path root = folder.filePath("workspace").toStdString();
  fs::copy(qEnvironmentVariable("PENSTOCK_SOURCE").toStdString() + "/tests/bench/nexmark", root, fs::copy_options::recursive);
  bench::NexmarkEvents(1).write(root / "events", events);
  const ConnectorCatalog catalog = all_connectors(folder.filePath("state").toStdString());
  CheckedWorkspace checked = check_workspace_folder(root.string(), "", catalog);
  if (!checked.problems.empty()) return failed(checked.problems.front().to_string());
  const auto workspace = std::make_shared<const Workspace>(std::move(checked.workspace));

  std::vector<bench::Metric> metrics;
  for (const char* query : {"q0", "q4", "q5", "q7", "q8"}) {
    const auto measured = run(catalog, workspace, query, folder.path().toStdString());
    if (!measured.ok()) return failed(measured.error().to_string());
    metrics.push_back({query, static_cast<double>(measured->events) / measured->cpu, "events per CPU second", ""});
    metrics.push_back({std::string(query) + " by the clock", static_cast<double>(measured->events) / measured->seconds, "events/s", ""});
  }
  bench::print({.benchmark = "nexmark",
                .metrics = std::move(metrics),
                .conditions = {{"events", std::to_string(events)}, {"from", "files of JSON lines"}, {"until", "everything is visible in Delta"}}},
               argc, argv);
  return 0;
}
