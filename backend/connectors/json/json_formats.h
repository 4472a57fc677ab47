#pragma once

#include "io/connector.h"
#include "io/record_translator.h"

namespace penstock {

// Adds the wire formats `json`, `debezium`, `text` and `bytes` to the catalog.
//   json    one object a record; needs a contract (inferred ones are JSON Schema, too)
//   debezium  one change a record; needs a contract of the table's row, or infers one
//   text    one column `value` varchar, valid UTF-8;   bytes   one column `value` blob
void add_json_formats(ConnectorCatalog& catalog, const TranslatorFactory& avro = {});

}  // namespace penstock
