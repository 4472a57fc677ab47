#pragma once

// A real HTTP server on a loopback port that keeps what it gets and answers as a test says. Requests come on threads of its own.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace penstock::test {

struct HttpRequest {
  std::string method, path, key, body;                 // key: of Idempotency-Key
  std::map<std::string, std::string> headers;          // by name in small letters
};

struct HttpReply {
  int status = 200;
  std::string body;
  std::map<std::string, std::string> headers;
  bool hang_up = false;                                // no answer: the peer has the request, and its sender does not know
};

class HttpPeer {
 public:
  using Answerer = std::function<HttpReply(const HttpRequest&)>;

  explicit HttpPeer(Answerer answerer = [](const HttpRequest&) { return HttpReply(); }, int port = 0);
  ~HttpPeer();

  int port() const;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  void answer_by(Answerer answerer);
  std::vector<HttpRequest> requests() const;           // all that came, in order
  void forget();

 private:
  struct Server;
  std::unique_ptr<Server> server_;
  mutable std::mutex mutex_;
  Answerer answerer_;
  std::vector<HttpRequest> requests_;
};

// One POST to a server of this machine; status 0 where no answer came.
HttpReply http_post(int port, const std::string& path, const std::string& body, const std::map<std::string, std::string>& headers = {});

}  // namespace penstock::test
