#pragma once

// Contracts that a stream has come to by itself: inferred where its source declares none, asked from a registry where it declares
// a subject, or a declared one with the fields that `drift: evolve` has added. Each is a numbered version below the stream's state; the newest is what decodes.

#include <string>
#include <vector>

#include "io/connector.h"
#include "stream/pod_runtime.h"

namespace penstock {

// Does this source need a contract, declare none, and none was inferred yet?
bool must_be_inferred(const StreamLaunch& launch, const SourceSpec& source, const ConnectorCatalog& catalog);
// Is its contract a subject of a registry (workspace/registry_subject.h) that was not asked for yet? What it was then stays the
// contract, until the workspace names another.
bool must_be_fetched(const StreamLaunch& launch, const SourceSpec& source);
// The launch with the kept contracts in place of those that its workspace declares; one that was inferred evolves.
StreamLaunch with_kept_contracts(StreamLaunch launch);
// What is kept for a source of the launch's workspace as it is declared, oldest first; empty where the stream decodes with that.
struct KeptContract {
  std::int64_t version = 0;        // from 1 on
  std::string path;                // absolute
  Timestamp kept_at;
};
std::vector<KeptContract> kept_contracts(const StreamLaunch& launch, const SourceSpec& source);
// Keeps another version for a source of `launch`, as it was before with_kept_contracts(). Durable.
Status keep_contract(const StreamLaunch& launch, const std::string& source, const std::string& text);

}  // namespace penstock
