#pragma once

// The two time types of the console. The API speaks microseconds; so do these, with the unit in the type.

#include <chrono>
#include <QtGlobal>

namespace penstock::ui {

using Micros = std::chrono::microseconds;
// Since 1970-01-01T00:00:00Z. Instant{} means "not known".
using Instant = std::chrono::sys_time<Micros>;

inline bool isKnown(Instant at) { return at != Instant{}; }
inline Instant instantOf(qint64 micros) { return Instant{Micros{micros}}; }
inline qint64 microsOf(Instant at) { return at.time_since_epoch().count(); }
inline Instant wallClockNow() {
  return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

}  // namespace penstock::ui
