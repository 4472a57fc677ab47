#pragma once

#include "io/connector.h"

namespace penstock {

// Kind "postgres": a sink into a table of a PostgreSQL database.
Connector postgres_connector();
// Changes of a table: a source, by a connection of kind postgres.
Connector postgres_cdc_connector();

}  // namespace penstock
