#pragma once

#include <set>
#include <string>

#include "engine/applied_workspace.h"

namespace penstock {

struct SeedText {
  std::string name;         // "stores"
  std::string path;         // relative to the workspace: "seeds/stores.csv"
  std::string csv;
  std::string revision;     // of this text
};

// The small reference tables of the workspace, edited where they stand: in its folder, and in the copy that runs. Thread-safe.
class Seeds {
 public:
  Seeds(const AppliedWorkspace& applied, std::string workspace_root) : applied_(applied), root_(std::move(workspace_root)) {}

  // not_found: no such seed.
  Result<SeedText> read(const std::string& name) const;
  // Each file is replaced atomically; steps see it from their next epoch on. failed_precondition: another revision stands
  // there; invalid_argument: a row has not as many fields as the header.
  Status write(const std::string& name, const std::string& csv, const std::string& revision);

 private:
  Result<std::string> path_of(const std::string& name) const;

  const AppliedWorkspace& applied_;
  const std::string root_;
  std::mutex writing_;
};

}  // namespace penstock
