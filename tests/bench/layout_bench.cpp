// What laying out the lineage graph costs: random directed graphs as in the measurements of OGDF, and how far things
// move when one node is added.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>

#include "bench/bench_report.h"
#include "widgets/layered_layout.h"

using namespace penstock;

namespace {

constexpr unsigned seed = 20261121;

// Every edge leads from a lower to a higher number, chosen evenly.
ui::LayoutInput random_graph(int nodes, int edges) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> any(0, nodes - 1);
  ui::LayoutInput input;
  input.nodes = nodes;
  while (static_cast<int>(input.edges.size()) < edges) {
    const int a = any(random);
    const int b = any(random);
    if (a != b) input.edges.emplace_back(std::min(a, b), std::max(a, b));
  }
  return input;
}

// A workspace's lineage: five layers, every node reads one to five of the layer before.
ui::LayoutInput lineage_graph(int nodes, int edges) {
  std::mt19937 random(seed);
  ui::LayoutInput input;
  input.nodes = nodes;
  input.groups.resize(static_cast<std::size_t>(nodes));
  const int layer = nodes / 5;
  for (int node = 0; node < nodes; ++node) input.groups[static_cast<std::size_t>(node)] = std::min(4, node / layer);
  while (static_cast<int>(input.edges.size()) < edges) {
    const int to = std::uniform_int_distribution<int>(layer, nodes - 1)(random);
    const int place = to % layer;  // mostly neighbours: pipelines of one domain read each other
    const int from = std::clamp(place + std::uniform_int_distribution<int>(-8, 8)(random), 0, layer - 1) + (to / layer - 1) * layer;
    input.edges.emplace_back(std::min(from, nodes - 1), to);
  }
  return input;
}

struct Run {
  double milliseconds = std::numeric_limits<double>::infinity();
  ui::LayoutResult result;
};

Run best_of(int times, const ui::LayoutInput& input) {
  Run run;
  for (int i = 0; i < times; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run.result = ui::layeredLayout(input);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    run.milliseconds = std::min(run.milliseconds, took.count());
  }
  return run;
}

// Share of the old nodes that move less than 50 px when one node with two edges comes.
double share_that_stays(ui::LayoutInput input, const ui::LayoutResult& before) {
  const int added = input.nodes++;
  input.edges.emplace_back(added / 3, added);
  input.edges.emplace_back(added / 2, added);
  if (!input.groups.empty()) input.groups.push_back(4);
  input.previousY = before.y;
  input.previousY.push_back(std::numeric_limits<float>::quiet_NaN());
  input.previousBends = before.bends;
  const ui::LayoutResult after = ui::layeredLayout(input);
  int stay = 0;
  for (std::size_t node = 0; node < before.y.size(); ++node)
    stay += std::hypot(after.x[node] - before.x[node], after.y[node] - before.y[node]) < 50;
  return 100.0 * stay / static_cast<double>(before.y.size());
}

}  // namespace

int main(int argc, char** argv) {
  const Run small = best_of(5, random_graph(1'000, 3'000));
  const Run large = best_of(2, random_graph(10'000, 30'000));
  const ui::LayoutInput lineage = lineage_graph(1'000, 3'000);
  const Run layered = best_of(5, lineage);
  const Run large_layered = best_of(2, lineage_graph(10'000, 30'000));

  bench::Report report;
  report.benchmark = "layout";
  report.metrics = {
      {"1,000 nodes, 3,000 random edges", small.milliseconds, "ms", "<= 60"},
      {"10,000 nodes, 30,000 random edges", large.milliseconds, "ms", "<= 1000"},
      {"1,000 nodes, 3,000 edges of lineage", layered.milliseconds, "ms", "<= 60"},
      {"10,000 nodes, 30,000 edges of lineage", large_layered.milliseconds, "ms", "<= 1000"},
      {"crossings, 1,000 random", static_cast<double>(small.result.crossings), "crossings", ""},
      {"crossings, 10,000 random", static_cast<double>(large.result.crossings), "crossings", ""},
      {"nodes that move less than 50 px when one is added", share_that_stays(lineage, layered.result), "percent", ">= 95"},
  };
  report.peers = {{"OGDF OptimalRanking + Median + FastHierarchy, 1,000 nodes", 60, "ms", ""},
                  {"OGDF OptimalRanking + Median + FastHierarchy, 10,000 nodes", 1'070, "ms", ""},
                  {"elkjs, 1,000 nodes", 6'200, "ms", ""}};
  report.conditions = {{"seed", std::to_string(seed)}};
  bench::print(report, argc, argv);
  return 0;
}
