#pragma once

#include "io/connector.h"

namespace penstock {

// `duckdb`: a table of a DuckDB database file.
Connector duckdb_connector();

}  // namespace penstock
