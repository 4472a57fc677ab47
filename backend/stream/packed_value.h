#pragma once

// Values of the state as they are stored. Rows that wait for a sink or in an open window are most of what an epoch writes and
// syncs, and they shrink to a third: a value of some size is compressed by LZ4 (block format) where that makes it smaller.
//
//   packed: the magic "\xB7LZ4", u32 length of the value (little endian), one LZ4 block. Anything else is the value itself.
//
// States that were written before this are read as they are.

#include <optional>
#include <string>
#include <string_view>

namespace penstock {

// The form in which `value` is stored: `value` itself, or a view of `buffer`.
std::string_view pack_value(std::string_view value, std::string& buffer);

// The value of what is stored: `stored` itself, or a view of `buffer`. Empty: what is stored is damaged.
std::optional<std::string_view> unpack_value(std::string_view stored, std::string& buffer);

}  // namespace penstock
