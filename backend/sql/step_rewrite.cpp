#include "sql/step_rewrite.h"

#include <algorithm>
#include <optional>

#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr const char* kSubqueryAlias = "penstock_rows";

bool contains_name(const SqlTree& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const SqlTree& one) { return one.is_string() && same_name(one.get<std::string>(), name); });
}

// `*` and `relation.*` in a select list: leave these columns out.
void leave_out_of_stars(SqlTree& select_list, const std::string& relation, const std::vector<std::string>& names) {
  for (SqlTree& expression : select_list) {
    walk<SqlTree>(expression, [&](SqlTree& object) {
      if (is_class(object, "SUBQUERY")) return false;
      if (!is_class(object, "STAR") || !object["expr"].is_null()) return true;
      const std::string of = text_of(object, "relation_name");
      if (!of.empty() && !same_name(of, relation)) return true;
      for (const std::string& name : names) {
        if (!contains_name(object["exclude_list"], name)) object["exclude_list"].push_back(name);
      }
      return true;
    });
  }
}

std::string alias_or(const SqlTree& table, const std::string& otherwise) {
  const std::string alias = text_of(table, "alias");
  return alias.empty() ? otherwise : alias;
}

// The stream as it stands in a FROM.
struct Relation {
  std::string alias;
  std::vector<std::string> left_out;
};

class RowWiseRewriter {
 public:
  RowWiseRewriter(const StepInput& input, SqlRules& rules) : input_(input), rules_(rules), stream_names_(input.names) {}

  bool ok() const { return ok_; }
  void rewrite_select(SqlTree& node);

 private:
  void refuse(const SqlTree& where, std::string message, std::string expected) {
    rules_.refuse(where, std::move(message), std::move(expected));
    ok_ = false;
  }
  void check_shape(const SqlTree& node);
  void rewrite_ctes(SqlTree& node);
  void check_expression(const SqlTree& expression);
  void rewrite_select_list(SqlTree& list, const Relation& relation);
  std::optional<Relation> rewrite_from(SqlTree& from);
  std::optional<Relation> rewrite_join(SqlTree& join);
  std::optional<Relation> rewrite_table(SqlTree& table);

  const StepInput& input_;
  SqlRules& rules_;
  NameSet stream_names_;       // the input, and the CTEs made of it
  NameSet stream_ctes_;
  bool ok_ = true;
};

void RowWiseRewriter::check_shape(const SqlTree& node) {
  for (const SqlTree& modifier : node["modifiers"]) {
    if (is_type(modifier, "ORDER_MODIFIER")) refuse(modifier, "ORDER BY is not for a stream", "nothing: rows keep the order of their partition");
    if (is_type(modifier, "DISTINCT_MODIFIER")) refuse(modifier, "DISTINCT needs all rows at once", "dedupe: {key: …, within: …}");
    if (text_of(modifier, "type").starts_with("LIMIT")) refuse(modifier, "LIMIT has no meaning for a stream", "a condition in WHERE");
  }
  if (!node["group_expressions"].empty() || !node["having"].is_null() || text_of(node, "aggregate_handling") != "STANDARD_HANDLING") {
    refuse(node["group_expressions"].empty() ? node : node["group_expressions"][0], "GROUP BY needs all rows at once", "a step with window:");
  }
  if (!node["qualify"].is_null()) refuse(node["qualify"], "QUALIFY needs all rows at once", "a step with window:");
}

void RowWiseRewriter::check_expression(const SqlTree& expression) {
  rules_.check_one_row(expression);
  walk<const SqlTree>(expression, [&](const SqlTree& object) {
    if (!is_class(object, "SUBQUERY")) return true;
    if (reads_any(object["subquery"], stream_names_)) {
      refuse(object, "a subquery cannot read the stream itself: it is never complete", "a table (ref.…), or a step with window:");
    }
    return false;
  });
}

void RowWiseRewriter::rewrite_ctes(SqlTree& node) {
  for (SqlTree& entry : node["cte_map"]["map"]) {
    SqlTree& cte = entry["value"];
    if (!reads_any(cte["query"], stream_names_)) continue;
    rewrite_select(cte["query"]["node"]);
    if (!cte["aliases"].empty()) {
      for (const std::string& name : input_.following) cte["aliases"].push_back(name);
    }
    const std::string name = lower_case(entry["key"].get<std::string>());
    stream_names_.insert(name);
    stream_ctes_.insert(name);
  }
}

void RowWiseRewriter::rewrite_select(SqlTree& node) {
  if (!is_type(node, "SELECT_NODE")) {
    const bool recursive = is_type(node, "RECURSIVE_CTE_NODE");
    refuse(node, recursive ? "a recursive query needs all rows at once" : "UNION, INTERSECT and EXCEPT are not for a stream",
           recursive ? "a step with window:" : "from: [a, b] in the step");
    return;
  }
  check_shape(node);
  rewrite_ctes(node);
  for (const SqlTree& expression : node["select_list"]) check_expression(expression);
  check_expression(node["where_clause"]);
  const auto relation = rewrite_from(node["from_table"]);
  if (!relation) {
    if (ok_) refuse(node["from_table"], "the SELECT does not read the step's input", "FROM " + *input_.names.begin());
    return;
  }
  rewrite_select_list(node["select_list"], *relation);
}

