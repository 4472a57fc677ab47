#include "io/compatibility.h"

#include <algorithm>
#include <cctype>

namespace penstock {
namespace {

constexpr std::pair<CompatibilityLevel, const char*> kNames[] = {
    {CompatibilityLevel::none, "NONE"},
    {CompatibilityLevel::backward, "BACKWARD"},
    {CompatibilityLevel::backward_transitive, "BACKWARD_TRANSITIVE"},
    {CompatibilityLevel::forward, "FORWARD"},
    {CompatibilityLevel::forward_transitive, "FORWARD_TRANSITIVE"},
    {CompatibilityLevel::full, "FULL"},
    {CompatibilityLevel::full_transitive, "FULL_TRANSITIVE"},
};

struct Scope {
  bool new_reads_old = false, old_reads_new = false, all_versions = false;
};

Scope scope_of(CompatibilityLevel level) {
  switch (level) {
    case CompatibilityLevel::none: return {};
    case CompatibilityLevel::backward: return {true, false, false};
    case CompatibilityLevel::backward_transitive: return {true, false, true};
    case CompatibilityLevel::forward: return {false, true, false};
    case CompatibilityLevel::forward_transitive: return {false, true, true};
    case CompatibilityLevel::full: return {true, true, false};
    case CompatibilityLevel::full_transitive: return {true, true, true};
  }
  return {};
}

}  // namespace

const char* name_of(CompatibilityLevel level) {
  return std::find_if(std::begin(kNames), std::end(kNames), [level](const auto& one) { return one.first == level; })->second;
}

std::optional<CompatibilityLevel> parse_level(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const auto& [level, known] : kNames)
    if (upper == known) return level;
  return std::nullopt;
}

Result<std::vector<VersionIncompatibility>> check_level(CompatibilityLevel level, std::size_t versions, const Reads& reads) {
  std::vector<VersionIncompatibility> found;
  if (versions < 2) return found;
  const Scope scope = scope_of(level);
  const auto check = [&](std::size_t reader, std::size_t writer) -> Status {
    PENSTOCK_ASSIGN(auto faults, reads(reader, writer));
    for (Incompatibility& fault : faults) found.push_back({std::move(fault), reader, writer});
    return {};
  };
  const std::size_t proposed = versions - 1;
  for (std::size_t old = scope.all_versions ? 0 : proposed - 1; old < proposed; ++old) {
    if (scope.new_reads_old) PENSTOCK_TRY(check(proposed, old));
    if (scope.old_reads_new) PENSTOCK_TRY(check(old, proposed));
  }
  return found;
}

}  // namespace penstock
