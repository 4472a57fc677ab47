#pragma once

#include "io/connector.h"

namespace penstock {

// Its sources share the listeners of the object that made them: streams of one process may have one address.
Connector webhook_connector();

}  // namespace penstock
