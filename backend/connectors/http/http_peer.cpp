#include <algorithm>

#include "connectors/http/http_client.h"
#include "io/row_json.h"

// What connections.yaml says of a peer: where it is and who we are.

namespace penstock::http {
namespace {

Error wrong(const Setting& at, std::string message, std::string action) { return {ErrorKind::invalid_argument, std::move(message), std::move(action), at.at.to_string()}; }

// A line break would begin a header of its own.
bool is_header_text(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_header_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

Status add_headers(const Setting& map, bool secret, Peer& peer) {
  for (const auto& [name, value] : map.entries) {
    if (value.kind != Setting::Kind::text || !is_header_name(name) || !is_header_text(value.text))
      return wrong(value, "'" + name + "' is no header", "a name of letters, digits and -, and a text in one line");
    peer.headers.emplace_back(name, value.text);
    if (secret) peer.secrets.push_back(value.text);
  }
  return {};
}

Status add_credentials(const Setting& auth, Peer& peer) {
  if (auth.kind != Setting::Kind::map || auth.entries.size() != 1)
    return wrong(auth, "'auth' has exactly one kind", "{ bearer: \"${secret:name}\" }, { basic: { username: …, password: … } } or { header: { NAME: … } }");
  const auto& [kind, value] = auth.entries.front();
  if (kind == "header") return add_headers(value, true, peer);
  std::string credentials;
  if (kind == "bearer") {
    credentials = "Bearer " + value.text;
    peer.secrets.push_back(value.text);
  } else {
    const Settings basic(value);
    const std::string pair = to_base64(basic.text("username") + ":" + basic.text("password"));
    credentials = "Basic " + pair;
    peer.secrets.insert(peer.secrets.end(), {pair, basic.text("password")});
  }
  if (!is_header_text(credentials)) return wrong(value, "the secret of 'auth' is more than one line", "a secret without line breaks");
  peer.headers.emplace_back("Authorization", credentials);
  return {};
}

std::chrono::milliseconds milliseconds_of(std::chrono::microseconds duration) { return std::chrono::duration_cast<std::chrono::milliseconds>(duration); }

}  // namespace

std::vector<SettingSpec> connection_settings() {
  const std::vector<SettingSpec> basic = {
      {.name = "username", .required = true, .help = "Who we are."},
      {.name = "password", .required = true, .help = "Its password.", .secret = true},
  };
  const std::vector<SettingSpec> auth = {
      {.name = "bearer", .help = "A token, sent as `Authorization: Bearer …`.", .secret = true},
      {.name = "basic", .type = SettingType::map, .help = "A user and a password.", .fields = basic},
      {.name = "header", .type = SettingType::map, .help = "Headers that hold secrets, each with its name: `X-Api-Key: \"${secret:key}\"`.", .secret = true},
  };
  return {
      {.name = "url", .required = true, .help = "Where it is: http:// or https://, with a path where all requests begin with one."},
      {.name = "auth", .type = SettingType::map, .help = "Who we are, in one of these ways.", .fields = auth},
      {.name = "headers", .type = SettingType::map, .help = "Further headers of each request."},
      {.name = "ca", .help = "File of the certificates to trust; the system's if absent."},
      {.name = "verify", .type = SettingType::boolean, .fallback = "true", .help = "Whether its certificate must be trusted and of its name."},
      {.name = "connect_timeout", .type = SettingType::duration, .fallback = "10s", .help = "How long connecting may take."},
      {.name = "timeout", .type = SettingType::duration, .fallback = "30s", .help = "How long a request may take; after it the request is in doubt and is sent again under its key."},
  };
}

Result<Peer> read_peer(const Settings& connection) {
  Peer peer;
  peer.url = connection.text("url");
  while (peer.url.ends_with('/')) peer.url.pop_back();
  const std::size_t host = peer.url.find("://") + 3;
  if ((!peer.url.starts_with("http://") && !peer.url.starts_with("https://")) || peer.url.size() == host) {
    const Setting* found = connection.root().find("url");
    return wrong(found ? *found : connection.root(), "'" + peer.url + "' is no address", "http://host:8080 or https://host/path");
  }
  if (const Setting* auth = connection.root().find("auth")) PENSTOCK_TRY(add_credentials(*auth, peer));
  if (const Setting* headers = connection.root().find("headers")) PENSTOCK_TRY(add_headers(*headers, false, peer));
  peer.ca = connection.text("ca");
  PENSTOCK_ASSIGN(peer.verify, connection.boolean("verify", peer.verify));
  PENSTOCK_ASSIGN(const auto connect_timeout, connection.duration("connect_timeout", peer.connect_timeout));
  PENSTOCK_ASSIGN(const auto timeout, connection.duration("timeout", peer.timeout));
  peer.connect_timeout = milliseconds_of(connect_timeout);
  peer.timeout = milliseconds_of(timeout);
  return peer;
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) text.replace(at, secret.size(), "***");
  }
  return text;
}

}  // namespace penstock::http
