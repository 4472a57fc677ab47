#pragma once

// The inside of layeredLayout(): the graph once every edge leads from one column to the next.

#include <cstdint>
#include <span>
#include <vector>

#include "widgets/layered_layout.h"

namespace penstock::ui::layout {

struct Ranks {
  std::vector<int> column;         // per node
  std::vector<bool> reversed;      // per edge: leads from right to left
  std::vector<int> groupOfColumn;
};

Ranks rankNodes(const LayoutInput& input);

// Nodes first, then the bends of edges that pass columns. Neighbours are kept as one flat array.
struct ColumnGraph {
  int nodes = 0;                           // how many of the items are nodes
  std::vector<int> column;                 // per item
  std::vector<std::vector<int>> columns;   // items from top to bottom
  std::vector<int> place;                  // per item: index in its column
  std::vector<std::vector<int>> bends;     // per edge, from left to right: its items

  std::vector<int> leftStart, left;        // neighbours in the column before
  std::vector<int> rightStart, right;      // and after

  std::span<const int> leftOf(int item) const { return slice(left, leftStart, item); }
  std::span<const int> rightOf(int item) const { return slice(right, rightStart, item); }
  bool isBend(int item) const { return item >= nodes; }
  void renumber(int column);               // writes `place` after `columns` changed

 private:
  static std::span<const int> slice(const std::vector<int>& all, const std::vector<int>& start, int item) {
    const auto from = static_cast<std::size_t>(start[static_cast<std::size_t>(item)]);
    const auto to = static_cast<std::size_t>(start[static_cast<std::size_t>(item) + 1]);
    return std::span(all).subspan(from, to - from);
  }
};

ColumnGraph columnGraph(const LayoutInput& input, const Ranks& ranks);

// Orders every column for few crossings; returns how many are left.
std::int64_t orderColumns(ColumnGraph& graph);
// Orders every column by where its items were; what is new stands at the median of its neighbours.
void orderAsBefore(ColumnGraph& graph, const std::vector<float>& previousY);
std::int64_t countCrossings(const ColumnGraph& graph);

// y of every item, smallest 0. `previousY` per item holds what shall stay (NaN: free); empty: all are free.
std::vector<float> placeItems(const ColumnGraph& graph, const LayoutInput& input, const std::vector<float>& previousY);

}  // namespace penstock::ui::layout
