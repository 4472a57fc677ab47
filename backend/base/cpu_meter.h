#pragma once

// How much processor time was used, and how many cores there are for it.

#include <chrono>

namespace penstock {

// Thread-safe. A test gives one of its own.
class CpuMeter {
 public:
  virtual ~CpuMeter() = default;
  virtual std::chrono::microseconds process() const = 0;       // of all threads since the process began, those that ended too
  virtual std::chrono::microseconds this_thread() const = 0;   // of the calling thread
  // How long the calling thread was ready to run and waited for a core; zero where the system does not tell.
  virtual std::chrono::microseconds this_thread_waited() const { return {}; }
  virtual double cores() const = 0;                            // that this process may use: of the machine, or of its container's quota; above 0

  static const CpuMeter& system();
};

}  // namespace penstock
