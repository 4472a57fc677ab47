#pragma once

#include <chrono>

#include "base/cancellation.h"

namespace penstock::rpc {

// Waits so long, or until asked to stop.
void pause(std::chrono::milliseconds duration, const Cancellation& cancellation);

}  // namespace penstock::rpc
