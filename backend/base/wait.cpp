#include "base/wait.h"

#include <condition_variable>
#include <mutex>

namespace penstock {

void wait_for(std::chrono::microseconds time, Cancellation cancellation) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, cancellation, time, [] { return false; });
}

}  // namespace penstock
