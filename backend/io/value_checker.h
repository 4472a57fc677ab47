#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/contract.h"

namespace penstock {

// Carries out the checks of one field. Immutable after construction, thread-safe.
class ValueChecker {
 public:
  // Error: invalid_argument for a pattern that is none.
  static Result<ValueChecker> make(const ValueChecks& checks);

  ValueChecker(ValueChecker&&) noexcept;
  ValueChecker& operator=(ValueChecker&&) noexcept;
  ~ValueChecker();

  // What was expected instead ("one of \"a\", \"b\""); none when the value is right.
  std::optional<std::string> fault_of_text(std::string_view value) const;
  std::optional<std::string> fault_of_number(double value, std::string_view as_written) const;

 private:
  struct Pattern;
  explicit ValueChecker(const ValueChecks& checks);

  ValueChecks checks_;
  std::unique_ptr<Pattern> pattern_;
};

}  // namespace penstock
