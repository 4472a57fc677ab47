#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "engine/applied_workspace.h"
#include "io/connector.h"
#include "store/versions.h"
#include "workspace/loader.h"
#include "workspace/plan.h"

namespace penstock {

// A workspace folder, read and checked with all of its SQL.
struct CheckedWorkspace {
  WorkspaceFiles files;
  Workspace workspace;
  Problems problems;          // empty: it may be applied
  std::map<std::string, std::int64_t> kept_rows;      // SqlCheck::kept_rows
  int pipelines = 0;
};
CheckedWorkspace check_workspace_folder(const std::string& folder, const std::string& environment, const ConnectorCatalog& connectors);

struct AppliedPlan {
  Plan plan;
  Problems problems;
  std::int64_t running_version = 0;
  std::int64_t new_version = 0;     // 0: nothing was to do
};

// Changes which version of the workspace runs. Thread-safe; the parts outlive it.
class WorkspaceControl {
 public:
  struct Parts {
    std::string root;
    std::string environment;
    std::string state_root;
    const ConnectorCatalog& connectors;
    Versions& versions;
    AppliedWorkspace& applied;
    const Clock& clock = Clock::system();
    std::function<void()> changed;    // another version was set: pods are to follow
  };
  explicit WorkspaceControl(Parts parts) : parts_(std::move(parts)) {}

  // Sets the version that ran last; the folder as it stands when none ever did. invalid_argument: that has problems, the
  // first of which is the message.
  Status open();

  CheckedWorkspace check() const { return check_workspace_folder(parts_.root, parts_.environment, parts_.connectors); }
  // What applying the folder as it stands would do.
  AppliedPlan plan() const;
  // Does it. failed_precondition: state would be lost that is not in `accepted`, or the workspace has problems.
  Result<AppliedPlan> apply(const std::vector<std::string>& accepted, const std::string& who, const std::string& why);

 private:
  AppliedPlan plan_of(const CheckedWorkspace& checked) const;
  Result<std::int64_t> store(const CheckedWorkspace& checked, const std::string& who, const std::string& why);
  Status set(const AppliedVersion& version);

  const Parts parts_;
  std::mutex applying_;       // one at a time
};

}  // namespace penstock
