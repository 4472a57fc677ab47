#pragma once

#include <QString>

namespace penstock::bench {

// Copies of the demo workspace as benchmarks run it. Each writes into `folder`, which must not exist yet; false when
// that fails.

// The demo as it is.
bool write_retail(const QString& folder);
// Twelve sources at a steady 580 events/s: no rush hours, no bursts, no source that hangs or is down.
bool write_steady_retail(const QString& folder);
// The demo's pipeline of tills alone, at so many events a second; `flush`: how long rows wait for their table, as the demo has it.
bool write_one_source(const QString& folder, int events_per_second, const QString& flush = "10s");
// The same in eight partitions and shards, over two pods; what is windowed is so by store.
bool write_sharded_source(const QString& folder, int events_per_second);
// Twelve sources that give nothing: folders with no file in them.
bool write_silent_retail(const QString& folder);

}  // namespace penstock::bench
