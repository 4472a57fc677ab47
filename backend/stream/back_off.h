#pragma once

#include <chrono>

#include "base/wait.h"

namespace penstock {

// Jittered exponential back-off: half of each wait is certain and half is chance, so that many do not come back at
// the same moment. Not thread-safe.
class BackOff {
 public:
  explicit BackOff(std::chrono::milliseconds first = std::chrono::milliseconds(200), std::chrono::milliseconds longest = std::chrono::seconds(30))
      : first_(first), longest_(longest) {}

  std::chrono::milliseconds next();
  // Waits next(); returns at once when cancelled.
  void wait(Cancellation cancellation);
  void reset() { failures_ = 0; }

 private:
  const std::chrono::milliseconds first_;
  const std::chrono::milliseconds longest_;
  int failures_ = 0;
};

}  // namespace penstock
