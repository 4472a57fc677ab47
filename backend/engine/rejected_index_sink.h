#pragma once

#include <string>

#include "io/connector.h"

namespace penstock {

inline constexpr char kRejectedIndex[] = "rejected_index";

// Kind "rejected_index": what a stream puts into quarantine and dead letters, into `<state root>/operations.db`, where the
// console looks rows up and redrives them. Every pod writes there; a row that is known is left as it is, so an
// epoch that is delivered again changes nothing.
Connector rejected_index_connector(const std::string& state_root);

}  // namespace penstock
