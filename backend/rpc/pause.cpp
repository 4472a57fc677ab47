#include "rpc/pause.h"

#include <condition_variable>
#include <mutex>

namespace penstock::rpc {

void pause(std::chrono::milliseconds duration, const Cancellation& cancellation) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, cancellation, duration, [] { return false; });
}

}  // namespace penstock::rpc
