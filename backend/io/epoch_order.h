#pragma once

#include <optional>
#include <vector>

#include "io/sink.h"

namespace penstock {

// Error: failed_precondition where one of the epochs is not behind `last`, the last that the peer holds, or behind the one before it.
Status check_epoch_order(std::optional<std::int64_t> last, const std::vector<SinkEpoch>& epochs);

}  // namespace penstock
