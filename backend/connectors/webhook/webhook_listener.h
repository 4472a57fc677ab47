#pragma once

// HTTP servers by address, for all sources of a process. Thread-safe.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "connectors/webhook/webhook_inbox.h"

namespace penstock::webhook {

class Listener;

struct Address {
  std::string host = "127.0.0.1";
  int port = 8088;
  std::string to_string() const { return host + ":" + std::to_string(port); }
};

// "127.0.0.1:8088", "[::1]:8088", ":8088" (any). Error: invalid_argument.
Result<Address> parse_address(const std::string& text);

// A path of a server; requests come to it as long as the object is there.
class Route {
 public:
  Route(std::shared_ptr<Listener> listener, std::string path) : listener_(std::move(listener)), path_(std::move(path)) {}
  ~Route();
  Route(const Route&) = delete;
  Route& operator=(const Route&) = delete;

 private:
  const std::shared_ptr<Listener> listener_;
  const std::string path_;
};

class Listeners {
 public:
  // Error: already_exists for a path that another source has; unavailable where the address cannot be listened on.
  Result<std::unique_ptr<Route>> listen(const Address& address, const std::string& path, Credentials credentials, std::int64_t body_bytes, std::shared_ptr<Inbox> inbox);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Listener>> listeners_;
};

}  // namespace penstock::webhook
