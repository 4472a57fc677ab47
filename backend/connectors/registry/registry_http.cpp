#include "connectors/registry/registry_http.h"

#include <httplib.h>

namespace penstock {
namespace {

// "https://host:8081" and "/apis/ccompat/v7" of "https://host:8081/apis/ccompat/v7/".
struct SplitUrl {
  std::string origin, path;
};

Result<SplitUrl> split(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos || (!url.starts_with("http://") && !url.starts_with("https://")) || url.size() == scheme + 3)
    return Error(ErrorKind::invalid_argument, "'" + url + "' is no address of a schema registry", "http://host:8081 or https://host");
  const std::size_t slash = url.find('/', scheme + 3);
  SplitUrl parts{url.substr(0, slash), slash == std::string::npos ? "" : url.substr(slash)};
  while (parts.path.ends_with('/')) parts.path.pop_back();
  return parts;
}

Result<HttpAnswer> get(const RegistryAddress& address, const SplitUrl& url, const std::string& path) {
  httplib::Client client(url.origin);
  if (!client.is_valid()) return Error(ErrorKind::invalid_argument, "'" + url.origin + "' is no address of a schema registry");
  client.set_connection_timeout(address.timeout);
  client.set_read_timeout(address.timeout);
  client.set_follow_location(true);
  if (!address.ca.empty()) client.set_ca_cert_path(address.ca.c_str());
  if (!address.username.empty()) client.set_basic_auth(address.username, address.password);
  const auto answer = client.Get(url.path + path, {{"Accept", "application/vnd.schemaregistry.v1+json, application/json"}});
  if (!answer) return Error(ErrorKind::unavailable, "the registry at " + url.origin + " does not answer: " + httplib::to_string(answer.error()));
  return HttpAnswer{answer->status, answer->body};
}

}  // namespace

Result<HttpAnswer> registry_get(const RegistryAddress& address, const std::string& path) {
  Result<HttpAnswer> answer = Error(ErrorKind::invalid_argument, "a schema registry needs an address");
  for (const std::string& url : address.urls) {
    PENSTOCK_ASSIGN(const SplitUrl parts, split(url));
    answer = get(address, parts, path);
    if (answer.ok() && answer->status < 500) return answer;
  }
  return answer;
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

}  // namespace penstock
