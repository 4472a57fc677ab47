#include "daemon/stop_signals.h"

#ifdef _WIN32
#include <windows.h>

namespace penstock {
namespace {

HANDLE asked_to_stop() {
  static const HANDLE event = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  return event;
}

BOOL WINAPI on_control(DWORD) {
  SetEvent(asked_to_stop());
  return TRUE;
}

}  // namespace

StopSignals::StopSignals() { SetConsoleCtrlHandler(on_control, TRUE); }

bool StopSignals::wait(std::chrono::milliseconds timeout) {
  return WaitForSingleObject(asked_to_stop(), static_cast<DWORD>(timeout.count())) == WAIT_OBJECT_0;
}

}  // namespace penstock

#else
#include <pthread.h>
#include <signal.h>

namespace penstock {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);      // threads made later inherit it
}

bool StopSignals::wait(std::chrono::milliseconds timeout) {
  const sigset_t set = stop_signals();
  const timespec time{timeout.count() / 1000, timeout.count() % 1000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &time) > 0;
}

}  // namespace penstock
#endif
