#include "connectors/registry/registry_http.h"

#include <httplib.h>

#include "connectors/registry/registry_place.h"

namespace penstock {
namespace {

constexpr int kMostRedirects = 5;
constexpr std::size_t kLargestAnswer = 32 << 20;

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

struct Answer {
  HttpAnswer http;
  std::string location;      // where a redirect sends us
};

Result<Answer> ask(const RegistryAddress& address, const RegistryPlace& place) {
  httplib::Client client(place.origin);
  if (!client.is_valid()) return Error(ErrorKind::invalid_argument, "'" + place.origin + "' is no address of a schema registry");
  client.set_connection_timeout(address.timeout);
  client.set_read_timeout(address.timeout);
  // Redirects are followed below: the library would tell any server that it is sent to who we are.
  client.set_follow_location(false);
  if (!address.ca.empty()) client.set_ca_cert_path(address.ca.c_str());
  if (!address.username.empty()) client.set_basic_auth(address.username, address.password);
  std::string body;
  const auto take = [&](const char* data, std::size_t size) {
    if (body.size() + size > kLargestAnswer) return false;
    body.append(data, size);
    return true;
  };
  const auto answer = client.Get(place.path, {{"Accept", "application/vnd.schemaregistry.v1+json, application/json"}}, take);
  if (!answer && answer.error() == httplib::Error::Canceled)
    return Error(ErrorKind::unavailable, "the registry at " + place.origin + " answers more than " + std::to_string(kLargestAnswer >> 20) + " MiB", "check the address of the registry");
  if (!answer) return Error(ErrorKind::unavailable, "the registry at " + place.origin + " does not answer: " + httplib::to_string(answer.error()));
  return Answer{{answer->status, std::move(body)}, answer->get_header_value("Location")};
}

Result<HttpAnswer> get(const RegistryAddress& address, const RegistryPlace& first) {
  RegistryPlace place = first;
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    PENSTOCK_ASSIGN(Answer answer, ask(address, place));
    if (!is_redirect(answer.http.status) || answer.location.empty()) return std::move(answer.http);
    PENSTOCK_ASSIGN(RegistryPlace next, redirected(place, answer.location));
    if (!address.username.empty() && next.origin != first.origin)
      return Error(ErrorKind::unavailable, "the registry at " + first.origin + " sends us to " + next.origin + ", which is not told who we are",
                   "where that is right, give the connection that address as its registry");
    place = std::move(next);
  }
  return Error(ErrorKind::unavailable, "the registry at " + first.origin + " sends us on more than " + std::to_string(kMostRedirects) + " times");
}

}  // namespace

Result<HttpAnswer> registry_get(const RegistryAddress& address, const std::string& path) {
  Result<HttpAnswer> answer = Error(ErrorKind::invalid_argument, "a schema registry needs an address");
  for (const std::string& url : address.urls) {
    PENSTOCK_ASSIGN(RegistryPlace place, registry_place(url));
    while (place.path.ends_with('/')) place.path.pop_back();
    place.path += path;
    answer = get(address, place);
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
