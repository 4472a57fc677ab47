#pragma once

// Rows to a peer over HTTP, in batches whose bounds and keys stay as they were first sent.
//
// Before a batch is sent, a note in the stream's state says where it begins and ends. Whatever happens then (no answer, a
// killed process, another workspace version), the same rows go again under the same key, before any other. The key stands in
// the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a peer that honours it takes each batch once; one
// that does not may take the batch that was in doubt twice.

#include <chrono>
#include <memory>
#include <string>

#include "connectors/http/epoch_rows.h"
#include "connectors/http/http_client.h"
#include "io/sink.h"

namespace penstock {

enum class HttpBody { array, lines, object };      // [{…},{…}], {…}\n{…}\n, or one row in each request

struct HttpSinkOptions {
  http::Peer peer;
  std::string path;                          // behind the peer's url
  std::string method = "POST";
  HttpBody body = HttpBody::array;
  std::string key_header = "Idempotency-Key";
  std::int64_t batch = 500;                  // rows of a request, at most
  std::int64_t batch_bytes = 1 << 20;        // of its body; a larger row goes alone
  bool changes = false;                      // mode: upsert; rows keep their `_op`
  bool idempotent = false;                   // the peer is said to honour the key
  std::chrono::milliseconds flush{0};
};

// Answers of the peer: 2xx is taken; 408, 425, 429, 500 and above and no answer are tried again (after `Retry-After`); 401, 403,
// 404, 405, 415 and redirects stop the sink, since they say nothing of the rows; every other 4xx refuses the batch, which is halved
// down to the rows that are refused alone. Made, used and destroyed by one thread.
class HttpSink final : public Sink {
 public:
  explicit HttpSink(HttpSinkOptions options);

  std::string name() const override { return "http " + client_.peer().url + options_.path; }
  SinkTraits traits() const override;
  void keep_notes(SinkNotes& notes) override { notes_ = &notes; }
  Result<std::optional<std::int64_t>> open(const Marker& marker, const SchemaPtr& schema) override;
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder& record_rejects, Cancellation cancellation) override;
  std::chrono::milliseconds asked_to_wait() const override { return asked_to_wait_; }

 private:
  // Everything before `begin` is taken; what lies before `end` may have been sent.
  struct Progress {
    http::RowPlace begin, end;
    HttpBody body = HttpBody::array;
  };
  struct Range {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t size() const { return end - begin; }
  };
  enum class Verdict { taken, refused };

  Result<std::optional<Progress>> read_progress() const;
  Status write_progress(const Progress& progress, bool synced);
  std::int64_t end_of_batch(const http::EpochRows& rows, std::int64_t begin, HttpBody body);
  Status send_range(const http::EpochRows& rows, const Range& range, HttpBody body, const RejectRecorder& record_rejects, const Cancellation& cancellation);
  Result<Verdict> send(const http::EpochRows& rows, const Range& range, HttpBody body, std::string& reason, const Cancellation& cancellation);
  Result<Verdict> judge(const http::Answer& answer, std::string& reason);
  std::string key_of(const http::EpochRows& rows, const Range& range) const;

  // Constant after construction.
  const HttpSinkOptions options_;

  http::Client client_;
  SinkNotes* notes_ = nullptr;
  std::string marker_;                       // as it stands in keys; empty: not open
  std::chrono::milliseconds asked_to_wait_{0};
  std::string text_;                         // of the request at hand
};

}  // namespace penstock
