#pragma once

#include <string>
#include <string_view>

#include "io/contract.h"

namespace penstock {

// A JSON Schema (draft 7, 2019-09, 2020-12) of an object as a contract: one column per property.
//
//   integer → int64 (format int32: int32)       number → float64, with multipleOf 0.01 (a power of ten) or
//   x-precision / x-scale → decimal             string → varchar; format date-time, date; contentEncoding base64
//   boolean                                     object, array → json, whose inside is not described further
//
// Nullable: type ["…", "null"], or anyOf/oneOf with {"type": "null"}. Kept as checks: enum, const, minimum, maximum,
// exclusiveMinimum, exclusiveMaximum, minLength, maxLength, pattern, format uuid. Local $ref are followed.
// Any other keyword is refused by name with its line. Unknown fields of a record are drift, whatever
// additionalProperties says: the stream's drift policy decides. `file` is only named.
Result<Contract> parse_json_schema_contract(std::string_view text, const std::string& file);

}  // namespace penstock
