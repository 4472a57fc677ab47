// The order inside columns: few crossings.
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/layout_graph.h"

namespace penstock::ui::layout {

namespace {

constexpr int sweeps = 8;
constexpr std::size_t transposeUpTo = 60'000;  // items: beyond it a pass costs more than it brings

// Weighted median of the neighbours' places (Gansner et al., 1993); below 0 when there are none.
float medianOf(std::span<const int> neighbours, const std::vector<int>& place, std::vector<int>& scratch) {
  const std::size_t count = neighbours.size();
  if (count == 0) return -1;
  if (count == 1) return static_cast<float>(place[static_cast<std::size_t>(neighbours[0])]);
  scratch.clear();
  for (const int neighbour : neighbours) scratch.push_back(place[static_cast<std::size_t>(neighbour)]);
  std::sort(scratch.begin(), scratch.end());
  const std::size_t middle = count / 2;
  if (count % 2 == 1) return static_cast<float>(scratch[middle]);
  if (count == 2) return static_cast<float>(scratch[0] + scratch[1]) / 2;
  const auto left = static_cast<float>(scratch[middle - 1] - scratch.front());
  const auto right = static_cast<float>(scratch.back() - scratch[middle]);
  if (left + right == 0) return static_cast<float>(scratch[middle]);
  return (static_cast<float>(scratch[middle - 1]) * right + static_cast<float>(scratch[middle]) * left) / (left + right);
}

// Sorts one column by its neighbours on one side; items without such keep their places.
void sortByMedian(ColumnGraph& graph, int column, bool byLeft, std::vector<int>& scratch,
                  std::vector<std::pair<float, int>>& keyed) {
  std::vector<int>& items = graph.columns[static_cast<std::size_t>(column)];
  keyed.clear();
  for (const int item : items) {
    const float median = medianOf(byLeft ? graph.leftOf(item) : graph.rightOf(item), graph.place, scratch);
    if (median >= 0) keyed.emplace_back(median, item);
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t next = 0;
  for (int& item : items) {
    const bool free = byLeft ? graph.leftOf(item).empty() : graph.rightOf(item).empty();
    if (!free) item = keyed[next++].second;
  }
  graph.renumber(column);
}

// Crossings between the links of two items when `a` stands above `b`.
int crossingsOf(std::span<const int> a, std::span<const int> b, const std::vector<int>& place) {
  int count = 0;
  for (const int x : a)
    for (const int y : b) count += place[static_cast<std::size_t>(x)] > place[static_cast<std::size_t>(y)];
  return count;
}

// Swaps neighbours in a column wherever that removes crossings. Returns how many went.
std::int64_t transpose(ColumnGraph& graph) {
  std::int64_t gained = 0;
  for (std::vector<int>& items : graph.columns)
    for (std::size_t i = 0; i + 1 < items.size(); ++i) {
      const int a = items[i];
      const int b = items[i + 1];
      const int now = crossingsOf(graph.leftOf(a), graph.leftOf(b), graph.place) + crossingsOf(graph.rightOf(a), graph.rightOf(b), graph.place);
      if (now == 0) continue;
      const int swapped = crossingsOf(graph.leftOf(b), graph.leftOf(a), graph.place) + crossingsOf(graph.rightOf(b), graph.rightOf(a), graph.place);
      if (swapped >= now) continue;
      std::swap(items[i], items[i + 1]);
      std::swap(graph.place[static_cast<std::size_t>(a)], graph.place[static_cast<std::size_t>(b)]);
      gained += now - swapped;
    }
  return gained;
}

}  // namespace

// Inversions between neighbouring columns with a tree of counters (Barth, Jünger, Mutzel, 2002).
std::int64_t countCrossings(const ColumnGraph& graph) {
  std::int64_t crossings = 0;
  std::vector<int> targets;
  std::vector<int> tree;
  for (std::size_t column = 0; column + 1 < graph.columns.size(); ++column) {
    std::size_t leaves = 1;
    while (leaves < graph.columns[column + 1].size()) leaves *= 2;
    tree.assign(2 * leaves, 0);
    for (const int item : graph.columns[column]) {
      targets.clear();
      for (const int next : graph.rightOf(item)) targets.push_back(graph.place[static_cast<std::size_t>(next)]);
      std::sort(targets.begin(), targets.end());
      for (const int target : targets) {
        std::size_t node = leaves + static_cast<std::size_t>(target);
        for (++tree[node]; node > 1; ++tree[node]) {
          if (node % 2 == 0) crossings += tree[node + 1];
          node /= 2;
        }
      }
    }
  }
  return crossings;
}

std::int64_t orderColumns(ColumnGraph& graph) {
  const int columns = static_cast<int>(graph.columns.size());
  std::vector<int> scratch;
  std::vector<std::pair<float, int>> keyed;
  std::vector<std::vector<int>> best = graph.columns;
  std::int64_t fewest = countCrossings(graph);
  int withoutGain = 0;
  for (int sweep = 0; sweep < sweeps && fewest > 0 && withoutGain < 3; ++sweep) {
    if (sweep % 2 == 0)
      for (int column = 1; column < columns; ++column) sortByMedian(graph, column, true, scratch, keyed);
    else
      for (int column = columns - 2; column >= 0; --column) sortByMedian(graph, column, false, scratch, keyed);
    if (graph.column.size() <= transposeUpTo) transpose(graph);
    const std::int64_t crossings = countCrossings(graph);
    ++withoutGain;
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = graph.columns;
    withoutGain = 0;
  }
  graph.columns = std::move(best);
  for (int column = 0; column < columns; ++column) graph.renumber(column);
  if (graph.column.size() <= transposeUpTo)
    for (int pass = 0; pass < 4; ++pass) {
      const std::int64_t gained = transpose(graph);
      fewest -= gained;
      if (gained == 0) break;
    }
  return fewest;
}

void orderAsBefore(ColumnGraph& graph, const std::vector<float>& previousY) {
  std::vector<float> y = previousY;
  // Twice, so that a chain of new items finds its ends.
  for (int pass = 0; pass < 2; ++pass)
    for (std::size_t item = 0; item < y.size(); ++item) {
      if (!std::isnan(previousY[item])) continue;
      float sum = 0;
      int known = 0;
      for (const auto& side : {graph.leftOf(static_cast<int>(item)), graph.rightOf(static_cast<int>(item))})
        for (const int neighbour : side)
          if (const float at = y[static_cast<std::size_t>(neighbour)]; !std::isnan(at)) {
            sum += at;
            ++known;
          }
      if (known > 0) y[item] = sum / static_cast<float>(known);
    }
  const auto key = [&](int item) {
    const float at = y[static_cast<std::size_t>(item)];
    return std::isnan(at) ? std::numeric_limits<float>::max() : at;
  };
  for (int column = 0; column < static_cast<int>(graph.columns.size()); ++column) {
    std::vector<int>& items = graph.columns[static_cast<std::size_t>(column)];
    std::stable_sort(items.begin(), items.end(), [&](int a, int b) { return key(a) < key(b); });
    graph.renumber(column);
  }
}

}  // namespace penstock::ui::layout
