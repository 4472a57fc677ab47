#pragma once

// Named places at which a test may kill the process, to prove that what is durable there is enough.
//
// PENSTOCK_CRASH_AT="delta.after_log:3" kills this process with SIGKILL the third time that the point
// "delta.after_log" is passed. Without the variable a point costs one load of a boolean.

#include <atomic>
#include <string_view>

namespace penstock {

namespace crash_points {
extern const bool armed;
void passed(std::string_view name);
}  // namespace crash_points

inline void crash_point(std::string_view name) {
  if (crash_points::armed) [[unlikely]] crash_points::passed(name);
}

}  // namespace penstock
