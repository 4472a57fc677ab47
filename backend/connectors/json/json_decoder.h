#pragma once

#include <memory>

#include "io/codec.h"
#include "io/contract.h"

namespace penstock {

// Decodes records that are one JSON object each into the columns of a contract. Fields are known by name; the order
// of the last record is expected first. A record is refused, with a sentence that names the field, what was expected
// and what was got, when it is not valid JSON in UTF-8, lacks a required field, gives a field twice, or holds a value
// that is not exactly of its type and within its checks. Fields that the contract does not know are drift.
//
//   "2026-11-20T14:32:07Z" → timestamp   12.99 → decimal, exactly   {"a":1} → json, as written   3.0, "3" → no integer
//
// With `framed`, each record begins with a schema's id (io/schema_registry.h), which is passed over.
// Error: invalid_argument for a contract whose patterns or defaults are wrong.
Result<std::unique_ptr<Decoder>> make_json_decoder(const Contract& contract, bool framed = false);

}  // namespace penstock
