#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/settings.h"
#include "workspace/problem.h"

namespace penstock {

// What one connector declares about itself. The composition root copies it from io/connector.h, so that a workspace
// can be checked by whoever has no connector linked.
struct ConnectorDeclaration {
  std::vector<SettingSpec> connection;   // empty: needs no connection
  std::string connection_kind;           // another connector whose connections it takes; empty: they are its own
  std::vector<SettingSpec> source;
  std::vector<SettingSpec> sink;
  bool is_source = false;
  bool is_sink = false;
};

struct SettingCatalog {
  std::map<std::string, ConnectorDeclaration, std::less<>> connectors;   // by kind, the key in YAML
  std::vector<std::string> formats;                                      // "json", …; empty: any is taken
};

// Checks a map against its specs: unknown keys, types, choices, what is required. Keys in `also_known` belong to the
// workspace itself (`connection`, `contract`, …) and are only passed over. A value that holds a reference (`${…}`)
// is taken as it is.
void check_settings(const Setting& map, const std::vector<SettingSpec>& specs, const std::vector<std::string>& also_known,
                    const std::string& what, Problems& problems);

// Values of keys that hold secrets (password, token, …) must be references: ${env:NAME}, ${file:/path}, ${secret:NAME}.
// Looks through the whole tree. Never repeats a value in a message.
void check_secrets(const Setting& map, Problems& problems);

}  // namespace penstock
