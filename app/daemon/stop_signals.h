#pragma once

#include <chrono>

namespace penstock {

// SIGTERM and SIGINT (Windows: console control events) as something to wait for. Made once, before any thread is.
class StopSignals {
 public:
  StopSignals();
  // True when one came, within this time or since the last call.
  bool wait(std::chrono::milliseconds timeout);
};

}  // namespace penstock
