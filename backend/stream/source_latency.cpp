#include "stream/source_latency.h"

#include "record/schema.h"

namespace penstock {

void record_source_latency(const Batch& rows, std::int64_t now, LatencyHistogram& latency) {
  const auto times = rows.find(origin::source_time);
  if (!times) return;
  for (std::int64_t row = 0; row < rows.rows(); ++row)
    if (!times->is_null(row)) latency.record(now - times->int64(row));
}

}  // namespace penstock
