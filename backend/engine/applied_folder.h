#pragma once

// The copy of a workspace that runs: `<state root>/versions/<number>/`, so that an edit of the workspace changes nothing
// that runs. Beside the files stands `.origin`, the workspace's own folder: relative paths to data start there.

#include <cstdint>
#include <memory>
#include <string>

#include "workspace/loader.h"

namespace penstock {

struct AppliedCopy {
  std::string folder;
  std::string digest;      // of all paths and contents: equal digests are equal workspaces
};

std::string digest_of(const WorkspaceFiles& files);

// Writes the copy aside and renames it; an existing one is replaced. Errors: io, resource_exhausted.
Result<AppliedCopy> write_applied_copy(const WorkspaceFiles& files, const std::string& state_root, std::int64_t number);

// A workspace that was checked when it was applied. data_loss: the folder is damaged.
Result<std::shared_ptr<const Workspace>> load_applied(const std::string& folder, const std::string& environment, const SettingCatalog& catalog);

}  // namespace penstock
