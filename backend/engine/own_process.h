#pragma once

#include <cstdint>

namespace penstock {

// This process, as a pod's report tells of it.
std::int64_t own_process_id();
std::int64_t own_memory_bytes();      // resident; 0 where it is not known

}  // namespace penstock
