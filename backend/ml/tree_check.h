#pragma once

// One tree of a model's file while it is read: the few arrays that say where a row goes. Private to this folder.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

class TreeCheck {
 public:
  void begin() { *this = TreeCheck(); }
  // A value of the tree's array `name`; whatever does not lead rows is passed over. A real number stands as 0.
  void add(std::string_view name, std::int64_t value);
  // Why XGBoost must not see this tree; empty: it may. `features`: one more than the greatest feature that it asks for, at least.
  std::string end(std::int64_t& features) const;
  std::int64_t id() const { return id_; }
  void set_id(std::int64_t id) { id_ = id; }
  void set_nodes(std::string_view count);

 private:
  std::int64_t id_ = -1;
  std::int64_t nodes_ = -1;            // as its `tree_param` says
  std::vector<std::int64_t> left_, right_, feature_, parents_;
  std::size_t conditions_ = 0, defaults_ = 0, weights_ = 0, losses_ = 0, hessians_ = 0, split_types_ = 0;
  bool categories_ = false;
};

}  // namespace penstock
