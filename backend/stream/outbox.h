#pragma once

// What an epoch has decided and its sinks have not taken yet. Written in the epoch's own state write, so that it is
// durable exactly when the positions are; trimmed when the sink has taken it. Thread-safe: the shard's thread adds,
// one delivery thread per sink takes, `query` looks.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "io/sink.h"
#include "stream/state_store.h"

namespace penstock {

// When a sink commits what waits since `oldest`: at a time of its own within each `flush` (micros), so that the tables of a
// pod do not hold up its streams all at once.
std::int64_t commit_time(const std::string& sink, std::int64_t oldest, std::int64_t flush);

class Outbox {
 public:
  struct Waiting {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    std::int64_t oldest_at = 0;        // wall clock in micros of the oldest epoch that waits; 0: nothing waits
    std::int64_t last_epoch = 0;
  };

  // `memory_bytes`: rows of so many bytes per sink are kept in memory as well; the rest is read back when due.
  Outbox(StateStore& state, std::int64_t memory_bytes) : state_(state), memory_bytes_(memory_bytes) {}

  void add_sink(const std::string& sink);
  // What was left by the last run; after add_sink().
  Status restore(std::int64_t now);

  // Puts an epoch's rows for one sink into the epoch's write; they wait from publish() on.
  void stage(const std::string& sink, SinkEpoch epoch, StateWrite& write);
  // The epoch's write is durable.
  void publish(std::int64_t now);

  Waiting waiting(const std::string& sink) const;
  // The oldest epoch that waits for any sink; the greatest number when none does. The shard's thread only.
  std::int64_t oldest_waiting() const;
  std::int64_t bytes() const;
  // The sink that holds the most, when everything together is at least `limit` bytes; else empty.
  std::string holder(std::int64_t limit) const;

  // Blocks until rows wait that are due: at most `flush` after the oldest came, at a time that is the sink's own, or
  // `flush_bytes` of them, or flush_now(). False when cancelled.
  bool wait_due(const std::string& sink, std::chrono::milliseconds flush, std::int64_t flush_bytes, const class Clock& clock, Cancellation cancellation);
  // The oldest epochs that wait, together at most `max_bytes` (at least one).
  Result<std::vector<SinkEpoch>> take(const std::string& sink, std::int64_t max_bytes) const;
  // Everything up to `epoch` was taken by the sink.
  Status trim(const std::string& sink, std::int64_t epoch);
  // What waits is due now, until nothing waits.
  void flush_now(bool on);
  // Blocks until nothing of the sinks waits up to `epoch`, for so long at most. False when something still does.
  bool wait_empty(const std::vector<std::string>& sinks, std::int64_t epoch, std::chrono::milliseconds at_most, Cancellation cancellation) const;

 private:
  struct Entry {
    std::int64_t epoch = 0;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;            // encoded, with its files
    std::int64_t at = 0;
    bool in_memory = false;
    bool staged = false;               // its rows are in finished files
    SinkEpoch content;                 // only when in_memory
  };
  struct Queue {
    std::deque<Entry> entries;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    std::int64_t memory = 0;
    std::int64_t due_bytes = 0;        // from so many on its waiter wants to know at once
    std::condition_variable_any due;
  };
  static Entry entry_of(std::int64_t epoch, std::string_view bytes, const struct EpochSize& size);
  static std::string key_of(const std::string& sink, std::int64_t epoch);
  void push(const std::string& sink, Entry entry);

  // Constant after construction.
  StateStore& state_;
  const std::int64_t memory_bytes_;

  std::vector<std::pair<std::string, Entry>> staged_;    // the shard's thread only

  // Protected by mutex_.
  mutable std::mutex mutex_;
  mutable std::condition_variable_any trimmed_;
  std::map<std::string, Queue> queues_;
  bool flush_now_ = false;
};

}  // namespace penstock
