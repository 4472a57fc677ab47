#include "base/cpu_meter.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#ifdef _WIN32
#include <windows.h>
#else
#include <ctime>
#endif

namespace penstock {
namespace {

#ifdef _WIN32
std::chrono::microseconds sum_of(const FILETIME& kernel, const FILETIME& user) {
  const auto tenths = [](const FILETIME& time) { return (static_cast<std::int64_t>(time.dwHighDateTime) << 32) + time.dwLowDateTime; };
  return std::chrono::microseconds((tenths(kernel) + tenths(user)) / 10);
}
#else
std::chrono::microseconds read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::microseconds(std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000);
}
#endif

// Control groups of Linux, version 2: "<quota> <period>" in microseconds, or "max <period>".
double quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  return file >> quota >> period && quota > 0 && period > 0 ? quota / period : 0;
}

class SystemCpuMeter final : public CpuMeter {
 public:
  SystemCpuMeter() {
    cores_ = std::max(1U, std::thread::hardware_concurrency());
    if (const double granted = quota(); granted > 0) cores_ = std::min(cores_, granted);
  }

  std::chrono::microseconds process() const override {
#ifdef _WIN32
    FILETIME begun{}, ended{}, kernel{}, user{};
    GetProcessTimes(GetCurrentProcess(), &begun, &ended, &kernel, &user);
    return sum_of(kernel, user);
#else
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
#endif
  }

  std::chrono::microseconds this_thread() const override {
#ifdef _WIN32
    FILETIME begun{}, ended{}, kernel{}, user{};
    GetThreadTimes(GetCurrentThread(), &begun, &ended, &kernel, &user);
    return sum_of(kernel, user);
#else
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
#endif
  }

#ifndef _WIN32
  // Linux, Documentation/scheduler/sched-stats.rst: nanoseconds on a core, nanoseconds on a run queue, turns.
  std::chrono::microseconds this_thread_waited() const override {
    std::FILE* file = std::fopen("/proc/thread-self/schedstat", "re");
    if (!file) return {};
    unsigned long long ran = 0, waited = 0;
    const bool read = std::fscanf(file, "%llu %llu", &ran, &waited) == 2;
    std::fclose(file);
    return std::chrono::microseconds(read ? static_cast<std::int64_t>(waited / 1'000) : 0);
  }
#endif

  double cores() const override { return cores_; }

 private:
  double cores_ = 1;
};

}  // namespace

const CpuMeter& CpuMeter::system() {
  static const SystemCpuMeter meter;
  return meter;
}

}  // namespace penstock
