// idle_pod_bench [--seconds N] [--json]: what a pod with eleven streams costs while their sources give nothing.

#include <QCoreApplication>

#include <cstdio>

#include "bench/bench_report.h"
#include "bench/engine_process.h"
#include "bench/retail_copy.h"

using namespace penstock;

namespace {

using namespace std::chrono_literals;

constexpr auto kSettle = 10s;

bool all_run(const bench::Picture& picture) {
  if (picture.pipelines.size() != 12) return false;
  for (const auto& [name, pipeline] : picture.pipelines)
    if (pipeline.status() != v1::PIPELINE_STATUS_RUNNING) return false;
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const QCoreApplication application(argc, argv);
  const std::chrono::seconds time(bench::number_after(argc, argv, "--seconds", 30));
  const QTemporaryDir folder;
  if (!bench::write_silent_retail(folder.filePath("retail"))) return 1;
  bench::EngineProcess engine(folder.filePath("retail"));
  if (const std::string wrong = engine.start(); !wrong.empty()) {
    std::fprintf(stderr, "%s\n", wrong.c_str());
    return 1;
  }
  if (!engine.wait_for(all_run, 60s)) {
    for (const auto& [name, pipeline] : engine.now().pipelines) std::fprintf(stderr, "%s: %d %s\n", name.c_str(), pipeline.status(), pipeline.reason().c_str());
    return 1;
  }
  const auto pass = [&](std::chrono::seconds seconds) { engine.wait_for([](const bench::Picture&) { return false; }, seconds); };
  pass(kSettle);
  const v1::PodState pod = engine.now().pods.at("shared-0");
  const double before = bench::cpu_seconds_of(pod.process_id());
  pass(time);
  const double spent = bench::cpu_seconds_of(pod.process_id()) - before;
  bench::print({.benchmark = "idle_pod",
                .metrics = {{"CPU of a pod with eleven idle streams", spent / static_cast<double>(time.count()) * 100, "% of a core", "<= 1"},
                            {"memory", static_cast<double>(engine.now().pods.at("shared-0").memory_bytes()) / 1e6, "MB", "<= 250"}},
                .conditions = {{"seconds", std::to_string(time.count())}, {"sources", "folders in which nothing lies"}}},
               argc, argv);
  return 0;
}
