// soak_bench [--seconds N] [--json] [--events]: ten minutes (by default one) of the demo in the real console, with its engine and
// real pods, going through its pages as a person does.
//
//   longest block    an event is posted every 10 ms; how much later than that it came, at worst
//   commit to paint  from the commit of an epoch in its pod until Overview has painted that pipeline's row with it
//   --events         on stderr, the events that took most CPU of the UI thread
// The engine's threads run in the console's process: its memory is theirs too, its UI thread's CPU is not.

#include <QTemporaryDir>

#include <cstdio>
#include <filesystem>
#include <map>

#include "bench/bench_report.h"
#include "bench/console_under_test.h"
#include "bench/engine_process.h"
#include "bench/retail_copy.h"
#include "bench/ui_meters.h"
#include "shell/page_list.h"
#include "viewmodels/pods_model.h"

using namespace penstock;
using bench::percentile;

namespace {

constexpr int kWarmUpMs = 10'000;

// Pods of this console, which are its children.
std::vector<std::int64_t> child_processes() {
  // Each thread has its own: pods are started by one of the engine's.
  std::vector<std::int64_t> children;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "children");
    for (std::int64_t child = 0; file >> child;) children.push_back(child);
  }
  return children;
}

}  // namespace

int main(int argc, char** argv) {
  const auto seconds = static_cast<int>(bench::number_after(argc, argv, "--seconds", 60));
  const QTemporaryDir folder;
  bench::use_own_home(folder.filePath("home"));
  if (!bench::write_retail(folder.filePath("retail"))) return 1;
  bench::EventMeter application(argc, argv);
  const bool tells_events = QCoreApplication::arguments().contains("--events");
  bench::DelayMeter delays;
  std::vector<double> paints;
  std::map<QString, ui::Instant> shown;
  bool measuring = false;
  bench::ConsoleUnderTest console(folder.filePath("retail"), [&](const ui::PipelinesModel& pipelines) {
    const auto now = std::chrono::system_clock::now();
    for (int row = 0; row < pipelines.rowCount(); ++row) {
      const ui::PipelineState& pipeline = pipelines.row(row).state;
      ui::Instant& last = shown[pipeline.name];
      // Epochs that Overview missed while another page was open waited for the person, not for the console.
      if (measuring && pipeline.lastEpochAt > last && last.time_since_epoch().count() > 0)
        paints.push_back(std::chrono::duration<double, std::milli>(now - pipeline.lastEpochAt).count());
      last = pipeline.lastEpochAt;
    }
  });

  // One page in ten seconds is another one than Overview, each in turn.
  size_t page = 0;
  QTimer turning;
  QObject::connect(&turning, &QTimer::timeout, [&] {
    page = (page + 1) % ui::pageList().size();
    measuring = false;
    console.window().open({{}, ui::pageList()[page].id, {}, {}});
    QTimer::singleShot(2'000, &console.window(), [&] { console.window().open({{}, "overview", {}, {}}); });
    QTimer::singleShot(2'500, &console.window(), [&] { measuring = true; });
  });

  double ui_cpu = 0, process_cpu = 0, pods_cpu = 0, console_memory = 0, largest_pod = 0;
  const auto cpu_of_pods = [] {
    double sum = 0;
    for (const std::int64_t child : child_processes()) sum += bench::cpu_seconds_of(child);
    return sum;
  };
  QTimer::singleShot(kWarmUpMs, &application, [&] {
    delays.start();
    application.measures = tells_events;
    turning.start(10'000);
    measuring = true;
    ui_cpu = bench::thread_cpu_seconds();
    process_cpu = bench::cpu_seconds();
    pods_cpu = cpu_of_pods();
  });
  QTimer::singleShot(kWarmUpMs + seconds * 1'000, &application, [&] {
    ui_cpu = bench::thread_cpu_seconds() - ui_cpu;
    process_cpu = bench::cpu_seconds() - process_cpu;
    pods_cpu = cpu_of_pods() - pods_cpu;
    console_memory = bench::resident_megabytes();
    for (const std::int64_t child : child_processes()) largest_pod = std::max(largest_pod, bench::resident_megabytes(child));
    turning.stop();
    measuring = false;
    console.close();
  });
  QApplication::exec();
  for (const auto& [event, most] : application.most_of)
    if (most > 5) std::fprintf(stderr, "%6.1f ms  %s\n", most, event.constData());
  if (paints.empty() || largest_pod == 0) {
    std::fprintf(stderr, "no data was seen\n");
    return 1;
  }
  bench::print({.benchmark = "soak",
                .metrics = {{"longest block of the UI thread", percentile(delays.delays, 1), "ms", "<= 50"},
                            {"work of the UI thread in it", delays.work_in_longest, "ms CPU", ""},
                            {"most work of the UI thread in one piece", delays.most_work, "ms CPU", "<= 50"},
                            {"UI delay p99", percentile(delays.delays, 0.99), "ms", ""},
                            {"UI thread CPU", ui_cpu / seconds * 100, "% of a core", "<= 20"},
                            {"console with its engine, CPU", process_cpu / seconds * 100, "% of a core", ""},
                            {"pods, CPU", pods_cpu / seconds * 100, "% of a core", ""},
                            {"commit to paint p99", percentile(paints, 0.99), "ms", "<= 250"},
                            {"commit to paint p50", percentile(paints, 0.5), "ms", ""},
                            {"memory of the console with its engine", console_memory, "MB", "<= 400"},
                            {"memory of the largest pod", largest_pod, "MB", "<= 250"}},
                .conditions = {{"seconds", std::to_string(seconds) + " after 10 of warming up"}, {"workspace", "retail: 580 events/s by day, 12 sources, 2 pods"},
                               {"window", "1600x1000 offscreen, another page for 2 s in every 10"}, {"samples of commit to paint", std::to_string(paints.size())}}},
               argc, argv);
  return 0;
}
