// pod_killed_bench [--times N] [--json]: kill -9 of the demo's shared pod, at demo load, until each of its eleven streams
// is as close behind its source as before, in another process.

#include <QCoreApplication>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "bench/bench_report.h"
#include "bench/engine_process.h"
#include "bench/retail_copy.h"

using namespace penstock;

namespace {

using namespace std::chrono_literals;

constexpr const char* kPod = "shared-0";
constexpr std::int64_t kCloseRows = 50;       // a tenth of a second of the demo

std::int64_t process_of(const bench::Picture& picture) {
  const auto found = picture.pods.find(kPod);
  return found == picture.pods.end() ? 0 : found->second.process_id();
}

// Every stream of the pod has closed an epoch after `since` and has next to nothing to catch up with.
bool caught_up(const bench::Picture& picture, std::int64_t since) {
  return std::all_of(picture.pipelines.begin(), picture.pipelines.end(), [&](const auto& entry) {
    const v1::PipelineState& pipeline = entry.second;
    return pipeline.status() == v1::PIPELINE_STATUS_RUNNING && pipeline.last_epoch_at() > since && pipeline.behind_rows() >= 0 && pipeline.behind_rows() <= kCloseRows;
  });
}

// The seconds that it took; what went wrong in `wrong`. An engine of its own each time: one whose pod dies again and
// again holds it back on purpose.
double kill_once(const QString& workspace, std::string& wrong) {
  bench::EngineProcess engine(workspace);
  wrong = engine.start();
  if (!wrong.empty()) return 0;
  const auto settled = [](const bench::Picture& picture) {
    return picture.pipelines.size() == 12 && process_of(picture) > 0 && caught_up(picture, bench::now_micros() - 1'000'000);
  };
  if (!engine.wait_for(settled, 60s)) {
    wrong = "the demo does not come to run steadily";
    return 0;
  }
  const std::int64_t process = process_of(engine.now()), killed_at = bench::now_micros();
  if (::kill(static_cast<pid_t>(process), SIGKILL) != 0) {
    wrong = "the pod cannot be killed";
    return 0;
  }
  const auto again = [&](const bench::Picture& picture) { return process_of(picture) != process && caught_up(picture, killed_at); };
  if (!engine.wait_for(again, 60s)) wrong = "the pod does not come back";
  return static_cast<double>(bench::now_micros() - killed_at) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  const QCoreApplication application(argc, argv);
  const auto times = static_cast<int>(bench::number_after(argc, argv, "--times", 5));
  const QTemporaryDir folder;
  if (!bench::write_steady_retail(folder.filePath("retail"))) return 1;
  std::vector<double> seconds;
  while (static_cast<int>(seconds.size()) < times) {
    std::string wrong;
    seconds.push_back(kill_once(folder.filePath("retail"), wrong));
    if (!wrong.empty()) {
      std::fprintf(stderr, "%s\n", wrong.c_str());
      return 1;
    }
    std::fprintf(stderr, "caught up after %.2f s\n", seconds.back());
  }
  bench::print({.benchmark = "pod_killed",
                .metrics = {{"pod killed to caught up, worst", *std::max_element(seconds.begin(), seconds.end()), "s", "<= 3"},
                            {"pod killed to caught up, best", *std::min_element(seconds.begin(), seconds.end()), "s", ""}},
                .conditions = {{"times", std::to_string(times)}, {"load", "580 events/s over 12 sources, 11 of them in the pod"}, {"caught up", "at most 50 rows behind in each stream, as an API client sees it"}}},
               argc, argv);
  return 0;
}
