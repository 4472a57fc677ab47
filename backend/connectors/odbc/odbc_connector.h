#pragma once

#include "io/connector.h"

namespace penstock {

Connector odbc_connector();

}  // namespace penstock
