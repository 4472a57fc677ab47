#pragma once

#include <string>

#include "workspace/problem.h"
#include "workspace/setting_catalog.h"
#include "workspace/spec.h"
#include "workspace/workspace_files.h"

namespace penstock {

struct LoadResult {
  Workspace workspace;    // complete where there are no problems, else as far as it could be read
  Problems problems;      // by file and line; every one in one go
  int files = 0;          // that were read
};

// Loads and checks a whole workspace folder, all but its SQL (sql/ checks that and reports in the same words).
// `environment` is one of `environments:` in penstock.yaml, or empty. Whatever the files hold, this ends, uses bounded
// memory and does not crash. Thread-safe.
LoadResult load_workspace(const std::string& folder, const std::string& environment, const SettingCatalog& catalog);

// The same over texts in memory.
LoadResult load_workspace(const WorkspaceFiles& files, const std::string& environment, const SettingCatalog& catalog);

}  // namespace penstock
