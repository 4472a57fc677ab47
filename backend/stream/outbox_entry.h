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

struct EpochSize {
  std::int64_t rows = 0;          // in batches and in files
  std::int64_t file_bytes = 0;
  bool staged = false;            // it has files
};
EpochSize size_of(const SinkEpoch& epoch);
// The same of stored bytes, whose rows are not read; damage is found.
Result<EpochSize> size_of_stored(std::string_view bytes);

}  // namespace penstock
