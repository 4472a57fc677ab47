#pragma once

// Brings one sink's outbox to its peer, on a thread of its own: opens, delivers, tries again with back-off while the
// peer is down, and trims what was taken. Nothing is dropped: what cannot go waits in the outbox.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "io/sink.h"
#include "stream/back_off.h"
#include "stream/outbox.h"
#include "telemetry/report.h"
#include "workspace/spec.h"

namespace penstock {

class Delivery {
 public:
  struct Parts {
    SinkSpec spec;
    SchemaPtr schema;
    Marker marker;
    std::function<Result<std::unique_ptr<Sink>>()> make_sink;     // called on the delivery thread
    Outbox* outbox = nullptr;
    StateStore* state = nullptr;
    const Clock* clock = &Clock::system();
    std::optional<std::int64_t> last_epoch;                       // of the state when this life began; none: not compared
    bool whole = false;                                           // everything that waits goes in one delivery
    std::function<void()> refused;                                // refused rows wait to be dead-lettered
    std::function<void()> changed;                                // the report would differ
  };
  explicit Delivery(Parts parts);
  ~Delivery();       // after its current delivery

  void stop();       // asks; the destructor waits
  SinkReport report() const;
  const SinkSpec& spec() const { return parts_.spec; }

 private:
  void run(Cancellation cancellation);
  Result<std::optional<std::int64_t>> open(Sink& sink);
  Status continues(std::optional<std::int64_t> accepted) const;
  Status deliver_once(Sink& sink, Cancellation cancellation);
  void failed(const Error& error, Cancellation cancellation);
  void succeeded(const std::vector<SinkEpoch>& epochs);

  // Constant after construction.
  const Parts parts_;

  // The delivery thread's only.
  bool continued_ = false;         // the peer has been found to hold nothing that the state does not know
  bool may_have_refused_ = true;   // rows of what waits may be recorded as refused: before the first delivery nobody knows
  bool in_doubt_ = false;          // an epoch was sent, perhaps in an earlier life, and no answer came
  int failures_ = 0;               // in a row
  BackOff back_off_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  SinkReport report_;

  std::jthread thread_;            // last: stops before what it uses is gone
};

}  // namespace penstock
