#pragma once

// Time is a parameter: whatever waits or stamps is handed a Clock, and tests hand it a ManualClock.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace penstock {

// Microseconds since 1970-01-01T00:00:00Z: the unit of every time column and of every time in the API.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;                                  // wall clock; may jump
  virtual std::chrono::steady_clock::time_point steady() const = 0;   // never goes back

  static const Clock& system();
};

// Stands still until it is moved. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : micros_(start.time_since_epoch().count()) {}
  Timestamp now() const override { return Timestamp(since_epoch()); }
  std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::time_point(since_epoch()); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::chrono::microseconds since_epoch() const { return std::chrono::microseconds(micros_); }

  std::atomic<std::int64_t> micros_;
};

inline std::int64_t to_micros(Timestamp time) { return time.time_since_epoch().count(); }
inline Timestamp from_micros(std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); }

// "2026-11-20T14:32:07.250Z"
std::string to_iso8601(Timestamp time);

}  // namespace penstock
