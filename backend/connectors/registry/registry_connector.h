#pragma once

#include "io/connector.h"

namespace penstock {

// The schema registry of a connection: `registry` (one address, or several with commas), `registry_auth` {username,
// password}, `registry_ca`. Error: invalid_argument for an address that is none.
Result<std::shared_ptr<SchemaRegistry>> make_schema_registry(const Settings& connection, const std::string& folder);

}  // namespace penstock
