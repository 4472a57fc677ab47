#pragma once

#include <string>

#include "stream/state_store.h"
#include "stream/watermark.h"

namespace penstock {

// The newest time of each partition, as the step's state has it below `prefix`. Error: data_loss.
Status restore_watermark(Watermark& watermark, const StateStore& state, const std::string& prefix, std::int64_t now);
void log_watermark(Watermark& watermark, const std::string& prefix, StateWrite& write);

}  // namespace penstock
