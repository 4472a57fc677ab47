#include "sql/column_origins.h"

#include <algorithm>
#include <optional>
#include <set>

#include "sql/sql_rules.h"
#include "sql/sql_text.h"
#include "sql/sql_tree.h"

namespace penstock {
namespace {

using Origins = std::set<ColumnOrigin>;

struct Column {
  std::string name;
  ColumnUse use = ColumnUse::same;
  Origins from;
  std::string expression;
};

struct Relation {
  std::string alias;            // lower case
  std::vector<Column> columns;
  Origins any;                  // of a column of any name: what a table function was given
};
using Relations = std::vector<Relation>;
using Named = std::map<std::string, std::vector<Column>>;       // by name in lower case

ColumnUse stronger(ColumnUse one, ColumnUse other) { return std::max(one, other); }

std::vector<std::string> names_in(const SqlTree& object, const char* key) {
  std::vector<std::string> names;
  if (const auto found = object.find(key); found != object.end() && found->is_array())
    for (const SqlTree& name : *found)
      if (name.is_string()) names.push_back(name.get<std::string>());
  return names;
}

class OriginReader {
 public:
  OriginReader(Session& session, const NamedColumns& inputs) : session_(session) {
    for (const auto& [name, columns] : inputs)
      for (const std::string& column : columns) inputs_[lower_case(name)].push_back({column, ColumnUse::same, {{name, column}}, ""});
    for (const auto& [name, columns] : inputs) inputs_.try_emplace(lower_case(name));
  }

  std::vector<Column> read_query(const SqlTree& node, Named known) const {
    if (!node.is_object()) return {};
    take_ctes(node, known);
    const std::string type = text_of(node, "type");
    if (type == "SELECT_NODE") return read_select(node, known);
    if (type == "SET_OPERATION_NODE") return read_union(node, known);
    if (type == "CTE_NODE") {
      known[lower_case(text_of(node, "cte_name"))] = read_query(node.value("query", SqlTree()), known);
      return read_query(node.value("child", SqlTree()), known);
    }
    return {};
  }

 private:
  void take_ctes(const SqlTree& node, Named& known) const {
    if (!node.contains("cte_map") || !node["cte_map"].contains("map")) return;
    for (const SqlTree& entry : node["cte_map"]["map"]) {
      const std::string name = lower_case(text_of(entry, "key"));
      if (!entry.contains("value") || !entry["value"].contains("query")) continue;
      std::vector<Column> columns = read_query(entry["value"]["query"].value("node", SqlTree()), known);
      rename(columns, names_in(entry["value"], "aliases"));
      known[name] = std::move(columns);
    }
  }

  static void rename(std::vector<Column>& columns, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size() && i < columns.size(); ++i) columns[i].name = names[i];
  }

  std::vector<Column> read_union(const SqlTree& node, const Named& known) const {
    std::vector<Column> columns = read_query(node.value("left", SqlTree()), known);
    const std::vector<Column> others = read_query(node.value("right", SqlTree()), known);
    const bool by_name = text_of(node, "setop_type").find("BY_NAME") != std::string::npos;
    for (std::size_t i = 0; i < others.size(); ++i) {
      auto match = by_name ? std::find_if(columns.begin(), columns.end(), [&](const Column& one) { return lower_case(one.name) == lower_case(others[i].name); })
                           : columns.begin() + static_cast<std::ptrdiff_t>(std::min(i, columns.size()));
      if (match == columns.end()) {
        if (by_name) columns.push_back(others[i]);
        continue;
      }
      match->use = stronger(match->use, others[i].use);
      match->from.insert(others[i].from.begin(), others[i].from.end());
    }
    return columns;
  }

