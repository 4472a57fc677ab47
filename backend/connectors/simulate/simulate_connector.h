#pragma once

#include "io/connector.h"

namespace penstock {

// `simulate:` made-up but repeatable events of twelve retail systems, with faults on a schedule. Needs no connection.
Connector simulate_connector();

}  // namespace penstock
