#pragma once

#include "io/connector.h"

namespace penstock {

// Kind "delta": a sink into `<tables_root>/<layer>/<name>`, and a source that reads a landed bronze table again, as
// replay does (delta_scan_source.h). The `table` setting is "layer.name".
Connector delta_connector();

}  // namespace penstock
