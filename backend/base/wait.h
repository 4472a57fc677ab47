#pragma once

#include <chrono>

#include "base/cancellation.h"

namespace penstock {

// Waits, and wakes at once when cancelled. Thread-safe.
void wait_for(std::chrono::microseconds time, Cancellation cancellation);

}  // namespace penstock