void RowWiseRewriter::rewrite_select_list(SqlTree& list, const Relation& relation) {
  SqlTree kept = SqlTree::array();
  for (SqlTree& expression : list) {
    const std::string alias = text_of(expression, "alias");
    const bool is_column = is_class(expression, "COLUMN_REF");
    const std::string name = is_column ? expression["column_names"].back().get<std::string>() : std::string();
    const auto follows = [&](const std::string& one) {
      return std::any_of(input_.following.begin(), input_.following.end(), [&](const auto& column) { return same_name(column, one); });
    };
    if (!alias.empty() && follows(alias) && !same_name(alias, name)) {
      refuse(expression, alias + " says where a row comes from and cannot be given another value", "another name");
    }
    // Named outright, it would stand there twice.
    if (is_column && follows(name) && (alias.empty() || same_name(alias, name))) continue;
    kept.push_back(std::move(expression));
  }
  leave_out_of_stars(kept, relation.alias, relation.left_out);
  for (const std::string& name : input_.following) kept.push_back(make_column(relation.alias, name));
  list = std::move(kept);
}

std::optional<Relation> RowWiseRewriter::rewrite_table(SqlTree& table) {
  const std::string name = lower_case(table_name_of(table));
  if (stream_ctes_.contains(name)) return Relation{alias_or(table, text_of(table, "table_name")), input_.following};
  if (!input_.names.contains(name)) return std::nullopt;
  Relation relation{alias_or(table, text_of(table, "table_name")), input_.left_out};
  table = make_scan(input_.scan, relation.alias, table["column_name_alias"]);
  return relation;
}

std::optional<Relation> RowWiseRewriter::rewrite_join(SqlTree& join) {
  const auto left = rewrite_from(join["left"]);
  const auto right = rewrite_from(join["right"]);
  if (join.contains("condition") && !join["condition"].is_null()) check_expression(join["condition"]);
  if (!left && !right) return std::nullopt;
  const std::string kind = text_of(join, "join_type");
  if (left && right) {
    refuse(join, "a stream cannot be joined with itself row by row", "a step with join:, or one with window:");
  } else if (text_of(join, "ref_type") == "POSITIONAL") {
    refuse(join, "a positional join depends on how rows are batched", "a join with a condition");
  } else if (kind == "FULL" || kind == (left ? "RIGHT" : "LEFT")) {
    refuse(join, "this join gives rows that come from no row of the stream", "stream LEFT JOIN table, or an inner join");
  } else if (right && (kind == "SEMI" || kind == "ANTI")) {
    refuse(join, "this join keeps only the table's columns", "the stream on the left");
  }
  return left ? left : right;
}

std::optional<Relation> RowWiseRewriter::rewrite_from(SqlTree& from) {
  if (is_type(from, "BASE_TABLE")) return rewrite_table(from);
  if (is_type(from, "JOIN")) return rewrite_join(from);
  if (!reads_any(from, stream_names_)) return std::nullopt;
  if (!is_type(from, "SUBQUERY")) {
    refuse(from, "the stream cannot be read in this way", "FROM " + *input_.names.begin());
    return std::nullopt;
  }
  rewrite_select(from["subquery"]["node"]);
  if (text_of(from, "alias").empty()) from["alias"] = kSubqueryAlias;
  if (!from["column_name_alias"].empty()) {
    for (const std::string& name : input_.following) from["column_name_alias"].push_back(name);
  }
  return Relation{text_of(from, "alias"), input_.following};
}

// The aliases of the input in a FROM, each replaced by its scan.
void rewrite_window_from(SqlTree& from, const StepInput& input, std::vector<std::string>& aliases) {
  if (is_type(from, "JOIN")) {
    rewrite_window_from(from["left"], input, aliases);
    rewrite_window_from(from["right"], input, aliases);
  } else if (is_type(from, "BASE_TABLE") && input.names.contains(lower_case(table_name_of(from)))) {
    aliases.push_back(alias_or(from, text_of(from, "table_name")));
    from = make_scan(input.scan, aliases.back(), from["column_name_alias"]);
  }
}

}  // namespace

bool rewrite_row_wise(SqlTree& statement, const StepInput& input, SqlRules& rules) {
  RowWiseRewriter rewriter(input, rules);
  rewriter.rewrite_select(statement["node"]);
  return rewriter.ok();
}

void rewrite_window(SqlTree& statement, const StepInput& input) {
  walk<SqlTree>(statement, [&](SqlTree& object) {
    if (!is_type(object, "SELECT_NODE")) return true;
    std::vector<std::string> aliases;
    rewrite_window_from(object["from_table"], input, aliases);
    for (const std::string& alias : aliases) leave_out_of_stars(object["select_list"], alias, input.left_out);
    return true;
  });
}

}  // namespace penstock
