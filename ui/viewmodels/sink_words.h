#pragma once

#include <QString>

#include "client/values.h"

namespace penstock::ui {

// A sink as it is told to people.
bool isTrying(const SinkState& sink);           // its last try failed, or its circuit is not closed
QString promiseOf(const SinkState& sink);       // "exactly once", "at least once: a row may arrive twice"
// "failing for 30 s · 7 tries failed · circuit open for 12 s · next try in 4 s"; empty while all is well.
// While the circuit is closed it says how many tries are left: "2 tries failed · circuit still closed, 1 try left".
QString tryingInWords(const SinkState& sink, Instant now);
// What changes by key cost: "4.2 rows written for each changed one"; empty where rows are only added, or none has come.
QString costInWords(const SinkState& sink);

}  // namespace penstock::ui
