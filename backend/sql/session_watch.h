#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/cancellation.h"
#include "sql/session.h"

namespace penstock {

// Interrupts a session when the time is up or the caller gives up. A single interrupt may fall between two
// statements and be lost, so it is repeated until the guard goes.
class SessionWatch {
 public:
  SessionWatch(Session& session, std::chrono::steady_clock::time_point deadline, const Cancellation& cancellation)
      : deadline_(deadline), thread_([this, &session, cancellation] { watch(session, cancellation); }) {}
  ~SessionWatch() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  bool expired() const { return expired_; }

 private:
  void watch(Session& session, const Cancellation& cancellation) {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, cancellation, deadline_, [this] { return done_; });
    if (!done_ && !cancellation.stop_requested()) expired_ = true;
    while (!done_) {
      session.interrupt();
      wake_.wait_for(lock, std::chrono::milliseconds(5), [this] { return done_; });
    }
  }

  // Constant after construction.
  const std::chrono::steady_clock::time_point deadline_;

  std::atomic<bool> expired_ = false;

  // Protected by mutex_.
  std::mutex mutex_;
  bool done_ = false;

  std::condition_variable_any wake_;
  std::thread thread_;      // last: it uses all the others
};

}  // namespace penstock
