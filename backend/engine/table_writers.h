#pragma once

#include <map>
#include <string>

#include "workspace/spec.h"

namespace penstock {

// Which stream writes a table: its sinks of kind delta, late rows, quarantine and dead letters. Tables by name.
std::map<std::string, std::string> table_writers(const Workspace& workspace);

}  // namespace penstock
