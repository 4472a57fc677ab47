#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "lineage/graph.h"
#include "workspace/spec.h"

namespace penstock {

// What runs: one applied version of a workspace and its graph. Immutable.
struct AppliedVersionView {
  std::shared_ptr<const Workspace> workspace;
  LineageGraph graph;
  std::int64_t number = 0;
  std::string folder;         // of the copy
  std::string digest;
  std::map<std::string, SchemaPtr> step_schemas;      // "stream.step" → its output; of those that are known

  // The columns that a step lands in a table; null when they are not known, or no step does.
  SchemaPtr schema_of_table(const std::string& table) const;
};

// Which version runs now; readers keep the one that they took. Thread-safe.
class AppliedWorkspace {
 public:
  std::shared_ptr<const AppliedVersionView> current() const {      // null before the first
    std::lock_guard lock(mutex_);
    return current_;
  }
  void set(AppliedVersionView version) {
    auto next = std::make_shared<const AppliedVersionView>(std::move(version));
    std::lock_guard lock(mutex_);
    current_ = std::move(next);
  }

 private:
  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::shared_ptr<const AppliedVersionView> current_;
};

}  // namespace penstock
