#pragma once

// Private to this folder: what a query may name, and the views that stand for it.

#include <string>
#include <vector>

#include "sql/query_engine.h"
#include "sql/sql_tree.h"

namespace penstock {

// A table that the query reads: "layer.name", or the path of a delta_scan.
struct NamedTable {
  std::string name;
  bool is_path = false;
  std::optional<TableMoment> moment;     // as it was then; none: as it is
  std::optional<std::size_t> offset;     // in the SQL text

  bool has_own_view() const { return is_path || moment; }
};

// Lists the tables that `statement` reads and replaces each delta_scan, and each table with AT, by the view that make_views() makes for it.
// Error: permission_denied, for what would open files, settings or the catalog; `where` is "line:column" of `sql`.
Result<std::vector<NamedTable>> take_tables(SqlTree& statement, const std::string& sql);

// Makes a view for each table. Gives the files that they read.
Result<std::vector<std::string>> make_views(Session& session, TableProvider& provider, const std::vector<NamedTable>& tables,
                                            const std::string& sql);

// "line:column" of a byte of the SQL text; "" for none.
std::string where_in(const std::string& sql, std::optional<std::size_t> offset);

}  // namespace penstock
