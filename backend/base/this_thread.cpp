#include "base/this_thread.h"

#ifdef _WIN32
#include <windows.h>
#elif defined(__linux__)
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace penstock {

void name_this_thread(const std::string& name) {
#ifdef _WIN32
  SetThreadDescription(GetCurrentThread(), std::wstring(name.begin(), name.end()).c_str());
#elif defined(__linux__)
  constexpr std::size_t kMostBytes = 15;
  pthread_setname_np(pthread_self(), name.substr(0, kMostBytes).c_str());
#endif
}

void lower_thread_priority([[maybe_unused]] int steps) {
#ifdef _WIN32
  SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL);
#elif defined(__linux__)
  // Linux has a niceness for each thread.
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + steps);
#endif
}

}  // namespace penstock
