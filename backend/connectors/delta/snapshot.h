#pragma once

// A table at one version: what is left when all actions up to it are replayed (PROTOCOL.md, "Action Reconciliation").

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/delta/actions.h"

namespace penstock::delta {

struct Snapshot {
  std::int64_t version = -1;                           // -1: there is no table yet
  Protocol protocol;
  Metadata metadata;
  std::map<std::string, AddFile> files;                // by path: the rows of the table
  std::map<std::string, RemoveFile> removed;           // by path: kept for those who still read older versions
  std::map<std::string, Transaction> transactions;     // by application id

  bool exists() const { return version >= 0; }
  // The last version of an application; none when it never wrote here.
  std::optional<std::int64_t> transaction_version(const std::string& app_id) const;
  // The value of a table property, or empty.
  std::string property(const std::string& key) const;
  bool append_only() const { return property("delta.appendOnly") == "true"; }

  void apply(const Action& action);
  void apply(const std::vector<Action>& actions, std::int64_t at_version);
};

}  // namespace penstock::delta
