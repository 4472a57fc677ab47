#include "ml/tree_check.h"

#include <charconv>

namespace penstock {

void TreeCheck::add(std::string_view name, std::int64_t value) {
  if (name == "left_children") left_.push_back(value);
  else if (name == "right_children") right_.push_back(value);
  else if (name == "split_indices") feature_.push_back(value);
  else if (name == "parents") parents_.push_back(value);
  else if (name == "split_conditions") ++conditions_;
  else if (name == "default_left") ++defaults_;
  else if (name == "base_weights") ++weights_;
  else if (name == "loss_changes") ++losses_;
  else if (name == "sum_hessian") ++hessians_;
  else if (name == "split_type") {
    ++split_types_;
    categories_ = categories_ || value != 0;
  } else if (name.starts_with("categories")) categories_ = true;
}

void TreeCheck::set_nodes(std::string_view count) {
  if (std::from_chars(count.data(), count.data() + count.size(), nodes_).ptr != count.data() + count.size()) nodes_ = -1;
}

std::string TreeCheck::end(std::int64_t& features) const {
  const std::size_t nodes = left_.size();
  for (const std::size_t length : {right_.size(), feature_.size(), parents_.size(), conditions_, defaults_, weights_, losses_, hessians_, nodes_ < 0 ? 0 : static_cast<std::size_t>(nodes_)})
    if (length != nodes || nodes == 0) return "its arrays are not of one length";
  if (split_types_ != 0 && split_types_ != nodes) return "its arrays are not of one length";
  if (categories_) return "it asks for categories";
  // The library looks at the parent of every node but the root.
  for (std::size_t node = 1; node < nodes; ++node)
    if (parents_[node] < 0 || parents_[node] >= static_cast<std::int64_t>(nodes)) return "a node has no parent";
  // From the root each node is come to once at most, so every way ends at a leaf.
  std::vector<bool> seen(nodes, false);
  std::vector<std::int64_t> open{0};
  seen[0] = true;
  while (!open.empty()) {
    const auto node = static_cast<std::size_t>(open.back());
    open.pop_back();
    if (left_[node] == -1 && right_[node] == -1) continue;
    if (feature_[node] < 0) return "a node asks for no feature";
    features = std::max(features, feature_[node] + 1);
    for (const std::int64_t child : {left_[node], right_[node]}) {
      if (child < 0 || child >= static_cast<std::int64_t>(nodes)) return "a node leads out of it";
      if (seen[static_cast<std::size_t>(child)]) return "its nodes lead in a circle";
      seen[static_cast<std::size_t>(child)] = true;
      open.push_back(child);
    }
  }
  return "";
}

}  // namespace penstock
