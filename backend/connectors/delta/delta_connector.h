#pragma once

#include "io/connector.h"

namespace penstock {

// Kind "delta": a sink into `<tables_root>/<layer>/<name>`. Its `table` setting is "layer.name".
Connector delta_connector();

}  // namespace penstock
