#pragma once

#include <cstdint>
#include <string>

#include "sql/session.h"

namespace penstock {

struct DeltaStatistics {
  std::int64_t rows = 0;
  std::string json;
};

// The `stats` of a Delta `add` action (PROTOCOL.md, "Per-file Statistics"), read from the footer of a Parquet file
// with these columns: numRecords, and of the first 32 columns nullCount, minValues, maxValues. Strings are cut to 32
// characters and timestamps to milliseconds, upper bounds upwards. Where no bound is known (NaN, blob, boolean)
// there is none.
Result<DeltaStatistics> read_delta_statistics(Session& session, const std::string& path, const Schema& schema);

}  // namespace penstock
