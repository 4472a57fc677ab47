#pragma once

// Reads and decodes one source on a thread of its own, ahead of the shard by a bounded queue: a shard that is slow,
// or held by a sink, stops its source by leaving the queue full.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "io/source.h"
#include "stream/arrival.h"

namespace penstock {

class Ingest {
 public:
  struct Parts {
    std::size_t index = 0;                                            // of the source in its stream
    std::string stream, name;                                         // in the workspace: for messages
    std::function<Result<std::unique_ptr<Source>>()> make_source;     // called on the ingest thread
    std::function<Result<std::unique_ptr<Decoder>>()> make_decoder;
    // What to read, asked each time the source is made, and when it has grown: on the ingest thread.
    std::function<Result<std::vector<Assignment>>(Source&)> assign;
    // Whether the source has partitions that were not there when it was asked what to read; true once each time.
    std::function<bool()> has_grown;
    PollLimits limits;
    bool drift_is_dead = false;
    BoundedQueue<Arrival>* queue = nullptr;
    // Heads of the source's partitions, where no second object may ask for them (Source::observable).
    std::function<void(const std::vector<PartitionRange>&)> heads;
    const Clock* clock = &Clock::system();
    std::function<void()> changed;
  };
  // What stands between the source and its next record.
  struct Health {
    bool reading = true;         // false: it ended, or stopped for good
    bool ended = false;
    Error error{ErrorKind::internal, ""};
    bool failed = false;         // `error` is what happened last, and was not overcome yet
    std::string loss;            // what the source could not give any more, though it goes on; empty: nothing
  };

  explicit Ingest(Parts parts);
  ~Ingest();

  std::size_t source() const { return parts_.index; }
  void stop();
  Health health() const;
  // Nothing came for a while, though the source was asked (kSilentPolls times, each PollLimits::wait long).
  bool silent() const { return silent_polls_ >= kSilentPolls; }
  // Source::behind() after the last poll.
  std::vector<std::int32_t> behind() const;
  // Source::reached() after the last poll, whose rows are in the queue.
  Positions reached() const;
  // Has heads told (Parts::heads), soon: the number of this question.
  std::int64_t ask_heads() { return ++asked_; }
  // Where the reader was when it last had nothing behind it, and which question for heads it had answered by then.
  struct Level {
    std::int64_t answered = 0;
    Positions reached;
  };
  Level level() const;
  // Source::concern() after the last poll.
  std::string concern() const;
  // Source::kept_log_bytes() after the last poll.
  std::int64_t kept_log_bytes() const;
  // After the epoch that holds them is durable.
  void committed(const Positions& positions);

 private:
  void run(Cancellation cancellation);
  Status start(Source& source);
  Status read(Source& source, Decoder& decoder, Cancellation cancellation);
  Result<bool> take(Source& source, Decoder& decoder, RawBatch raw, Cancellation cancellation);
  bool give(Source& source, Decoder& decoder, RawBatch& raw);
  PollLimits limits_now() const;
  Result<PollOutcome> poll(Source& source, RawBatch& raw, Cancellation cancellation);
  void set_health(Health health);

  static constexpr int kSilentPolls = 8;
  static constexpr std::chrono::milliseconds kSilentWait{1000};

  const Parts parts_;
  std::atomic<int> silent_polls_ = 0;
  std::atomic<std::int64_t> asked_ = 0;

  // The ingest thread's only.
  Positions next_;               // where to go on after an error
  std::int64_t answered_ = 0;
  bool new_keys_ = false;        // Source::gave_new_keys() of all that the last poll() gathered
  bool begun_ = false;           // partitions that are new from now on are read from their beginning

  // Protected by mutex_.
  mutable std::mutex mutex_;
  Health health_;
  std::vector<std::int32_t> behind_;
  Positions reached_;
  Level level_;
  std::string concern_;
  std::int64_t kept_log_bytes_ = -1;
  Positions committed_;

  std::jthread thread_;
};

}  // namespace penstock
