#include "engine/own_process.h"

#ifdef _WIN32
#include <windows.h>
// After windows.h.
#include <psapi.h>
#else
#include <unistd.h>

#include <fstream>
#endif

namespace penstock {

#ifdef _WIN32

std::int64_t own_process_id() { return static_cast<std::int64_t>(GetCurrentProcessId()); }

std::int64_t own_memory_bytes() {
  PROCESS_MEMORY_COUNTERS counters{};
  return GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters) ? static_cast<std::int64_t>(counters.WorkingSetSize) : 0;
}

#else

std::int64_t own_process_id() { return getpid(); }

std::int64_t own_memory_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total_pages = 0, resident_pages = 0;
  file >> total_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

#endif

}  // namespace penstock
