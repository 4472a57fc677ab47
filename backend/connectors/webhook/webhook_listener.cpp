#include "connectors/webhook/webhook_listener.h"

#include <httplib.h>

#include <charconv>
#include <optional>
#include <thread>

#include "base/this_thread.h"

namespace penstock::webhook {
namespace {

// A request holds one until it is answered; the inboxes turn away more than that.
constexpr std::size_t kThreads = 64;

const Reply kUnknown{401, "{\"error\":\"the request does not show who it is from\"}"};

void answer(const Reply& reply, httplib::Response& out) {
  out.status = reply.status;
  if (reply.retry_after.count() > 0) out.set_header("Retry-After", std::to_string(reply.retry_after.count()));
  out.set_content(reply.body, "application/json");
}

}  // namespace

class Listener {
 public:
  ~Listener() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Status start(const Address& address) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_keep_alive_timeout(2);
    server_.set_read_timeout(30);
    // No SO_REUSEPORT: two processes would share the requests without knowing.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
#ifdef _WIN32
      setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&yes), sizeof yes);
#else
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
#endif
    });
    const auto handle = [this](const httplib::Request& in, httplib::Response& out, const httplib::ContentReader& content) { serve(in, out, content); };
    server_.Post(".*", handle).Put(".*", handle);
    if (!server_.bind_to_port(address.host, address.port))
      return Error(ErrorKind::unavailable, "cannot listen at " + address.to_string(), "free the address, or give the connection another `listen`");
    thread_ = std::thread([this] {
      name_this_thread("webhook");
      server_.listen_after_bind();
    });
    while (!server_.is_running()) std::this_thread::yield();
    return {};
  }

  Status add(const std::string& path, Credentials credentials, std::int64_t body_bytes, std::shared_ptr<Inbox> inbox) {
    std::lock_guard lock(mutex_);
    if (!places_.emplace(path, Place{std::move(credentials), body_bytes, std::move(inbox)}).second)
      return Error(ErrorKind::already_exists, "another source listens at the path " + path, "give each source a `path` of its own");
    return {};
  }
  void remove(const std::string& path) {
    std::shared_ptr<Inbox> inbox;
    {
      std::lock_guard lock(mutex_);
      const auto found = places_.find(path);
      if (found == places_.end()) return;
      inbox = found->second.inbox;
      places_.erase(found);
    }
    inbox->close();
  }

 private:
  struct Place {
    Credentials credentials;
    std::int64_t body_bytes = 0;
    std::shared_ptr<Inbox> inbox;
  };

  // Whatever it is answered, a body is read to its end: what is left of it would be taken for the next request. httplib takes
  // a form apart by itself, and throws where nobody waits for its parts: it does not get to see that it is one.
  void serve(const httplib::Request& in, httplib::Response& out, const httplib::ContentReader& content) {
    const std::optional<Place> place = place_at(in.path);
    const bool named = place && (place->credentials.bearer.empty() || is_bearer(in.get_header_value("Authorization"), place->credentials.bearer));
    const std::string content_type = in.get_header_value("Content-Type");
    const_cast<httplib::Request&>(in).headers.erase("Content-Type");
    const std::size_t most = named ? static_cast<std::size_t>(place->body_bytes) : 0;
    std::string body;
    bool too_large = false;
    const bool read = content([&](const char* data, std::size_t size) {
      too_large = too_large || body.size() + size > most;
      if (!too_large) body.append(data, size);
      return true;
    });
    if (!place) return answer({404, "{\"error\":\"no stream reads this path\"}"}, out);
    if (!named) return answer(kUnknown, out);
    if (too_large) return answer({413, "{\"error\":\"the body is larger than " + std::to_string(most) + " bytes\"}"}, out);
    if (!read) return answer({400, "{\"error\":\"the body does not end\"}"}, out);
    const Credentials& asked = place->credentials;
    if (!asked.hmac_secret.empty() && !is_signed(in.get_header_value(asked.hmac_header.c_str()), body, asked.hmac_secret)) return answer(kUnknown, out);
    answer(place->inbox->deliver({in.get_header_value("Idempotency-Key"), content_type, std::move(body)}), out);
  }

  std::optional<Place> place_at(const std::string& path) {
    std::lock_guard lock(mutex_);
    const auto found = places_.find(path);
    return found == places_.end() ? std::nullopt : std::optional(found->second);
  }

  httplib::Server server_;
  std::thread thread_;
  std::mutex mutex_;
  std::map<std::string, Place> places_;
};

Route::~Route() { listener_->remove(path_); }

Result<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Address address;
  const Error wrong(ErrorKind::invalid_argument, "'" + text + "' is no address to listen at", "127.0.0.1:8088");
  if (colon == std::string::npos) return wrong;
  const auto [rest, code] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), address.port);
  if (code != std::errc{} || rest != text.data() + text.size() || address.port < 1 || address.port > 65'535) return wrong;
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty()) address.host = "0.0.0.0";
  return address;
}

Result<std::unique_ptr<Route>> Listeners::listen(const Address& address, const std::string& path, Credentials credentials, std::int64_t body_bytes, std::shared_ptr<Inbox> inbox) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<Listener> listener = listeners_[address.to_string()].lock();
  if (!listener) {
    listener = std::make_shared<Listener>();
    PENSTOCK_TRY(listener->start(address));
    listeners_[address.to_string()] = listener;
  }
  PENSTOCK_TRY(listener->add(path, std::move(credentials), body_bytes, std::move(inbox)));
  return std::make_unique<Route>(listener, path);
}

}  // namespace penstock::webhook
