#pragma once

// The contract of each source of a stream as it was declared and as it has become: inferred, evolved, or asked from a registry.

#include <optional>
#include <string>
#include <vector>

#include "io/connector.h"
#include "workspace/spec.h"

namespace penstock {

struct ContractVersion {
  std::int64_t version = 0;                     // 0: the file that the workspace declares; else as it is kept below the state
  std::string path;
  std::optional<std::int64_t> kept_at;          // micros
  std::vector<std::string> columns;             // "qty INTEGER"
  std::vector<std::string> added, removed;      // columns, against the version before; one that has changed is in both
  // May it follow the version before, at these levels? None for the first, and where its language cannot be compared.
  std::optional<bool> backward, forward;
};

struct SourceContracts {
  std::string source;
  std::string declared;                         // as the workspace says it; empty: inferred
  std::string format;
  DriftPolicy drift = DriftPolicy::quarantine;
  std::vector<ContractVersion> versions;        // oldest first; the last is what decodes. Empty where nothing is known yet
};

// Errors: not_found for a stream that there is not; what is wrong with a contract that cannot be read.
Result<std::vector<SourceContracts>> contract_versions(const Workspace& workspace, const std::string& state_root, const std::string& stream, const ConnectorCatalog& catalog);

}  // namespace penstock
