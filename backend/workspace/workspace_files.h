#pragma once

#include <map>
#include <string>

#include "workspace/problem.h"

namespace penstock {

// The text of every file of a workspace, by its path relative to the folder ('/' between folders). What is loaded and
// checked is this, so that a scenario, an edit that is not saved yet or a fuzzer needs no folder.
struct WorkspaceFiles {
  std::string root;                           // absolute; empty where there is no folder
  std::map<std::string, std::string> files;
};

// Reads penstock.yaml, connections.yaml, pipelines/, seeds/, contracts/, policies/, tests/ and the names in models/.
// A missing folder, an unreadable or too large file, something that is no regular file: problems.
WorkspaceFiles read_workspace_files(const std::string& folder, Problems& problems);

}  // namespace penstock
