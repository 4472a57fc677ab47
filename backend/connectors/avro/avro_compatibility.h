#pragma once

#include <vector>

#include "connectors/avro/avro_schema.h"
#include "io/compatibility.h"

namespace penstock {

// Why records written by one schema cannot be read by another, with the names, paths and answers of Confluent's registry, which
// are those of Apache Avro's SchemaCompatibility: logical types do not count, and a union of the writer's is right when each
// of its branches is. Empty: they can.
std::vector<Incompatibility> avro_incompatibilities(const avro::AvroSchema& reader, const avro::AvroSchema& writer);

}  // namespace penstock
