// Columns: which node stands in which, and which edges lead backwards.
#include <algorithm>

#include "widgets/layout_graph.h"

namespace penstock::ui::layout {

namespace {

using Adjacency = std::vector<std::vector<int>>;  // per node: indices of edges

struct Edges {
  Adjacency out;
  Adjacency in;
};

Edges adjacency(const LayoutInput& input) {
  Edges edges{Adjacency(static_cast<std::size_t>(input.nodes)), Adjacency(static_cast<std::size_t>(input.nodes))};
  for (std::size_t edge = 0; edge < input.edges.size(); ++edge) {
    const auto [from, to] = input.edges[edge];
    if (from == to) continue;
    edges.out[static_cast<std::size_t>(from)].push_back(static_cast<int>(edge));
    edges.in[static_cast<std::size_t>(to)].push_back(static_cast<int>(edge));
  }
  return edges;
}

// Edges that close a cycle on a depth-first walk, and the nodes in an order in which all other edges lead forward.
struct Walk {
  std::vector<bool> closing;
  std::vector<int> order;
};

Walk walk(const LayoutInput& input, const Edges& edges) {
  enum : char { unseen, open, done };
  const auto nodes = static_cast<std::size_t>(input.nodes);
  Walk result{std::vector<bool>(input.edges.size()), {}};
  std::vector<char> state(nodes, unseen);
  std::vector<std::pair<int, std::size_t>> stack;
  const auto visit = [&](int root) {
    if (state[static_cast<std::size_t>(root)] != unseen) return;
    stack.emplace_back(root, 0);
    state[static_cast<std::size_t>(root)] = open;
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      const auto& out = edges.out[static_cast<std::size_t>(node)];
      if (next == out.size()) {
        state[static_cast<std::size_t>(node)] = done;
        result.order.push_back(node);
        stack.pop_back();
        continue;
      }
      const int edge = out[next++];
      const int to = input.edges[static_cast<std::size_t>(edge)].second;
      if (state[static_cast<std::size_t>(to)] == open) {
        result.closing[static_cast<std::size_t>(edge)] = true;
      } else if (state[static_cast<std::size_t>(to)] == unseen) {
        state[static_cast<std::size_t>(to)] = open;
        stack.emplace_back(to, 0);
      }
    }
  };
  // True sources first, so that a cycle is cut where it is entered.
  for (int node = 0; node < input.nodes; ++node)
    if (edges.in[static_cast<std::size_t>(node)].empty()) visit(node);
  for (int node = 0; node < input.nodes; ++node) visit(node);
  std::reverse(result.order.begin(), result.order.end());
  return result;
}

std::vector<int> completeGroups(const LayoutInput& input, const Edges& edges, const Walk& walk) {
  std::vector<int> groups = input.groups;
  groups.resize(static_cast<std::size_t>(input.nodes), -1);
  for (const int node : walk.order) {
    int& group = groups[static_cast<std::size_t>(node)];
    if (group >= 0) continue;
    group = 0;
    for (const int edge : edges.in[static_cast<std::size_t>(node)])
      if (!walk.closing[static_cast<std::size_t>(edge)])
        group = std::max(group, groups[static_cast<std::size_t>(input.edges[static_cast<std::size_t>(edge)].first)]);
  }
  return groups;
}

}  // namespace

Ranks rankNodes(const LayoutInput& input) {
  const Edges edges = adjacency(input);
  const Walk order = walk(input, edges);
  const std::vector<int> group = completeGroups(input, edges, order);
  const auto endsOf = [&](int edge) { return input.edges[static_cast<std::size_t>(edge)]; };
  const auto sameGroup = [&](int edge) {
    return !order.closing[static_cast<std::size_t>(edge)] &&
           group[static_cast<std::size_t>(endsOf(edge).first)] == group[static_cast<std::size_t>(endsOf(edge).second)];
  };

  // Longest path inside each group.
  std::vector<int> step(static_cast<std::size_t>(input.nodes), 0);
  std::vector<int> widest(1, 0);
  for (const int node : order.order) {
    int& own = step[static_cast<std::size_t>(node)];
    for (const int edge : edges.in[static_cast<std::size_t>(node)])
      if (sameGroup(edge)) own = std::max(own, step[static_cast<std::size_t>(endsOf(edge).first)] + 1);
    const auto of = static_cast<std::size_t>(group[static_cast<std::size_t>(node)]);
    if (of >= widest.size()) widest.resize(of + 1, -1);
    widest[of] = std::max(widest[of], own);
  }
  // A node that feeds more than it reads stands before what it feeds: shorter edges in sum.
  for (auto node = order.order.rbegin(); node != order.order.rend(); ++node) {
    const auto& out = edges.out[static_cast<std::size_t>(*node)];
    if (out.size() <= edges.in[static_cast<std::size_t>(*node)].size()) continue;
    int nearest = -1;
    bool leaves = false;
    for (const int edge : out) {
      if (!sameGroup(edge)) {
        leaves = true;
        continue;
      }
      const int to = step[static_cast<std::size_t>(endsOf(edge).second)];
      nearest = nearest < 0 ? to : std::min(nearest, to);
    }
    int& own = step[static_cast<std::size_t>(*node)];
    if (nearest > 0 && !leaves) own = std::max(own, nearest - 1);
  }

  Ranks ranks;
  std::vector<int> start(widest.size() + 1, 0);
  for (std::size_t of = 0; of < widest.size(); ++of) {
    start[of + 1] = start[of] + widest[of] + 1;
    ranks.groupOfColumn.insert(ranks.groupOfColumn.end(), static_cast<std::size_t>(widest[of] + 1), static_cast<int>(of));
  }
  ranks.column.resize(static_cast<std::size_t>(input.nodes));
  for (std::size_t node = 0; node < ranks.column.size(); ++node)
    ranks.column[node] = start[static_cast<std::size_t>(group[node])] + step[node];
  ranks.reversed.resize(input.edges.size());
  for (std::size_t edge = 0; edge < input.edges.size(); ++edge) {
    const auto [from, to] = input.edges[edge];
    ranks.reversed[edge] = ranks.column[static_cast<std::size_t>(from)] > ranks.column[static_cast<std::size_t>(to)];
  }
  return ranks;
}

}  // namespace penstock::ui::layout
