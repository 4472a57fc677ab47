#pragma once

#include <memory>
#include <string>

#include "telemetry/log_ring.h"

namespace penstock {

enum class LogTo { standard_error, nowhere };

// An engine's log: the ring that its API reads, and the standard error stream where wanted. Once, first thing in main.
std::shared_ptr<LogRing> log_as_engine(LogTo to);
// A pod's log: the standard error stream, which its host keeps as a file, in the form that rpc/log_messages.h reads.
void log_as_pod(const std::string& pod);

}  // namespace penstock
