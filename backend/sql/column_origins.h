#pragma once

// Out of which columns a SELECT makes each of its own, read out of the tree that DuckDB's own parser makes of it. Nothing is
// bound or run: a name that stands for nothing known is left out.

#include <map>
#include <string>
#include <vector>

#include "sql/session.h"

namespace penstock {

enum class ColumnUse { same, computed, aggregated };     // the strongest of a column's parts
const char* name_of(ColumnUse use);

struct ColumnOrigin {
  std::string relation;         // as `inputs` has it
  std::string column;
  auto operator<=>(const ColumnOrigin&) const = default;
};

struct SelectedColumn {
  std::string name;             // empty: it has none of its own, DuckDB makes one up
  ColumnUse use = ColumnUse::same;
  std::vector<ColumnOrigin> from;       // sorted; empty for a constant
  std::string expression;       // its SQL; empty: it is taken as it is
};

// What FROM may name ("silver", "ref.stores"), with their columns.
using NamedColumns = std::map<std::string, std::vector<std::string>>;

// In the order of the select list, `*` written out. Columns that only decide which rows there are (WHERE, ON, GROUP BY) are
// no origins. Error: invalid_argument, where `sql` is not one SELECT.
Result<std::vector<SelectedColumn>> column_origins(Session& session, const std::string& sql, const NamedColumns& inputs);

}  // namespace penstock
