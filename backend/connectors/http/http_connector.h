#pragma once

#include "io/connector.h"

namespace penstock {

Connector http_connector();

}  // namespace penstock
