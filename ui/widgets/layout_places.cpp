// The place of every item in its column: near its neighbours, never nearer to the next item than allowed.
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/layout_graph.h"

namespace penstock::ui::layout {

namespace {

constexpr int rounds = 6;

// For one column: least squares of (y - wanted) under y[i + 1] - y[i] >= distance, by pooling adjacent violators
// (Ayer et al., 1955) on places from which the distances are subtracted.
class Column {
 public:
  Column(const ColumnGraph& graph, const LayoutInput& input) : graph_(graph), input_(input) {}

  void settle(const std::vector<int>& items, const std::vector<float>& wanted, const std::vector<float>& weight, std::vector<float>& y) {
    blocks_.clear();
    float shift = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto item = static_cast<std::size_t>(items[i]);
      if (i > 0) shift += distance(items[i - 1], items[i]);
      blocks_.push_back({(wanted[item] - shift) * weight[item], weight[item], 1});
      while (blocks_.size() > 1 && blocks_[blocks_.size() - 2].mean() > blocks_.back().mean()) {
        const Block last = blocks_.back();
        blocks_.pop_back();
        blocks_.back().sum += last.sum;
        blocks_.back().weight += last.weight;
        blocks_.back().items += last.items;
      }
    }
    shift = 0;
    std::size_t i = 0;
    for (const Block& block : blocks_)
      for (int k = 0; k < block.items; ++k, ++i) {
        if (i > 0) shift += distance(items[i - 1], items[i]);
        y[static_cast<std::size_t>(items[i])] = block.mean() + shift;
      }
  }

  // As settle(), but what is `fixed` moves as little as possible, none more than half the room that is missing: the least
  // maximum instead of the least sum. What is free stands as near to its wish as they leave room.
  template <typename Fixed>
  void keep(const std::vector<int>& items, const std::vector<float>& wanted, const Fixed& fixed, std::vector<float>& y) {
    constexpr float infinite = std::numeric_limits<float>::infinity();
    const std::size_t count = items.size();
    std::vector<float> shift(count, 0);
    std::vector<float> low(count, -infinite);
    std::vector<float> high(count, infinite);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) {
        shift[i] = shift[i - 1] + distance(items[i - 1], items[i]);
        low[i] = low[i - 1];
      }
      if (fixed(items[i])) low[i] = std::max(low[i], wanted[static_cast<std::size_t>(items[i])] - shift[i]);
    }
    for (std::size_t i = count; i-- > 0;) {
      if (i + 1 < count) high[i] = high[i + 1];
      if (fixed(items[i])) high[i] = std::min(high[i], wanted[static_cast<std::size_t>(items[i])] - shift[i]);
    }
    float before = -infinite;
    for (std::size_t i = 0; i < count; ++i) {
      const auto item = static_cast<std::size_t>(items[i]);
      float at = fixed(items[i]) || low[i] > high[i] ? (low[i] + high[i]) / 2 : std::clamp(wanted[item] - shift[i], low[i], high[i]);
      before = at = std::max(at, before);
      y[item] = at + shift[i];
    }
  }

 private:
  struct Block {
    float sum;
    float weight;
    int items;

    float mean() const { return sum / weight; }
  };

  float distance(int above, int below) const {
    if (graph_.isBend(above) && graph_.isBend(below)) return input_.bendGap;
    if (graph_.isBend(above) || graph_.isBend(below)) return input_.nodeHeight / 2 + input_.bendGap;
    return input_.nodeHeight + input_.rowGap;
  }

  const ColumnGraph& graph_;
  const LayoutInput& input_;
  std::vector<Block> blocks_;
};

// Mean of the neighbours; links between bends count more, so that long edges run straight.
float wish(const ColumnGraph& graph, int item, const std::vector<float>& y, bool left, bool right) {
  float sum = 0;
  float weights = 0;
  const auto add = [&](std::span<const int> neighbours) {
    for (const int neighbour : neighbours) {
      const float weight = graph.isBend(item) && graph.isBend(neighbour) ? 8.f : graph.isBend(item) || graph.isBend(neighbour) ? 2.f : 1.f;
      sum += weight * y[static_cast<std::size_t>(neighbour)];
      weights += weight;
    }
  };
  if (left) add(graph.leftOf(item));
  if (right) add(graph.rightOf(item));
  return weights > 0 ? sum / weights : y[static_cast<std::size_t>(item)];
}

std::vector<float> placeFreely(const ColumnGraph& graph, const LayoutInput& input) {
  const std::size_t items = graph.column.size();
  std::vector<float> y(items);
  std::vector<float> wanted(items, 0);
  std::vector<float> weight(items, 1);
  Column column(graph, input);
  // Start: every column packed around the middle.
  for (const std::vector<int>& order : graph.columns) column.settle(order, wanted, weight, y);
  for (int item = 0; item < static_cast<int>(items); ++item)
    weight[static_cast<std::size_t>(item)] =
        graph.isBend(item) ? 2.f : 1.f + static_cast<float>(graph.leftOf(item).size() + graph.rightOf(item).size());

  const int columns = static_cast<int>(graph.columns.size());
  const auto settle = [&](int which, bool left, bool right) {
    const std::vector<int>& order = graph.columns[static_cast<std::size_t>(which)];
    for (const int item : order) wanted[static_cast<std::size_t>(item)] = wish(graph, item, y, left, right);
    column.settle(order, wanted, weight, y);
  };
  for (int round = 0; round < rounds; ++round) {
    const bool last = round >= rounds - 2;  // at the end both sides count, so that neither looks dragged
    for (int which = 0; which < columns; ++which) settle(which, true, last);
    for (int which = columns - 1; which >= 0; --which) settle(which, last, true);
  }
  // Last from the left alone: a chain becomes one straight line.
  for (int which = 1; which < columns; ++which) settle(which, true, false);
  if (items == 0) return y;
  const float top = *std::min_element(y.begin(), y.end());
  for (float& value : y) value -= top;
  return y;
}

std::vector<float> placeAsBefore(const ColumnGraph& graph, const LayoutInput& input, const std::vector<float>& previousY) {
  const auto fixed = [&](int item) { return !std::isnan(previousY[static_cast<std::size_t>(item)]); };
  std::vector<float> y(previousY);
  for (float& value : y)
    if (std::isnan(value)) value = 0;
  std::vector<float> wanted(previousY);
  Column column(graph, input);
  // Twice, so that a chain of new items finds its ends.
  for (int round = 0; round < 2; ++round)
    for (const std::vector<int>& order : graph.columns) {
      for (const int item : order)
        if (!fixed(item)) wanted[static_cast<std::size_t>(item)] = wish(graph, item, y, true, true);
      column.keep(order, wanted, fixed, y);
    }
  return y;
}

}  // namespace

std::vector<float> placeItems(const ColumnGraph& graph, const LayoutInput& input, const std::vector<float>& previousY) {
  return previousY.empty() ? placeFreely(graph, input) : placeAsBefore(graph, input, previousY);
}

}  // namespace penstock::ui::layout
