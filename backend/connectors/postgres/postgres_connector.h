#pragma once

#include "io/connector.h"

namespace penstock {

// Kind "postgres": a sink into a table of a PostgreSQL database.
Connector postgres_connector();

}  // namespace penstock
