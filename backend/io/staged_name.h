#pragma once

// Names of finished data files that no table knows yet, beside the files that it has: "staged-<state id>-<epoch>-<random>.parquet".
// They stay as they are once a table knows them.

#include <string>
#include <string_view>

namespace penstock {

inline std::string staged_prefix(const std::string& state_id) { return "staged-" + state_id + "-"; }

// Of rows of a table's first copy: each has a key of its own, which no row that the state has written before has had.
inline constexpr std::string_view kNewKeysSuffix = "-new.parquet";
inline bool holds_new_keys(std::string_view path) { return path.ends_with(kNewKeysSuffix); }
inline bool holds_new_keys_of(std::string_view path, const std::string& state_id) { return path.starts_with(staged_prefix(state_id)) && holds_new_keys(path); }

}  // namespace penstock
