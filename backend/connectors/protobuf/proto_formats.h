#pragma once

#include "io/connector.h"

namespace penstock {

// Adds the wire format `protobuf` to the catalog: one message a record, with a contract that is a .proto. `message` of the source is
// its name, the file's first where it is left out; `framing` is `confluent` (the default where its connection has a registry) or `none`.
void add_protobuf_formats(ConnectorCatalog& catalog);

}  // namespace penstock
