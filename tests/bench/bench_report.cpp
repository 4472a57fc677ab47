#include "bench/bench_report.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>

#include <nlohmann/json.hpp>

namespace penstock::bench {
namespace {

nlohmann::ordered_json to_json(const std::vector<Metric>& metrics, bool with_goal) {
  auto list = nlohmann::ordered_json::array();
  for (const Metric& metric : metrics) {
    nlohmann::ordered_json entry = {{"name", metric.name}, {"value", metric.value}, {"unit", metric.unit}};
    if (with_goal) entry["goal"] = metric.goal;
    list.push_back(std::move(entry));
  }
  return list;
}

void print_table(const char* title, const std::vector<Metric>& metrics) {
  for (const Metric& metric : metrics)
    std::printf("%-8s %-44s %14.2f %-14s %s\n", title, metric.name.c_str(), metric.value, metric.unit.c_str(), metric.goal.c_str());
}

}  // namespace

void print(const Report& report, int argc, char** argv) {
  auto conditions = report.conditions;
  conditions.emplace_back("cores", std::to_string(std::thread::hardware_concurrency()));
#ifdef __VERSION__
  conditions.emplace_back("compiler", __VERSION__);
#endif
#ifdef __OPTIMIZE__
  conditions.emplace_back("optimised", "yes");
#else
  conditions.emplace_back("optimised", "no");
#endif
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") != 0) continue;
    nlohmann::ordered_json json = {{"benchmark", report.benchmark}};
    json["metrics"] = to_json(report.metrics, true);
    json["floors"] = to_json(report.floors, false);
    json["peers"] = to_json(report.peers, false);
    json["conditions"] = nlohmann::ordered_json::object();
    for (const auto& [name, value] : conditions) json["conditions"][name] = value;
    std::printf("%s\n", json.dump().c_str());
    return;
  }
  std::printf("%s\n", report.benchmark.c_str());
  print_table("", report.metrics);
  print_table("floor", report.floors);
  print_table("peer", report.peers);
  for (const auto& [name, value] : conditions) std::printf("         %s: %s\n", name.c_str(), value.c_str());
}

std::int64_t number_after(int argc, char** argv, const char* name, std::int64_t otherwise) {
  for (int i = 1; i + 1 < argc; ++i)
    if (std::strcmp(argv[i], name) == 0) return std::atoll(argv[i + 1]);
  return otherwise;
}

std::int64_t now_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace penstock::bench
