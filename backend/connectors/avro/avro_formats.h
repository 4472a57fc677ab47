#pragma once

#include "io/connector.h"

namespace penstock {

// Adds the wire format `avro` to the catalog: one value in the binary encoding a record, with a contract that is an .avsc.
// With `drift: evolve` and a registry, fields of other writers are added as their schemas say them.
// `framing` of the source is `confluent` (the default where its connection has a registry) or `none`.
void add_avro_formats(ConnectorCatalog& catalog);

}  // namespace penstock
