#pragma once

#include "io/connector.h"

namespace penstock {

// `files:` a folder whose files are read once each: lines or CSV, plain, .gz or .zst. Needs no connection.
Connector files_connector();

// Adds the wire format `csv` to the catalog.
void add_files_formats(ConnectorCatalog& catalog);

}  // namespace penstock
