// Any bytes as a latency histogram that a pod sends: read, or refused. What is read has quantiles in order.

#include <cstdint>
#include <cstdlib>

#include "fuzz/planted_crash.h"
#include "telemetry/latency_histogram.h"

using namespace penstock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  const auto histogram = LatencyHistogram::from_bytes({reinterpret_cast<const char*>(data), size});
  if (!histogram.ok()) return 0;
  if (histogram->quantile(0.5) > histogram->quantile(0.99) || histogram->quantile(0.99) > histogram->quantile(1)) std::abort();
  const auto again = LatencyHistogram::from_bytes(histogram->to_bytes());
  if (!again.ok() || again->count() != histogram->count()) std::abort();
  return 0;
}
