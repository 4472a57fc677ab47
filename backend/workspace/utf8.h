#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/settings.h"

namespace penstock {

// The index of the first byte that is not part of well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms);
// none when all of it is.
std::optional<std::size_t> first_invalid_utf8(std::string_view text);

// Line and column (in bytes, from 1) of an index into a file's text.
Location place_in(const std::string& file, std::string_view text, std::size_t index);

}  // namespace penstock
