#pragma once

#include <string>

#include "base/result.h"

namespace penstock {

// Error: not_found.
Result<std::string> read_contract_text(const std::string& path);
// The same for a format that needs a contract of one language. Errors also: failed_precondition where `path` is empty,
// invalid_argument where it does not end with `extension` (".avsc").
Result<std::string> read_contract_of(const std::string& format, const std::string& path, const std::string& extension);

}  // namespace penstock
