#pragma once

// What stands in for sources and sinks while a workspace is tested: given records, and rows kept in memory.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/connector.h"

namespace penstock {

inline constexpr char kGiven[] = "given";

// Rows by the `table` setting of their sink. Thread-safe.
class CollectedRows {
 public:
  void add(const std::string& table, const std::vector<Batch>& rows);
  std::vector<Batch> of(const std::string& table) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Batch>> rows_;
};

// A source that gives `records` (JSON texts, by the `given` setting) once, and a sink that collects.
Connector given_connector(std::map<std::string, std::vector<std::string>> records, std::shared_ptr<CollectedRows> collected);
// The same sink under the name of another kind.
Connector collecting_connector(const std::string& kind, std::shared_ptr<CollectedRows> collected);

}  // namespace penstock
