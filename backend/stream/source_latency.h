#pragma once

#include <cstdint>

#include "record/batch.h"
#include "telemetry/latency_histogram.h"

namespace penstock {

// How long before `now` (micros) the rows' source events happened; rows without a source time are not counted.
void record_source_latency(const Batch& rows, std::int64_t now, LatencyHistogram& latency);

}  // namespace penstock
