#include "workspace/spec.h"

#include <algorithm>

namespace penstock {
namespace {

template <typename T>
const T* find_by_name(const std::vector<T>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

const StreamSpec* Workspace::find_stream(std::string_view name) const { return find_by_name(streams, name); }

const ConnectionSpec* Workspace::find_connection(std::string_view name) const { return find_by_name(connections, name); }

}  // namespace penstock
