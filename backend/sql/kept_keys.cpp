#include "sql/kept_keys.h"

#include <algorithm>
#include <set>

#include "sql/column_origins.h"
#include "sql/sql_text.h"
#include "sql/sql_tree.h"

namespace penstock {
namespace {

// Functions that give one value a row. Others may be macros over unnest().
const std::set<std::string> kOfOneRow{"upper", "lower", "trim", "ltrim", "rtrim", "length", "substr", "substring", "left", "right", "replace", "concat", "concat_ws",
                                      "abs", "round", "floor", "ceil", "greatest", "least", "ifnull", "nullif", "md5", "date_trunc", "date_part", "year", "month", "day", "strftime"};

bool gives_one_row(const SqlTree& select_list) {
  bool one = true;
  walk<const SqlTree>(select_list, [&](const SqlTree& object) {
    if (is_class(object, "FUNCTION")) one = one && (object.value("is_operator", false) || kOfOneRow.contains(lower_case(text_of(object, "function_name"))));
    if (is_class(object, "SUBQUERY") || is_class(object, "WINDOW")) one = false;
    return one;
  });
  return one;
}

bool is_empty(const SqlTree& node, const char* member) { return !node.contains(member) || node[member].is_null() || node[member].empty(); }

}  // namespace

bool keeps_keys(Session& session, const std::string& sql, const std::string& input, const Schema& columns, const std::vector<std::string>& key) {
  SqlError error;
  const auto statement = parse_select(session, sql, error);
  if (!statement || !statement->contains("node")) return false;
  const SqlTree& node = (*statement)["node"];
  if (!is_type(node, "SELECT_NODE") || !is_empty(node, "group_expressions") || !node.contains("from_table") || !node.contains("select_list")) return false;
  if (!is_type(node["from_table"], "BASE_TABLE") || lower_case(table_name_of(node["from_table"])) != lower_case(input)) return false;
  if (node.contains("cte_map") && !is_empty(node["cte_map"], "map")) return false;
  if (!gives_one_row(node["select_list"])) return false;

  std::vector<std::string> names;
  for (const Field& field : columns.fields()) names.push_back(field.name);
  const auto selected = column_origins(session, sql, {{input, names}});
  return selected.ok() && std::all_of(key.begin(), key.end(), [&](const std::string& name) {
    const auto is_it = [&](const SelectedColumn& column) { return lower_case(column.name) == lower_case(name); };
    const auto found = std::find_if(selected->begin(), selected->end(), is_it);
    return found != selected->end() && std::count_if(selected->begin(), selected->end(), is_it) == 1 && found->use == ColumnUse::same && found->from == std::vector<ColumnOrigin>{{input, name}};
  });
}

}  // namespace penstock
