#include "support/http_peer.h"

#include <httplib.h>

#include <algorithm>
#include <thread>

namespace penstock::test {

struct HttpPeer::Server {
  httplib::Server server;
  int port = 0;
  std::thread thread;
};

HttpPeer::HttpPeer(Answerer answerer, int port) : server_(std::make_unique<Server>()), answerer_(std::move(answerer)) {
  const auto handle = [this](const httplib::Request& in, httplib::Response& out) {
    HttpRequest request{.method = in.method, .path = in.path, .key = in.get_header_value("Idempotency-Key"), .body = in.body};
    for (const auto& [name, value] : in.headers) {
      std::string lower = name;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      request.headers[lower] = value;
    }
    Answerer answer;
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(request);
      answer = answerer_;
    }
    const HttpReply reply = answer(request);
    out.status = reply.status;
    std::string type = "text/plain";
    for (const auto& [name, value] : reply.headers) {
      if (name == "Content-Type") type = value;
      else out.set_header(name, value);
    }
    if (!reply.hang_up) return out.set_content(reply.body, type);
    // A body that is announced and never comes: the connection is closed.
    out.set_content_provider(1'000'000, "text/plain", [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
  };
  server_->server.Post(".*", handle).Put(".*", handle).Patch(".*", handle).Get(".*", handle);
  if (port == 0) server_->port = server_->server.bind_to_any_port("127.0.0.1");
  else if (server_->server.bind_to_port("127.0.0.1", port)) server_->port = port;
  server_->thread = std::thread([this] { server_->server.listen_after_bind(); });
  while (!server_->server.is_running()) std::this_thread::yield();
}

HttpPeer::~HttpPeer() {
  server_->server.stop();
  server_->thread.join();
}

int HttpPeer::port() const { return server_->port; }

void HttpPeer::answer_by(Answerer answerer) {
  std::lock_guard lock(mutex_);
  answerer_ = std::move(answerer);
}

std::vector<HttpRequest> HttpPeer::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

void HttpPeer::forget() {
  std::lock_guard lock(mutex_);
  requests_.clear();
}

HttpReply http_post(int port, const std::string& path, const std::string& body, const std::map<std::string, std::string>& headers) {
  httplib::Client client("127.0.0.1", port);
  client.set_read_timeout(60);
  httplib::Headers all(headers.begin(), headers.end());
  const auto found = headers.find("Content-Type");
  const auto answer = client.Post(path, all, body, found == headers.end() ? "application/json" : found->second);
  if (!answer) return {.status = 0, .body = httplib::to_string(answer.error())};
  HttpReply reply{.status = answer->status, .body = answer->body};
  if (answer->has_header("Retry-After")) reply.headers["Retry-After"] = answer->get_header_value("Retry-After");
  return reply;
}

}  // namespace penstock::test
