#pragma once

#include <memory>
#include <mutex>

#include "engine/applied_workspace.h"
#include "io/connector.h"
#include "lineage/column_graph.h"

namespace penstock {

// The columns of what is applied, and the way of each. Computed when they are first asked for, once per version. Thread-safe;
// the parts outlive it.
class ColumnLineage {
 public:
  ColumnLineage(const AppliedWorkspace& applied, const ConnectorCatalog& connectors) : applied_(applied), connectors_(connectors) {}

  // Of that version.
  std::shared_ptr<const ColumnGraph> of(const AppliedVersionView& version);
  // Error: not_found, for a node that there is not.
  Result<ColumnTrace> trace(const std::string& node);

 private:
  const AppliedWorkspace& applied_;
  const ConnectorCatalog& connectors_;

  // Protected by mutex_.
  std::mutex mutex_;
  std::int64_t version_ = 0;
  std::shared_ptr<const ColumnGraph> graph_;
};

}  // namespace penstock
