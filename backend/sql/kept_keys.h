#pragma once

#include <string>
#include <vector>

#include "record/schema.h"
#include "sql/session.h"

namespace penstock {

// Whether `sql` gives, for each row of `input`, at most one row, and that with these columns as they were: two rows with different
// keys stay two. In doubt, not. Reads the tree that DuckDB's own parser makes of it; nothing is bound or run.
bool keeps_keys(Session& session, const std::string& sql, const std::string& input, const Schema& columns, const std::vector<std::string>& key);

}  // namespace penstock
