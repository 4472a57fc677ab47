#pragma once

#include "penstock/v1/pods.pb.h"
#include "telemetry/log_ring.h"

namespace penstock::rpc {

void write(const LogLine& line, v1::LogLine& message);

// How a pod writes its log, so that it can be read back: "<ISO 8601> <level> <text>" (spdlog's pattern for it).
inline constexpr char kPodLogPattern[] = "%Y-%m-%dT%H:%M:%S.%fZ %l %v";

// A line of a pod's log file. One that is not written as above (a library, a crash) is an "info" line of time 0.
v1::LogLine log_line_of(const std::string& text, const std::string& pod);

}  // namespace penstock::rpc
