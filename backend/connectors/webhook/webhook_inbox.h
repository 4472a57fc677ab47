#pragma once

// What was sent to one source and is not durable in its stream's state yet. Requests come on threads of the listener, the stream
// reads on its own; everything here is thread-safe.
//
// A request is written to a log, synced, before its records are read, and answered when they are durable. A key is remembered
// with its answer in the note of its group of the log, and in the file `keys` once the log lets the group go.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "connectors/webhook/webhook_body.h"
#include "io/record_log.h"

namespace penstock::webhook {

struct InboxOptions {
  std::string folder;                                  // absolute; made when it is missing
  BodyKind body = BodyKind::json;
  std::int64_t body_bytes = 16 << 20;                  // a larger one is refused
  std::int64_t queue_bytes = 64 << 20;                 // so much may wait to become durable
  std::int64_t requests = 48;                          // so many may wait for their answer
  std::chrono::milliseconds answer_within{30'000};
  std::chrono::microseconds remember{std::chrono::hours(24)};
  std::int64_t remember_most = 100'000;                // keys
};

struct Delivered {
  std::string key;                                     // of Idempotency-Key; empty: none
  std::string content_type;
  std::string body;
};

struct Reply {
  int status = 200;
  std::string body;                                    // JSON
  std::chrono::seconds retry_after{0};                 // 0: no such header
};

class Inbox {
 public:
  static Result<std::shared_ptr<Inbox>> open(InboxOptions options, const Clock& clock);

  // Blocks until the records are durable in the stream's state, the time is over, or close().
  Reply deliver(const Delivered& request);

  std::int64_t begin() const;
  std::int64_t end() const;
  // The stream goes on with this offset: what lies before it is durable.
  Status go_on_from(std::int64_t offset);
  // Blocks for so long at most while there is nothing behind `offset`, and less while somebody waits for an answer.
  Status read(std::int64_t offset, std::int64_t rows, std::int64_t bytes, std::chrono::milliseconds wait, RawBatch& out);
  void committed(std::int64_t offset);
  // Whoever waits is told to come again; so is everybody from now on.
  void close();

 private:
  // What a key was answered with.
  struct Known {
    std::string body_hash;
    std::int64_t records = 0;
    std::int64_t end = 0;                              // offset behind its last record
    int status = 200;
    std::string problem;
    std::int64_t at = 0;                               // micros
  };
  explicit Inbox(InboxOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}
  Status load();
  Status write_keys() const;
  static std::string note_of(const std::string& key, const Known& known);
  void remember(const std::string& key, Known known);
  Reply take(const Delivered& request, std::unique_lock<std::mutex>& lock);
  Reply wait_until_durable(const Known& known, std::unique_lock<std::mutex>& lock);
  void forget_old();

  // Constant after construction.
  const InboxOptions options_;
  const Clock& clock_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable arrived_, durable_;
  std::unique_ptr<RecordLog> log_;
  std::map<std::string, Known> known_;
  std::deque<std::string> by_age_;                     // the keys, oldest first
  std::int64_t committed_ = 0;
  std::int64_t trim_below_ = 0;                        // committed at trim_at_
  std::chrono::steady_clock::time_point trim_at_{};
  std::map<std::int64_t, std::int64_t> sizes_;         // of groups that are not durable: the offset behind one → bytes
  std::int64_t waiting_bytes_ = 0;
  std::int64_t waiting_ = 0;                           // requests
  bool closed_ = false;
};

}  // namespace penstock::webhook
