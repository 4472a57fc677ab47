#pragma once

#include <string>

#include "connectors/avro/avro_schema.h"

namespace penstock::avro {

// Appends a field's default in Avro's binary encoding (1.11 specification, table "field default values"): a default of a
// union is a value of the first branch that takes it. Error: invalid_argument where it is no value of the type.
Status write_default(const AvroType& type, const LocatedJson& value, std::string& out);

// The bytes that a text of the code points 0 to 255 stands for; nothing where it holds others.
std::optional<std::string> bytes_of_latin1(std::string_view utf8);

}  // namespace penstock::avro
