#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace penstock::ui {

// A directed graph as columns from left to right, after Sugiyama, Tagawa and Toda (1981): columns by longest path, order
// in a column by medians and transposition, places by least squares with minimum distances. Pure and reentrant: run it
// on any thread. Cycles, parallel edges and self-loops are allowed; a loop is drawn by nobody.
//
// Measured in tests/bench/layout_bench.cpp.

struct LayoutInput {
  int nodes = 0;
  std::vector<std::pair<int, int>> edges;  // from → to
  // Per node: the group of columns it belongs to, from left to right; -1: that of its predecessors. Empty: one group.
  std::vector<int> groups;

  // Of the layout before, in today's indices: what is known stays where it was, and only what is new finds a place.
  // Empty when there is none; NaN (or no bends) for what is new.
  std::vector<float> previousY;
  std::vector<std::vector<float>> previousBends;

  float nodeHeight = 62;
  float rowGap = 26;       // between two nodes of a column
  float bendGap = 14;      // between a passing edge and its neighbours
  float columnPitch = 252;
};

struct LayoutResult {
  std::vector<float> x;  // centres of nodes; 0 is the first column
  std::vector<float> y;  // 0 is the topmost item, unless there was a layout before
  std::vector<int> column;                // per node
  std::vector<std::vector<float>> bends;  // per edge: its y in each column that it passes, in its own direction
  std::vector<int> groupOfColumn;
  std::int64_t crossings = 0;
};

LayoutResult layeredLayout(const LayoutInput& input);

}  // namespace penstock::ui
