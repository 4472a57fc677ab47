#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace penstock {

// A pod's log file, which its process appends to. Beyond `max_bytes` what it holds moves to `<path>.1` and it begins anew:
// by copying, because the process goes on writing to the same open file. A line that is written meanwhile may be lost.
void rotate_log(const std::string& path, std::int64_t max_bytes);
// The last `lines` lines, oldest first, out of `<path>.1` too where there are not enough. not_found: no file.
Result<std::vector<std::string>> last_lines(const std::string& path, std::int32_t lines);

}  // namespace penstock
