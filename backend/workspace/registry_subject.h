#pragma once

// A contract that is a schema of the connection's registry: `registry:SUBJECT`, or `registry:SUBJECT@VERSION`.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

struct RegistrySubject {
  std::string subject;
  std::optional<std::int32_t> version;       // none: the newest at the stream's first start
};

inline bool is_registry_subject(std::string_view contract) { return contract.starts_with("registry:"); }

// Nothing where `contract` is not one, or names no subject.
inline std::optional<RegistrySubject> parse_registry_subject(std::string_view contract) {
  if (!is_registry_subject(contract)) return std::nullopt;
  contract.remove_prefix(std::string_view("registry:").size());
  RegistrySubject named;
  if (const std::size_t at = contract.rfind('@'); at != std::string_view::npos) {
    const std::string_view digits = contract.substr(at + 1);
    std::int32_t version = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
    if (fault != std::errc{} || end != digits.data() + digits.size() || version < 1) return std::nullopt;
    named.version = version;
    contract = contract.substr(0, at);
  }
  if (contract.empty()) return std::nullopt;
  named.subject = contract;
  return named;
}

}  // namespace penstock
