#pragma once

#include <string>

#include "io/connector.h"
#include "workspace/setting_catalog.h"

namespace penstock {

// Every connector and wire format of this program, and the engine's own index of rejected rows below `state_root`.
ConnectorCatalog all_connectors(const std::string& state_root);

// What they declare, for who checks a workspace.
SettingCatalog declarations_of(const ConnectorCatalog& catalog);

}  // namespace penstock
