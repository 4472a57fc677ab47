#pragma once

// Single values as a person reads them, and as CSV and JSON write them (texts without quotes). Thread-safe.

#include <cstdint>
#include <string>

#include "record/batch.h"

namespace penstock {

std::string decimal_text(Int128 unscaled, int scale);       // "-12.90"
std::string real_text(double value);                        // the shortest that gives the same number; "nan", "inf"
std::string date_text(std::int32_t days);                   // "2026-11-20", of days since 1970
std::string timestamp_text(std::int64_t micros);            // "2026-11-20T14:32:07.250Z", six digits where it needs them

}  // namespace penstock
