#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connectors/json/json_inference.h"
#include "io/raw_batch.h"

namespace penstock {

// The text of the contract at `path` with these fields behind its own, each nullable and of the type that the sample's
// records show (json_inference.h; `infer` where records are read in another way): additive only. A field that the language cannot type (objects and lists in Avro) or
// that no record holds is left out; none when that leaves none. Error: not_found, invalid_argument for the contract itself.
Result<std::optional<std::string>> evolve_json_contract(const std::string& path, const RawBatch& sample, const std::vector<std::string>& fields,
                                                        const std::function<Result<std::string>(const RawBatch&)>& infer = infer_json_contract);

}  // namespace penstock
