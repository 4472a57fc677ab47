#pragma once

#include "io/connector.h"

namespace penstock {

Connector sqlite_connector();

}  // namespace penstock
