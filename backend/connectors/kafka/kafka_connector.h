#pragma once

#include "io/connector.h"

namespace penstock {

// `kafka:` topics in and out.
Connector kafka_connector();

}  // namespace penstock
