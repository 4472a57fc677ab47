#pragma once

#include <string>

#include "io/parquet.h"
#include "ops/gap.h"
#include "workspace/spec.h"

namespace penstock {

// Counts, in the tables alone, the records of a stream from the gap's beginning up to `until`: rows of bronze, which holds every
// record as it came, and dead letters, which hold those that could not be decoded. Not known for a stream with several
// sources, or none of whose steps lands its source untouched. `parquet` is used by this call only.
Result<DeliveredRows> count_delivered(const StreamSpec& stream, const std::string& tables_root, Parquet& parquet, const StreamGap& gap, const Positions& until);

}  // namespace penstock
