// Long edges become chains of bends, one in each column that they pass.
#include <algorithm>

#include "widgets/layout_graph.h"

namespace penstock::ui::layout {

namespace {

void flatten(const std::vector<std::pair<int, int>>& links, std::size_t items, bool byTarget, std::vector<int>& start,
             std::vector<int>& flat) {
  start.assign(items + 1, 0);
  for (const auto& [from, to] : links) ++start[static_cast<std::size_t>(byTarget ? to : from) + 1];
  for (std::size_t i = 0; i < items; ++i) start[i + 1] += start[i];
  flat.resize(links.size());
  std::vector<int> next(start.begin(), start.end() - 1);
  for (const auto& [from, to] : links)
    flat[static_cast<std::size_t>(next[static_cast<std::size_t>(byTarget ? to : from)]++)] = byTarget ? from : to;
}

// First places by a depth-first walk from the left, so that what belongs together starts together.
void placeByWalk(ColumnGraph& graph) {
  std::vector<bool> seen(graph.column.size());
  std::vector<int> stack;
  const auto walkFrom = [&](int root) {
    stack.push_back(root);
    while (!stack.empty()) {
      const int item = stack.back();
      stack.pop_back();
      if (seen[static_cast<std::size_t>(item)]) continue;
      seen[static_cast<std::size_t>(item)] = true;
      graph.columns[static_cast<std::size_t>(graph.column[static_cast<std::size_t>(item)])].push_back(item);
      const auto next = graph.rightOf(item);
      stack.insert(stack.end(), next.rbegin(), next.rend());
      const auto before = graph.leftOf(item);
      stack.insert(stack.end(), before.rbegin(), before.rend());
    }
  };
  for (int item = 0; item < static_cast<int>(graph.column.size()); ++item) walkFrom(item);
  for (int column = 0; column < static_cast<int>(graph.columns.size()); ++column) graph.renumber(column);
}

}  // namespace

void ColumnGraph::renumber(int which) {
  const std::vector<int>& items = columns[static_cast<std::size_t>(which)];
  for (std::size_t i = 0; i < items.size(); ++i) place[static_cast<std::size_t>(items[i])] = static_cast<int>(i);
}

ColumnGraph columnGraph(const LayoutInput& input, const Ranks& ranks) {
  ColumnGraph graph;
  graph.nodes = input.nodes;
  graph.column = ranks.column;
  graph.bends.resize(input.edges.size());
  std::vector<std::pair<int, int>> links;
  for (std::size_t edge = 0; edge < input.edges.size(); ++edge) {
    auto [from, to] = input.edges[edge];
    if (from == to) continue;
    if (ranks.reversed[edge]) std::swap(from, to);
    int before = from;
    for (int column = ranks.column[static_cast<std::size_t>(from)] + 1; column < ranks.column[static_cast<std::size_t>(to)]; ++column) {
      const int bend = static_cast<int>(graph.column.size());
      graph.column.push_back(column);
      graph.bends[edge].push_back(bend);
      links.emplace_back(before, bend);
      before = bend;
    }
    links.emplace_back(before, to);
  }
  const std::size_t items = graph.column.size();
  flatten(links, items, true, graph.leftStart, graph.left);
  flatten(links, items, false, graph.rightStart, graph.right);
  graph.columns.resize(ranks.groupOfColumn.size());
  graph.place.resize(items);
  placeByWalk(graph);
  return graph;
}

}  // namespace penstock::ui::layout
