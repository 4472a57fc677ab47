#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/raw_batch.h"
#include "io/schema_registry.h"

namespace penstock {

// The text of the contract at `path` with these fields behind its own, each nullable and of the type that the schema of a writer in
// the sample (framed records) gives it: additive only. A field that no such writer has, or whose type a contract cannot
// have (unions of several types), is left out; none when that leaves none. Errors: not_found; invalid_argument for the contract
// itself; what the registry answers.
Result<std::optional<std::string>> evolve_avro_contract(const std::string& path, const RawBatch& sample, const std::vector<std::string>& fields,
                                                        const std::shared_ptr<SchemaRegistry>& registry);

}  // namespace penstock
