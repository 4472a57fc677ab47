#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/compatibility.h"

namespace penstock {

// Why documents that are valid by one JSON Schema (draft 7 to 2020-12) may not be by another, with the names, paths and answers of
// Confluent's registry (its documentation, "JSON Schema compatibility rules"): a property may be added where the writer's
// objects are closed to others, and removed where the reader's are open to others. Annotations do not count, nor do `format`,
// `contains`, `propertyNames` and the branches of `if`. Empty: they are.
// Errors: invalid_argument for what is no JSON; unsupported for a reference that leads out of its document.
Result<std::vector<Incompatibility>> json_schema_incompatibilities(std::string_view reader, std::string_view writer);

}  // namespace penstock
