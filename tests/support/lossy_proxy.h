#pragma once

// A loopback TCP proxy for one server that can lose what a test tells it to: when the client sends `words`, they are
// passed on or swallowed, and the client's connection is cut before any answer reaches it. Or it lets nobody through.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace penstock::test {

class LossyProxy {
 public:
  enum class Loss { answer, request };

  explicit LossyProxy(int server_port) : server_port_(server_port), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 8);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](std::stop_token stop) { serve(stop); });
  }
  ~LossyProxy() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }

  int port() const { return port_; }

  // Once, the next time that the client sends these words.
  void lose_next(std::string words, Loss loss) {
    std::lock_guard lock(mutex_);
    words_ = std::move(words);
    loss_ = loss;
  }

  // False: whoever is connected is cut off, and whoever comes, until it is true again.
  void let_through(bool on) { open_ = on; }

 private:
  struct Pair {
    int client = -1;
    int server = -1;
  };

  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  static void send_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void serve(std::stop_token stop) {
    std::vector<Pair> pairs;
    while (!stop.stop_requested()) {
      std::vector<pollfd> polled = {{listener_, POLLIN, 0}};
      for (const Pair& pair : pairs) {
        polled.push_back({pair.client, POLLIN, 0});
        polled.push_back({pair.server, POLLIN, 0});
      }
      if (::poll(polled.data(), polled.size(), 50) <= 0 && open_) continue;
      std::vector<Pair> kept;
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        const bool open = open_ && (!polled[1 + 2 * i].revents || to_server(pairs[i])) && (!polled[2 + 2 * i].revents || to_client(pairs[i]));
        if (open) kept.push_back(pairs[i]);
        else ::close(pairs[i].client), ::close(pairs[i].server);
      }
      pairs = kept;
      if (polled[0].revents) pairs.push_back(accept());
    }
    for (const Pair& pair : pairs) ::close(pair.client), ::close(pair.server);
  }

  Pair accept() {
    Pair pair{::accept(listener_, nullptr, nullptr), ::socket(AF_INET, SOCK_STREAM, 0)};
    const sockaddr_in address = loopback(server_port_);
    ::connect(pair.server, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return pair;
  }

  // False when the connection is to be cut.
  bool to_server(const Pair& pair) {
    char buffer[1 << 16];
    const ssize_t count = ::recv(pair.client, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    const std::string_view bytes(buffer, static_cast<std::size_t>(count));
    std::lock_guard lock(mutex_);
    if (words_.empty() || bytes.find(words_) == std::string_view::npos) {
      send_all(pair.server, bytes);
      return true;
    }
    words_.clear();
    if (loss_ == Loss::request) return false;
    send_all(pair.server, bytes);
    // The server has done it as soon as it answers; nobody hears the answer.
    pollfd answer{pair.server, POLLIN, 0};
    ::poll(&answer, 1, 60'000);
    return false;
  }

  static bool to_client(const Pair& pair) {
    char buffer[1 << 16];
    const ssize_t count = ::recv(pair.server, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    send_all(pair.client, {buffer, static_cast<std::size_t>(count)});
    return true;
  }

  std::atomic<bool> open_ = true;
  const int server_port_;
  const int listener_;
  int port_ = 0;

  std::mutex mutex_;
  std::string words_;       // protected by mutex_
  Loss loss_ = Loss::answer;

  std::jthread thread_;     // last: it uses all of the above
};

}  // namespace penstock::test
