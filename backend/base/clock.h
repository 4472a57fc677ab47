#pragma once

// Time is a parameter: whatever waits or stamps is handed a Clock, and tests hand it a ManualClock.

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

// Stands still until it is moved. Thread-compatible: moved by one thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_(start) {}
  Timestamp now() const override { return now_; }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(now_.time_since_epoch());
  }
  void advance(std::chrono::microseconds by) { now_ += by; }

 private:
  Timestamp now_;
};

inline std::int64_t to_micros(Timestamp time) { return time.time_since_epoch().count(); }
inline Timestamp from_micros(std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); }

// "2026-11-20T14:32:07.250Z"
std::string to_iso8601(Timestamp time);

}  // namespace penstock
