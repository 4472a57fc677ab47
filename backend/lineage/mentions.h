#pragma once

#include <set>
#include <string>
#include <string_view>

namespace penstock {

// The names of two parts ("ref.stores", "silver.customers") that a SQL text mentions outside of strings and comments, in lower
// case. Columns of an alias ("s.id") are among them: a caller keeps those that it knows as tables.
std::set<std::string> mentioned_names(std::string_view sql);

}  // namespace penstock
