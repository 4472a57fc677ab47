#pragma once

// One peer over HTTP by libcurl: https://curl.se/libcurl/c/. Connections are kept between requests.

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "base/settings.h"

namespace penstock::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Peer {
  std::string url;                          // "https://push.example/api", without a slash at its end
  Headers headers;                          // with each request, among them those that say who we are
  std::vector<std::string> secrets;         // texts that no message may show
  std::string ca;                           // file of the certificates to trust; empty: the system's
  bool verify = true;                       // its certificate and its name
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{30'000};          // of one request, with its answer
};

std::vector<SettingSpec> connection_settings();
// Error: invalid_argument with the place of what is wrong.
Result<Peer> read_peer(const Settings& connection);

// The same text with each secret as "***".
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

struct Request {
  std::string method = "POST";
  std::string path;                         // behind the peer's url: "/push"; may be empty
  Headers headers;
  std::string_view body;
};

struct Answer {
  int status = 0;
  std::string body;                         // its beginning, 64 KiB at most
  std::chrono::seconds retry_after{0};      // as `Retry-After` says, in seconds or as a date (RFC 9110, 10.2.3); 0: it does not
};

// Not thread-safe. Redirects are not followed: what answers elsewhere is not who was meant.
class Client {
 public:
  explicit Client(Peer peer);
  ~Client();

  const Peer& peer() const { return peer_; }
  // Error: unavailable when no answer came, after which nobody knows whether the request arrived; cancelled;
  // failed_precondition for a certificate or an address that cannot be right.
  Result<Answer> send(const Request& request, Cancellation cancellation);

 private:
  struct Handle;
  const Peer peer_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace penstock::http
