#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"

namespace penstock {

// One thing that is wrong in a workspace. All of them are collected before anything is refused.
struct Problem {
  Location at;                // file relative to the workspace, '/' between folders
  std::string message;        // what is wrong: "unknown key 'form' in a step"
  std::string expected;       // what would be right; may be empty
  std::string suggestion;     // "did you mean 'from'?"; may be empty

  // "pipelines/sales.yaml:4:3: unknown key 'form' in a step; expected one of from, sql (did you mean 'from'?)"
  std::string to_string() const;
};

using Problems = std::vector<Problem>;

// In the order in which a person reads the files.
void sort_by_place(Problems& problems);

// What a file says, fit for a message: in quotes, control characters as '.', at most 60 bytes of it.
std::string quote(std::string_view text);

// "a, b, c"
std::string joined(const std::vector<std::string>& names);

// "did you mean 'x'?" for the nearest of the known names; empty when none is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace penstock
