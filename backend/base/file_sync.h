#pragma once

#include <string>

#include "base/result.h"

namespace penstock {

// Returns when what the file holds, or which names the folder holds, survives a power loss.
// Errors: resource_exhausted (the disk is full), io.
Status sync_file(const std::string& path);
Status sync_folder_of(const std::string& path);

}  // namespace penstock
