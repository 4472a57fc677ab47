#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace penstock {

// Writes a new workspace with one stream that runs as it is (simulated sales to bronze, silver and gold), a seed, a
// policy and a test. The folder may exist when it is empty. Gives the files written, relative to it.
// Errors: already_exists where anything lies in the folder; invalid_argument for a name that cannot be one; io.
Result<std::vector<std::string>> write_new_workspace(const std::string& folder);

}  // namespace penstock