  std::vector<Column> read_select(const SqlTree& node, const Named& known) const {
    Relations relations;
    read_from(node.value("from_table", SqlTree()), known, relations);
    std::vector<Column> columns;
    for (const SqlTree& item : node.value("select_list", SqlTree::array())) {
      if (is_class(item, "STAR")) {
        read_star(item, relations, known, columns);
        continue;
      }
      Column column;
      column.name = text_of(item, "alias");
      if (column.name.empty() && is_class(item, "COLUMN_REF"))
        if (const auto names = names_in(item, "column_names"); !names.empty()) column.name = names.back();
      read_expression(item, relations, known, columns, column);
      if (column.use != ColumnUse::same || column.from.size() != 1) column.expression = text_of_expression(node, item);
      columns.push_back(std::move(column));
    }
    return columns;
  }

  void read_star(const SqlTree& star, const Relations& relations, const Named& known, std::vector<Column>& columns) const {
    const std::string of = lower_case(text_of(star, "relation_name"));
    std::set<std::string> left_out;
    for (const char* key : {"exclude_list", "qualified_exclude_list"})
      if (star.contains(key))
        for (const SqlTree& one : star[key]) left_out.insert(lower_case(one.is_string() ? one.get<std::string>() : text_of(one, "column")));
    std::map<std::string, const SqlTree*> replaced;
    if (star.contains("replace_list"))
      for (const SqlTree& one : star["replace_list"])
        if (one.contains("key") && one.contains("value")) replaced[lower_case(text_of(one, "key"))] = &one["value"];
    for (const Relation& relation : relations) {
      if (!of.empty() && relation.alias != of) continue;
      for (const Column& column : relation.columns) {
        if (left_out.contains(lower_case(column.name))) continue;
        const auto other = replaced.find(lower_case(column.name));
        if (other == replaced.end()) {
          columns.push_back(column);
          continue;
        }
        Column made{column.name, ColumnUse::computed, {}, ""};
        read_expression(*other->second, relations, known, {}, made);
        columns.push_back(std::move(made));
      }
    }
  }

  void read_from(const SqlTree& table, const Named& known, Relations& relations) const {
    if (!table.is_object()) return;
    const std::string alias = lower_case(text_of(table, "alias"));
    const std::vector<std::string> names = names_in(table, "column_name_alias");
    if (is_type(table, "BASE_TABLE")) {
      const std::string name = lower_case(table_name_of(table));
      const auto cte = known.find(name);
      const auto input = inputs_.find(name);
      Relation relation{alias.empty() ? lower_case(text_of(table, "table_name")) : alias, {}, {}};
      if (cte != known.end()) relation.columns = cte->second;
      else if (input != inputs_.end()) relation.columns = input->second;
      rename(relation.columns, names);
      relations.push_back(std::move(relation));
    } else if (is_type(table, "JOIN")) {
      read_from(table.value("left", SqlTree()), known, relations);
      read_from(table.value("right", SqlTree()), known, relations);
    } else if (is_type(table, "SUBQUERY") && table.contains("subquery")) {
      Relation relation{alias, read_query(table["subquery"].value("node", SqlTree()), known), {}};
      rename(relation.columns, names);
      relations.push_back(std::move(relation));
    } else if (is_type(table, "TABLE_FUNCTION") && table.contains("function")) {
      Column all;
      read_expression(table["function"], relations, known, {}, all);
      Relation relation{alias.empty() ? lower_case(text_of(table["function"], "function_name")) : alias, {}, all.from};
      for (const std::string& name : names) relation.columns.push_back({name, ColumnUse::computed, all.from, ""});
      relations.push_back(std::move(relation));
    }
  }

