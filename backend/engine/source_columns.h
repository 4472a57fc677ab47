#pragma once

#include "io/connector.h"
#include "sql/workspace_check.h"

namespace penstock {

// The columns of a source as its steps will see them, by its contract below `workspace_root` and the formats of the catalog.
// `catalog` outlives what is returned.
SourceColumns source_columns(const ConnectorCatalog& catalog, const std::string& workspace_root);

}  // namespace penstock
