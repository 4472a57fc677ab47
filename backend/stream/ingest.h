#pragma once

// Reads and decodes one source on a thread of its own, ahead of the shard by a bounded queue: a shard that is slow,
// or held by a sink, stops its source by leaving the queue full.

#include <condition_variable>
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
    std::string name;                                                 // value of `_source`
    std::function<Result<std::unique_ptr<Source>>()> make_source;     // called on the ingest thread
    std::function<Result<std::unique_ptr<Decoder>>()> make_decoder;
    std::vector<Assignment> assignments;                              // empty `from`: where `start` says
    PollLimits limits;
    bool drift_is_dead = false;
    BoundedQueue<Arrival>* queue = nullptr;
    const Clock* clock = &Clock::system();
    std::function<void()> changed;
  };
  // What stands between the source and its next record.
  struct Health {
    bool reading = true;         // false: it ended, or stopped for good
    bool ended = false;
    Error error{ErrorKind::internal, ""};
    bool failed = false;         // `error` is what happened last, and was not overcome yet
  };

  explicit Ingest(Parts parts);
  ~Ingest();

  void stop();
  Health health() const;
  // After the epoch that holds them is durable.
  void committed(const Positions& positions);

 private:
  void run(Cancellation cancellation);
  Status read(Source& source, Decoder& decoder, Cancellation cancellation);
  void set_health(Health health);

  const Parts parts_;

  Positions next_;               // where to go on after an error; the ingest thread only

  // Protected by mutex_.
  mutable std::mutex mutex_;
  Health health_;
  Positions committed_;

  std::jthread thread_;
};

}  // namespace penstock
