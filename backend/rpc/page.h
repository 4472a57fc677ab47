#pragma once

#include <algorithm>
#include <cstdint>

#include "penstock/v1/common.pb.h"

namespace penstock::rpc {

// The limits that common.proto promises.
inline std::int32_t limit_of(const v1::Page& page) { return page.limit() <= 0 ? 500 : std::min(page.limit(), 10'000); }
inline std::int64_t offset_of(const v1::Page& page) { return std::max<std::int64_t>(page.offset(), 0); }

}  // namespace penstock::rpc
