#include "connectors/registry/registry_place.h"

#include <algorithm>

#include "io/scalar_text.h"

namespace penstock {
namespace {

std::string in_small_letters(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "host", "host:8081", "[::1]:8081".
bool is_authority(std::string_view text) {
  const std::size_t closed = text.starts_with('[') ? text.find(']') : 0;
  if (closed == std::string_view::npos) return false;
  const std::size_t colon = text.find(':', closed);
  const std::string_view host = text.substr(0, colon), port = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  const auto in_host = [&](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_' || (closed > 0 && (c == ':' || c == '[' || c == ']')); };
  if (host.empty() || !std::all_of(host.begin(), host.end(), in_host) || (closed > 0 && host.size() != closed + 1)) return false;
  if (colon != std::string_view::npos && port.empty()) return false;
  return port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit) && (port.empty() || std::stoi(std::string(port)) <= 65'535);
}

bool has_port(std::string_view authority) { return authority.rfind(':') != std::string_view::npos && !authority.ends_with(']'); }

// Without what only a reader of a page would use.
std::string_view without_fragment(std::string_view text) { return text.substr(0, text.find('#')); }

}  // namespace

Result<RegistryPlace> registry_place(std::string_view url) {
  const Error none(ErrorKind::invalid_argument, "'" + shortened(url) + "' is no address of a schema registry", "http://host:8081 or https://host");
  const std::size_t scheme_end = url.find("://");
  const std::string scheme = in_small_letters(url.substr(0, scheme_end));
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https")) return none;
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string authority = in_small_letters(rest.substr(0, end));
  // It may hold a password, which no message shows.
  if (authority.find('@') != std::string::npos) return Error(ErrorKind::invalid_argument, "the address of a schema registry names a user", "registry_auth: { username, password } of the connection");
  if (!is_authority(authority)) return none;
  if (!has_port(authority)) authority += scheme == "https" ? ":443" : ":80";
  std::string path(without_fragment(rest.substr(end)));
  if (path.starts_with('?')) path.insert(path.begin(), '/');
  return RegistryPlace{scheme + "://" + authority, std::move(path)};
}

Result<RegistryPlace> redirected(const RegistryPlace& asked, std::string_view location) {
  const std::string scheme = asked.origin.substr(0, asked.origin.find(':'));
  const std::string_view before = std::string_view(asked.path).substr(0, asked.path.find('?'));
  const auto next = [&]() -> Result<RegistryPlace> {
    if (location.starts_with("//")) return registry_place(scheme + ":" + std::string(location));
    if (location.starts_with('/')) return RegistryPlace{asked.origin, std::string(without_fragment(location))};
    const std::size_t colon = location.find(':'), end = location.find_first_of("/?#");
    if (colon != std::string_view::npos && colon < end) return registry_place(location);
    if (location.starts_with('?')) return RegistryPlace{asked.origin, std::string(before) + std::string(without_fragment(location))};
    return RegistryPlace{asked.origin, std::string(before.substr(0, before.rfind('/') + 1)) + std::string(without_fragment(location))};
  }();
  const bool has_controls = std::any_of(location.begin(), location.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
  if (!next.ok() || has_controls) return Error(ErrorKind::unavailable, "the registry at " + asked.origin + " sends us to '" + shortened(location) + "', which is no address");
  if (scheme == "https" && !next->origin.starts_with("https://"))
    return Error(ErrorKind::unavailable, "the registry at " + asked.origin + " sends us to " + next->origin + ", without TLS");
  RegistryPlace place = *next;
  if (!place.path.starts_with('/')) place.path.insert(place.path.begin(), '/');
  return place;
}

}  // namespace penstock
