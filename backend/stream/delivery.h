#pragma once

// Brings one sink's outbox to its peer, on a thread of its own: opens, delivers, tries again with back-off while the
// peer is down, and trims what was taken. Nothing is dropped: what cannot go waits in the outbox.

#include <condition_variable>
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
    Marker marker;                                                // until allow() gives another
    std::function<Result<std::unique_ptr<Sink>>()> make_sink;     // called on the delivery thread
    Outbox* outbox = nullptr;
    StateStore* state = nullptr;
    const Clock* clock = &Clock::system();
    bool asks_first = false;                                      // nothing is delivered before allow()
    bool whole = false;                                           // everything that waits goes in one delivery
    std::function<void()> refused;                                // refused rows wait to be dead-lettered
    std::function<void()> changed;                                // the report would differ, or there is an answer()
  };
  // What opening the sink came to.
  struct Answer {
    bool is_reached = false;                                      // the peer could be asked, and either took the marker or refused it
    std::optional<Holding> holding;                               // what it holds
  };
  explicit Delivery(Parts parts);
  ~Delivery();       // after its current delivery

  void stop();       // asks; the destructor waits
  // None before the sink was opened for the first time; then the newest.
  std::optional<Answer> answer() const;
  // From now on it delivers, under this marker: what was opened under another one is opened again.
  void allow(const Marker& marker);
  void forbid();     // after its current delivery
  SinkReport report() const;
  // Why its circuit is not closed; none while it is.
  std::optional<std::string> down() const;
  // Why its sink takes nothing, where trying again does not help: nobody is to wait for it.
  std::optional<Error> refusal() const;
  const SinkSpec& spec() const { return parts_.spec; }

 private:
  void run(Cancellation cancellation);
  Status open(std::unique_ptr<Sink>& opened, Cancellation cancellation);
  bool must_open_again() const;
  bool wait_until_allowed(Cancellation cancellation);
  Status deliver_once(Sink& sink, Cancellation cancellation);
  // `at_least`: how long the peer asked to be left alone.
  void failed(const Error& error, std::chrono::milliseconds at_least, Cancellation cancellation);
  void succeeded(const std::vector<SinkEpoch>& epochs);
  void count(const RowsWritten& rows);

  // Constant after construction.
  const Parts parts_;

  // The delivery thread's only.
  std::unique_ptr<SinkNotes> notes_;
  bool may_have_refused_ = true;   // rows of what waits may be recorded as refused: before the first delivery nobody knows
  bool in_doubt_ = false;          // an epoch was sent, perhaps in an earlier life, and no answer came
  int failures_ = 0;               // in a row
  BackOff back_off_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable_any allowed_changed_;
  SinkReport report_;
  std::optional<Answer> answer_;
  std::optional<Error> refusal_;
  Marker marker_;
  bool allowed_ = false;
  bool open_again_ = false;        // the marker is another one than that which the sink was opened under

  std::jthread thread_;            // last: stops before what it uses is gone
};

}  // namespace penstock
