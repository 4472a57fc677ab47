#pragma once

#include <string>
#include <string_view>

#include "base/settings.h"

namespace penstock {

// Where byte `offset` of `text` stands in the YAML file that holds it as a scalar beginning at `start`: plain, quoted,
// literal or folded. `start` itself where the file does not hold that text.
Location place_in_yaml(std::string_view file, const Location& start, std::string_view text, std::size_t offset);

}  // namespace penstock
