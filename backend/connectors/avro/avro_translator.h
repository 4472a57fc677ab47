#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/record_translator.h"
#include "io/schema_registry.h"

namespace penstock {

// Framed Avro values (io/schema_registry.h) as Kafka Connect writes them in JSON: {"schema": …, "payload": …}. Of the schema part there
// is what Connect's converter left of it in Avro's: the names of the fields of records within the record, and what they mean
// (`connect.name`). Bytes are base64, decimals numbers, exactly.
std::unique_ptr<RecordTranslator> make_avro_translator(std::shared_ptr<SchemaRegistry> registry);

// That schema part, of a writer's schema; "null" for one that cannot be understood. `references`: whose records it names.
std::string connect_schema_of(std::string_view avro_schema, const std::vector<RegisteredSchema::Reference>& references = {});

}  // namespace penstock
