#include "connectors/http/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>

namespace penstock::http {
namespace {

constexpr std::size_t kMostOfAnswer = 64 << 10;
constexpr curl_off_t kLongestWait = 366 * 86'400;      // seconds; a peer may say any number

std::size_t keep(char* data, std::size_t size, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() < kMostOfAnswer) body.append(data, std::min(size * count, kMostOfAnswer - body.size()));
  return size * count;
}

int look_for_cancellation(void* cancellation, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Cancellation*>(cancellation)->stop_requested() ? 1 : 0;
}

struct HeaderList {
  ~HeaderList() { curl_slist_free_all(first); }
  // A header without a value is written with ';', or libcurl would take it away.
  void add(const std::string& name, const std::string& value) { first = curl_slist_append(first, (name + (value.empty() ? ";" : ": " + value)).c_str()); }
  curl_slist* first = nullptr;
};

ErrorKind kind_of(CURLcode code) {
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK: return ErrorKind::cancelled;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return ErrorKind::failed_precondition;
    default: return ErrorKind::unavailable;
  }
}

}  // namespace

struct Client::Handle {
  Handle() : curl(curl_easy_init()) {}
  ~Handle() { curl_easy_cleanup(curl); }
  CURL* const curl;
};

Client::Client(Peer peer) : peer_(std::move(peer)) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  handle_ = std::make_unique<Handle>();
}

Client::~Client() = default;

Result<Answer> Client::send(const Request& request, Cancellation cancellation) {
  CURL* curl = handle_->curl;
  if (!curl) return Error(ErrorKind::resource_exhausted, "no memory for a request");
  curl_easy_reset(curl);      // keeps the connection
  Answer answer;
  char reason[CURL_ERROR_SIZE] = "";
  HeaderList headers;
  for (const auto& [name, value] : peer_.headers) headers.add(name, value);
  for (const auto& [name, value] : request.headers) headers.add(name, value);
  headers.first = curl_slist_append(headers.first, "Expect:");      // no extra round for a large body
  const std::string url = peer_.url + request.path;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.first);
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, peer_.verify ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, peer_.verify ? 2L : 0L);
  if (!peer_.ca.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, peer_.ca.c_str());
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(peer_.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(peer_.timeout.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_for_cancellation);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &cancellation);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) {
    if (kind_of(code) == ErrorKind::cancelled) return Error(ErrorKind::cancelled, "the request to " + url + " was given up");
    return Error(kind_of(code), without_secrets(url + " does not answer: " + (reason[0] ? reason : curl_easy_strerror(code)), peer_.secrets));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_off_t seconds = 0;
  if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0) answer.retry_after = std::chrono::seconds(std::min(seconds, kLongestWait));
  answer.status = static_cast<int>(status);
  return answer;
}

}  // namespace penstock::http
