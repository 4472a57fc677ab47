#pragma once

#include "io/connector.h"

namespace penstock {

// `table`: a Delta table as a stream of the rows that are added to it.
Connector table_connector();

}  // namespace penstock
