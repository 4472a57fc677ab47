#pragma once

#include <optional>
#include <string>

namespace penstock {

// Something wrong in a step's SQL, before it runs.
struct SqlProblem {
  std::string message;                   // "aggregates are not allowed in a step without a window: sum()"
  std::string expected;                  // what to write instead; empty: nothing to say
  std::string suggestion;                // "did you mean 'qty'?"; empty: no name is near
  std::optional<std::size_t> offset;     // byte of that SQL text
  int expectation = -1;                  // whose SQL: -1 the step's own, else the place of the expectation
  bool in_on = false;                    // of a join: in its condition, not in what it selects
};

}  // namespace penstock
