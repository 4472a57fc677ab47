#include "io/value_checker.h"

#include <algorithm>
#include <charconv>

#include <re2/re2.h>

#include "io/scalar_text.h"

namespace penstock {
namespace {

std::int64_t characters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

std::string choices(const std::vector<std::string>& values, std::string_view quote) {
  std::string out = "one of ";
  for (std::size_t i = 0; i < values.size() && i < 10; ++i) out.append(i == 0 ? "" : ", ").append(quote).append(values[i]).append(quote);
  if (values.size() > 10) out += ", …";
  return out;
}

std::string number_text(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace

struct ValueChecker::Pattern {
  explicit Pattern(const std::string& text) : compiled(text, RE2::Quiet) {}
  RE2 compiled;
};

ValueChecker::ValueChecker(const ValueChecks& checks)
    : checks_(checks), pattern_(checks.pattern.empty() ? nullptr : std::make_unique<Pattern>(checks.pattern)) {}
ValueChecker::ValueChecker(ValueChecker&&) noexcept = default;
ValueChecker& ValueChecker::operator=(ValueChecker&&) noexcept = default;
ValueChecker::~ValueChecker() = default;

Result<ValueChecker> ValueChecker::make(const ValueChecks& checks) {
  ValueChecker checker(checks);
  if (checker.pattern_ && !checker.pattern_->compiled.ok())
    return Error(ErrorKind::invalid_argument, "pattern '" + checks.pattern + "': " + checker.pattern_->compiled.error());
  return checker;
}

std::optional<std::string> ValueChecker::fault_of_text(std::string_view value) const {
  if (!checks_.one_of.empty() && std::find(checks_.one_of.begin(), checks_.one_of.end(), value) == checks_.one_of.end())
    return choices(checks_.one_of, "\"");
  if (checks_.min_length && characters(value) < *checks_.min_length) return "at least " + std::to_string(*checks_.min_length) + " characters";
  if (checks_.max_length && characters(value) > *checks_.max_length) return "at most " + std::to_string(*checks_.max_length) + " characters";
  if (checks_.uuid && !is_uuid(value)) return "a UUID";
  if (pattern_ && !RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), pattern_->compiled))
    return "text that matches " + checks_.pattern;
  return std::nullopt;
}

std::optional<std::string> ValueChecker::fault_of_number(double value, std::string_view as_written) const {
  if (!checks_.one_of.empty()) {
    const bool allowed = std::any_of(checks_.one_of.begin(), checks_.one_of.end(),
                                     [&](const std::string& one) { return one == as_written || parse_real(one) == value; });
    if (!allowed) return choices(checks_.one_of, "");
  }
  if (checks_.minimum && (checks_.minimum_exclusive ? value <= *checks_.minimum : value < *checks_.minimum))
    return std::string(checks_.minimum_exclusive ? "more than " : "at least ") + number_text(*checks_.minimum);
  if (checks_.maximum && (checks_.maximum_exclusive ? value >= *checks_.maximum : value > *checks_.maximum))
    return std::string(checks_.maximum_exclusive ? "less than " : "at most ") + number_text(*checks_.maximum);
  return std::nullopt;
}

}  // namespace penstock
