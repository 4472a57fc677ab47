#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/sink.h"

namespace penstock {

// What one sink gets of one epoch, as the state keeps it.
std::string encode_epoch(const SinkEpoch& epoch);
// `number`: the epoch's, which stands in the key.
Result<SinkEpoch> decode_epoch(std::int64_t number, std::string_view bytes);

}  // namespace penstock
