#pragma once

// What a connection of a workspace is in librdkafka's names.

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/settings.h"

namespace penstock::kafka {

// Properties in librdkafka's names; later ones win.
using Properties = std::vector<std::pair<std::string, std::string>>;

// brokers, tls, sasl, event_hubs, and `properties` as they are. Error: invalid_argument with the place; it never holds a secret.
Result<Properties> connection_properties(const Settings& connection);

}  // namespace penstock::kafka
