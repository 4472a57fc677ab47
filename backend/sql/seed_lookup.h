#pragma once

// Private to this folder: `column IN (SELECT column FROM ref.seed)` in a step that runs for few rows at a time.

#include "record/schema.h"
#include "sql/sql_tree.h"

namespace penstock {

// Puts a small seed's values in the place of the subquery, for which DuckDB would make a join: that costs 0.3 ms at each
// execution, be it for one row. Only where the answers are the same: whole numbers among whole numbers, or texts among
// texts, none of them NULL. `columns`: those that the expressions see. True when something was replaced. The statement
// must be compiled again when a seed changes.
bool inline_seed_lookups(SqlTree& tree, Session& session, const Schema& columns);

}  // namespace penstock
