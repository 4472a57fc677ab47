#include "widgets/layered_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/layout_graph.h"

namespace penstock::ui {

namespace {

// Where nodes and bends were before; empty when nothing is known.
std::vector<float> previousOfItems(const LayoutInput& input, const layout::Ranks& ranks, const layout::ColumnGraph& graph) {
  const bool known = std::any_of(input.previousY.begin(), input.previousY.end(), [](float y) { return !std::isnan(y); });
  if (!known) return {};
  std::vector<float> previous(graph.column.size(), std::numeric_limits<float>::quiet_NaN());
  std::copy(input.previousY.begin(), input.previousY.end(), previous.begin());
  for (std::size_t edge = 0; edge < input.previousBends.size(); ++edge) {
    const std::vector<int>& items = graph.bends[edge];
    std::vector<float> before = input.previousBends[edge];
    if (before.size() != items.size()) continue;
    if (ranks.reversed[edge]) std::reverse(before.begin(), before.end());
    for (std::size_t i = 0; i < items.size(); ++i) previous[static_cast<std::size_t>(items[i])] = before[i];
  }
  return previous;
}

}  // namespace

LayoutResult layeredLayout(const LayoutInput& input) {
  const layout::Ranks ranks = layout::rankNodes(input);
  layout::ColumnGraph graph = layout::columnGraph(input, ranks);
  const std::vector<float> previous = previousOfItems(input, ranks, graph);

  LayoutResult result;
  if (previous.empty()) {
    result.crossings = layout::orderColumns(graph);
  } else {
    layout::orderAsBefore(graph, previous);
    result.crossings = layout::countCrossings(graph);
  }
  const std::vector<float> y = layout::placeItems(graph, input, previous);

  const auto nodes = static_cast<std::size_t>(input.nodes);
  result.column = ranks.column;
  result.groupOfColumn = ranks.groupOfColumn;
  result.y.assign(y.begin(), y.begin() + input.nodes);
  result.x.resize(nodes);
  for (std::size_t node = 0; node < nodes; ++node) result.x[node] = static_cast<float>(ranks.column[node]) * input.columnPitch;
  result.bends.resize(input.edges.size());
  for (std::size_t edge = 0; edge < input.edges.size(); ++edge) {
    for (const int item : graph.bends[edge]) result.bends[edge].push_back(y[static_cast<std::size_t>(item)]);
    if (ranks.reversed[edge]) std::reverse(result.bends[edge].begin(), result.bends[edge].end());
  }
  return result;
}

}  // namespace penstock::ui
