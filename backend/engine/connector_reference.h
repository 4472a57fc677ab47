#pragma once

#include <string>
#include <vector>

#include "io/connector.h"

namespace penstock {

// docs/connectors.md: what connections, sources and sinks may say, from what the connectors declare of themselves.
std::string connector_reference(const ConnectorCatalog& catalog);

// What a declaration lacks: a sentence for each setting, a unit for each number, `secret` where a name says that it is one.
// "kafka.source.topic: …", one a line.
std::vector<std::string> declaration_problems(const ConnectorCatalog& catalog);

}  // namespace penstock
