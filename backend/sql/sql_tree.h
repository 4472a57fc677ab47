#pragma once

// Private to this folder: a SELECT as DuckDB's own parser sees it (json_serialize_sql), to check and to rewrite.
//
// A statement is {"node": …}. A node is a SELECT_NODE with select_list, from_table, where_clause, …; expressions
// are objects with "class"; what can stand in FROM has "type" BASE_TABLE, JOIN, SUBQUERY, TABLE_FUNCTION, ….

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sql/session.h"
#include "sql/sql_error.h"

namespace penstock {

using SqlTree = nlohmann::json;

// The one SELECT that `sql` is. Nothing, and `error` filled, when it is anything else.
std::optional<SqlTree> parse_select(Session& session, const std::string& sql, SqlError& error);
Result<std::string> to_sql(Session& session, const SqlTree& statement);

// Calls `visit` for each object below and including `tree`, parents first; it says whether to go into that object.
template <typename Tree>
void walk(Tree& tree, const std::function<bool(Tree&)>& visit) {
  if (tree.is_object() && !visit(tree)) return;
  if (tree.is_structured()) {
    for (auto& child : tree) walk<Tree>(child, visit);
  }
}

// A member that is text; "" where there is none.
std::string text_of(const SqlTree& object, const char* key);
inline bool is_type(const SqlTree& object, std::string_view type) { return text_of(object, "type") == type; }
inline bool is_class(const SqlTree& object, std::string_view name) { return text_of(object, "class") == name; }
// Where the object stands in the SQL text.
std::optional<std::size_t> offset_of(const SqlTree& object);
// "name" or "schema.name" of a BASE_TABLE.
std::string table_name_of(const SqlTree& base_table);

SqlTree make_column(const std::string& relation, const std::string& name);
// `function() AS alias(column_aliases)` in place of a table.
SqlTree make_scan(const std::string& function, const std::string& alias, const SqlTree& column_aliases);

}  // namespace penstock
