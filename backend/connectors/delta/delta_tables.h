#pragma once

#include "io/connector.h"

namespace penstock {

// How the rest of Penstock gets at Delta tables without knowing Delta: the catalog's table_reader() and table_scanner().
void add_delta_tables(ConnectorCatalog& catalog);

}  // namespace penstock
