#pragma once

#include <string>
#include <vector>

#include "io/compatibility.h"

namespace penstock {

// What `level` finds wrong with the last of these contract files, which are versions of one contract, oldest first. Errors:
// invalid_argument where they are not of one language, or cannot be read as what they are; not_found; unsupported.
Result<std::vector<VersionIncompatibility>> check_contract_files(const std::vector<std::string>& paths, CompatibilityLevel level);

}  // namespace penstock