  // Adds what `expression` is made of to `out`. `before`: columns of the same select list, which it may name.
  void read_expression(const SqlTree& expression, const Relations& relations, const Named& known, const std::vector<Column>& before, Column& out) const {
    walk<const SqlTree>(expression, [&](const SqlTree& part) {
      if (is_class(part, "SUBQUERY")) {
        out.use = stronger(out.use, ColumnUse::computed);
        if (part.contains("subquery"))
          for (const Column& column : read_query(part["subquery"].value("node", SqlTree()), known)) {
            out.use = stronger(out.use, column.use);
            out.from.insert(column.from.begin(), column.from.end());
          }
        if (part.contains("child") && part["child"].is_object()) read_expression(part["child"], relations, known, before, out);
        return false;
      }
      if (is_class(part, "COLUMN_REF")) {
        take_column(names_in(part, "column_names"), relations, before, out);
        return false;
      }
      if (is_class(part, "WINDOW")) out.use = ColumnUse::aggregated;
      else if (is_class(part, "FUNCTION")) out.use = stronger(out.use, is_aggregate_function(session_, text_of(part, "function_name")) ? ColumnUse::aggregated : ColumnUse::computed);
      else if (!text_of(part, "class").empty()) out.use = stronger(out.use, ColumnUse::computed);
      return true;
    });
  }

  static void take_column(const std::vector<std::string>& names, const Relations& relations, const std::vector<Column>& before, Column& out) {
    const auto take = [&](const Column& column, bool is_whole) {
      out.use = stronger(out.use, is_whole ? column.use : stronger(column.use, ColumnUse::computed));
      out.from.insert(column.from.begin(), column.from.end());
      return true;
    };
    const auto find = [&](const Relation& relation, const std::string& name, bool is_whole) {
      for (const Column& column : relation.columns)
        if (lower_case(column.name) == lower_case(name)) return take(column, is_whole);
      if (relation.any.empty() || !relation.columns.empty()) return false;
      return take({name, ColumnUse::computed, relation.any, ""}, true);
    };
    if (names.empty()) return;
    // "table.column", and then a field of it; else a column, and then a field of it.
    if (names.size() > 1)
      for (const Relation& relation : relations)
        if (relation.alias == lower_case(names[0]) && find(relation, names[1], names.size() == 2)) return;
    for (const Relation& relation : relations)
      if (find(relation, names[0], names.size() == 1)) return;
    for (const Column& column : before)
      if (names.size() == 1 && lower_case(column.name) == lower_case(names[0])) {
        take(column, true);
        return;
      }
  }

  // As DuckDB writes it; the rest of the statement goes.
  std::string text_of_expression(SqlTree node, SqlTree item) const {
    item["alias"] = "";
    node["select_list"] = SqlTree::array({std::move(item)});
    node["from_table"] = {{"type", "EMPTY"}, {"alias", ""}, {"sample", nullptr}, {"query_location", 0}};
    for (const char* key : {"where_clause", "having", "qualify", "sample"}) node[key] = nullptr;
    for (const char* key : {"group_expressions", "group_sets", "modifiers"}) node[key] = SqlTree::array();
    node["aggregate_handling"] = "STANDARD_HANDLING";
    node["cte_map"] = {{"map", SqlTree::array()}};
    const auto text = to_sql(session_, {{"node", std::move(node)}, {"named_param_map", SqlTree::array()}});
    if (!text.ok() || !text->starts_with("SELECT ")) return {};
    return text->substr(std::string_view("SELECT ").size());
  }

  Session& session_;
  Named inputs_;
};

}  // namespace

const char* name_of(ColumnUse use) {
  switch (use) {
    case ColumnUse::same: return "same";
    case ColumnUse::computed: return "computed";
    case ColumnUse::aggregated: return "aggregated";
  }
  return "computed";
}

Result<std::vector<SelectedColumn>> column_origins(Session& session, const std::string& sql, const NamedColumns& inputs) {
  SqlError error;
  const auto statement = parse_select(session, sql, error);
  if (!statement) return Error(ErrorKind::invalid_argument, error.message);
  std::vector<SelectedColumn> columns;
  for (Column& column : OriginReader(session, inputs).read_query(statement->value("node", SqlTree()), {}))
    columns.push_back({std::move(column.name), column.use, {column.from.begin(), column.from.end()}, std::move(column.expression)});
  return columns;
}

}  // namespace penstock
