#pragma once

// Private to this folder: how deep JSON of a table's log is nested. To write it again goes down level by level, and anybody may have
// written it.

#include <algorithm>

#include <nlohmann/json.hpp>

namespace penstock::delta {

inline bool is_deeper_than(int levels, const nlohmann::ordered_json& json) {
  if (!json.is_structured()) return false;
  return levels == 0 || std::any_of(json.begin(), json.end(), [&](const auto& inside) { return is_deeper_than(levels - 1, inside); });
}

}  // namespace penstock::delta
