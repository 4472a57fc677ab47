#pragma once

// Reading of ISO 8601 dates and times (the profile of RFC 3339, plus a space for the T). Writing is to_iso8601 in
// base/clock.h. Thread-safe.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace penstock {

// "2026-11-20" as days since 1970-01-01. Empty when it is no such date.
std::optional<std::int32_t> parse_iso_date(std::string_view text);

enum class Zone {
  required,       // "…Z" or "…+01:00" must be there
  utc_if_absent,  // a time without a zone is UTC
};

// "2026-11-20T14:32:07.250Z", "2026-11-20 14:32:07+01:00". More than six digits after the second are cut off. A time
// that cannot be (hour 24, 30 February, a leap second) gives nothing.
std::optional<Timestamp> parse_iso_time(std::string_view text, Zone zone = Zone::required);

}  // namespace penstock
