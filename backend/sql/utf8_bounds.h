#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock {

// Short bounds of a long UTF-8 text: at most `characters` of it, in code point order (which is byte order) not above
// and not below the text. Nothing when the text is not UTF-8, or no short text is above it.
std::optional<std::string> lower_bound_of(std::string_view text, std::size_t characters);
std::optional<std::string> upper_bound_of(std::string_view text, std::size_t characters);

}  // namespace penstock
