#pragma once

#include <string>
#include <string_view>

#include "io/contract.h"

namespace penstock {

// An Avro schema (a record) as a contract that types JSON fields by their names (Avro 1.11 specification).
//
//   int → int32, long → int64, float and double → float64, boolean, string, enum → varchar with its symbols,
//   bytes and fixed → blob, record, array and map → json, union of null and one type → nullable
//   decimal → decimal (a JSON number, or a string), date → date (ISO, or days), timestamp-millis and timestamp-micros
//   → timestamp (ISO 8601 with a zone, or the number), uuid → varchar that is checked
//
// A list of schemas is a contract too: its last one, which may use the names of those before it.
//
// A field with a default may be absent. Unions of several types and other logical types are refused by name with
// their line; attributes that the specification calls metadata are not read. `file` is only named.
Result<Contract> parse_avro_contract(std::string_view text, const std::string& file);

}  // namespace penstock
