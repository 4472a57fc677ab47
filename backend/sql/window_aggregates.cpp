#include "sql/window_aggregates.h"

#include <algorithm>
#include <deque>
#include <map>

#include "sql/empty_views.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr const char* kInput = "input";
const NameSet kWindowColumns{"window_start", "window_end"};

// A column of the partial rows.
struct Part {
  std::string name;
  SqlTree of_rows;             // what it is computed from
  std::string merge;           // the aggregate that makes one of many; empty: a key
  std::string type;            // DuckDB's name of what `of_rows` gives

  bool is_key() const { return merge.empty(); }
  // How it is kept: in a type that a column can have.
  std::string kept_type() const { return type == "HUGEINT" ? "DECIMAL(38,0)" : type; }
};

std::string cast(const std::string& what, const std::string& type) { return "CAST(" + what + " AS " + type + ")"; }

// Types whose values are the same when they come back from a column. HUGEINT is what sum() gives of whole numbers.
bool can_be_kept(const Part& part) {
  static const NameSet kTypes{"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE",
                              "VARCHAR", "JSON", "BLOB", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"};
  return kTypes.contains(part.type) || part.type.starts_with("DECIMAL(") || (part.type == "HUGEINT" && part.merge == "sum");
}

SqlTree expression(Session& session, const std::string& text) {
  SqlError error;
  auto tree = parse_select(session, "SELECT " + text, error);
  return tree ? (*tree)["node"]["select_list"][0] : SqlTree();
}

bool is_expression(const SqlTree& object) { return object.is_object() && object.contains("class"); }

std::string column_of(const SqlTree& column_ref) { return column_ref["column_names"].back().get<std::string>(); }

// Equal for expressions that say the same, wherever they stand.
std::string shape_of(SqlTree expression) {
  walk<SqlTree>(expression, [](SqlTree& object) {
    object.erase("query_location");
    object.erase("alias");
    if (is_class(object, "COLUMN_REF")) object["column_names"] = lower_case(column_of(object));
    return true;
  });
  return expression.dump();
}

class Decomposition {
 public:
  Decomposition(Session& session, const NameSet& names, const Schema& rows, const Schema& output)
      : session_(session), names_(names), rows_(rows), output_(output) {}

  std::optional<WindowAggregates> of(const std::string& sql);

 private:
  enum class Reads { nothing, rows, window, both };

  bool is_plain(const SqlTree& node) const;
  bool is_aggregate(const SqlTree& object) const { return is_class(object, "FUNCTION") && is_aggregate_function(session_, text_of(object, "function_name")); }
  bool has_aggregate(const SqlTree& tree) const;
  bool is_of_window(const SqlTree& aggregate) const;
  bool is_column(std::string_view name) const;
  Reads reads(const SqlTree& tree) const;
  bool find_keys(const SqlTree& node);
  bool add_key(const SqlTree& key);
  bool find_aggregates(const SqlTree& tree);
  bool read_types(const SqlTree& statement);
  Part& part_of(const SqlTree& aggregate, const std::string& function, const std::string& merge);
  std::optional<std::string> merged(const SqlTree& aggregate);
  bool to_partials(SqlTree& tree);
  SqlTree select_parts(SqlTree statement) const;
  SqlTree select_merged(SqlTree statement) const;

  Session& session_;
  const NameSet& names_;
  const Schema& rows_;
  const Schema& output_;
  NameSet aliases_, aggregate_aliases_;
  std::deque<Part> parts_;             // stay where they are
  std::map<std::string, const Part*> keys_;     // by shape
};

// One SELECT of grouped rows from the input; columns are qualified by nothing else.
bool Decomposition::is_plain(const SqlTree& node) const {
  if (!is_type(node, "SELECT_NODE") || !node["cte_map"]["map"].empty() || !node["sample"].is_null()) return false;
  const SqlTree& from = node["from_table"];
  if (!is_type(from, "BASE_TABLE") || !names_.contains(lower_case(table_name_of(from))) || !from["column_name_alias"].empty()) return false;
  if (node["group_sets"].size() > 1 || node["select_list"].size() != output_.size()) return false;
  const std::string table = text_of(from, "alias").empty() ? text_of(from, "table_name") : text_of(from, "alias");
  bool plain = true;
  walk<const SqlTree>(node, [&](const SqlTree& object) {
    if (is_class(object, "SUBQUERY") || is_class(object, "STAR")) plain = false;
    if (is_class(object, "COLUMN_REF")) {
      const SqlTree& names = object["column_names"];
      plain = plain && (names.size() == 1 || (names.size() == 2 && same_name(names[0].get<std::string>(), table)));
    }
    return plain;
  });
  return plain;
}

bool Decomposition::has_aggregate(const SqlTree& tree) const {
  bool found = false;
  walk<const SqlTree>(tree, [&](const SqlTree& object) {
    found = found || is_aggregate(object) || is_class(object, "WINDOW") ||
            (is_class(object, "COLUMN_REF") && !is_column(column_of(object)) && aggregate_aliases_.contains(lower_case(column_of(object))));
    return !found;
  });
  return found;
}

bool Decomposition::is_column(std::string_view name) const {
  return std::any_of(rows_.fields().begin(), rows_.fields().end(), [&](const Field& field) { return same_name(field.name, name); });
}

Decomposition::Reads Decomposition::reads(const SqlTree& tree) const {
  bool rows = false, window = false;
  walk<const SqlTree>(tree, [&](const SqlTree& object) {
    if (is_class(object, "COLUMN_REF")) (kWindowColumns.contains(lower_case(column_of(object))) ? window : rows) = true;
    return true;
  });
  return rows && window ? Reads::both : rows ? Reads::rows : window ? Reads::window : Reads::nothing;
}

bool Decomposition::add_key(const SqlTree& key) {
  const Reads from = reads(key);
  if (from == Reads::both || has_aggregate(key)) return false;
  if (from != Reads::rows || keys_.contains(shape_of(key))) return true;      // else the same for all rows of a window
  parts_.push_back({"penstock_k" + std::to_string(keys_.size()), key, "", ""});
  keys_[shape_of(key)] = &parts_.back();
  return true;
}

bool Decomposition::find_keys(const SqlTree& node) {
  const SqlTree& list = node["select_list"];
  if (text_of(node, "aggregate_handling") == "FORCE_AGGREGATES")
    return std::all_of(list.begin(), list.end(), [&](const SqlTree& one) { return has_aggregate(one) || add_key(one); });
  for (const SqlTree& group : node["group_expressions"]) {
    const SqlTree* key = &group;
    if (is_class(group, "CONSTANT")) {             // a place in the select list
      const SqlTree& place = group["value"]["value"];
      if (!place.is_number_integer() || place < 1 || place > list.size()) return false;
      key = &list[place.get<std::size_t>() - 1];
    } else if (is_class(group, "COLUMN_REF") && !is_column(column_of(group))) {
      const auto aliased = std::find_if(list.begin(), list.end(), [&](const SqlTree& one) { return same_name(text_of(one, "alias"), column_of(group)); });
      if (aliased == list.end()) return false;
      key = &*aliased;
    }
    if (!add_key(*key)) return false;
  }
  return true;
}

Part& Decomposition::part_of(const SqlTree& aggregate, const std::string& function, const std::string& merge) {
  SqlTree of_rows = aggregate;
  of_rows["function_name"] = function;
  const std::string shape = shape_of(of_rows);
  for (Part& known : parts_)
    if (!known.is_key() && shape_of(known.of_rows) == shape) return known;
  return parts_.emplace_back(Part{"penstock_p" + std::to_string(parts_.size()), std::move(of_rows), merge, ""});
}

// The expression over partial rows that gives what `aggregate` gives over rows. Adds the parts that it takes.
std::optional<std::string> Decomposition::merged(const SqlTree& aggregate) {
  if (aggregate.value("distinct", false) || !aggregate["order_bys"]["orders"].empty()) return std::nullopt;
  const Reads from = reads(aggregate);
  if (from == Reads::window || from == Reads::both) return std::nullopt;
  const std::string name = lower_case(text_of(aggregate, "function_name"));
  const auto total_of = [&](const std::string& function) { return "sum(" + part_of(aggregate, function, "sum").name + ")"; };
  if (name == "count" || name == "count_star") return "coalesce(" + cast(total_of(name), "BIGINT") + ", 0)";
  if (name == "avg" || name == "mean") return cast(total_of("sum"), "DOUBLE") + " / " + total_of("count");
  if (name != "sum" && name != "min" && name != "max" && name != "bool_and" && name != "bool_or") return std::nullopt;
  const Part& part = part_of(aggregate, name, name);
  return cast(name + "(" + part.name + ")", part.type.empty() ? "BIGINT" : part.type);
}

// max(window_start) is that over partial rows too.
bool Decomposition::is_of_window(const SqlTree& aggregate) const {
  const std::string name = text_of(aggregate, "function_name");
  return (same_name(name, "min") || same_name(name, "max")) && reads(aggregate) == Reads::window;
}

bool Decomposition::find_aggregates(const SqlTree& tree) {
  if (is_aggregate(tree)) return is_of_window(tree) || merged(tree);
  return !tree.is_structured() || std::all_of(tree.begin(), tree.end(), [&](const SqlTree& child) { return find_aggregates(child); });
}

// Replaces keys and aggregates by what they are of partial rows. False: something is left that those do not hold.
bool Decomposition::to_partials(SqlTree& tree) {
  if (is_expression(tree)) {
    const std::string alias = text_of(tree, "alias");
    const auto replace = [&](const std::string& text) {
      tree = expression(session_, text);
      if (tree.is_object()) tree["alias"] = alias;
      return tree.is_object();
    };
    if (const auto key = keys_.find(shape_of(tree)); key != keys_.end()) return replace(cast(key->second->name, key->second->type));
    if (is_aggregate(tree) && !is_of_window(tree)) {
      const auto text = merged(tree);
      return text && replace(*text);
    }
    if (is_class(tree, "COLUMN_REF")) {
      const std::string name = lower_case(column_of(tree));
      tree["column_names"] = SqlTree::array({name});
      return kWindowColumns.contains(name) || (aliases_.contains(name) && !is_column(name));
    }
  }
  return !tree.is_structured() || std::all_of(tree.begin(), tree.end(), [&](SqlTree& child) { return to_partials(child); });
}

// The same rows, grouped by all keys, and nothing but the parts.
SqlTree Decomposition::select_parts(SqlTree statement) const {
  SqlTree& node = statement["node"];
  node["select_list"] = SqlTree::array();
  node["group_expressions"] = SqlTree::array();
  node["group_sets"] = SqlTree::array();
  node["aggregate_handling"] = "FORCE_AGGREGATES";
  node["having"] = nullptr;
  node["qualify"] = nullptr;
  node["modifiers"] = SqlTree::array();
  for (const Part& part : parts_) {
    node["select_list"].push_back(part.of_rows);
    node["select_list"].back()["alias"] = part.name;
  }
  return statement;
}

bool Decomposition::read_types(const SqlTree& statement) {
  if (parts_.empty()) return false;
  const EmptyViews views(session_, names_, rows_);
  const auto sql = to_sql(session_, select_parts(statement));
  if (!views.status().ok() || !sql.ok()) return false;
  const auto described = session_.query("SELECT column_type FROM (DESCRIBE " + *sql + ")");
  if (!described.ok()) return false;
  auto part = parts_.begin();
  for (const Batch& batch : *described)
    for (std::int64_t row = 0; row < batch.rows() && part != parts_.end(); ++row) part++->type = batch.column(0).bytes(row);
  return part == parts_.end() && std::all_of(parts_.begin(), parts_.end(), can_be_kept);
}

SqlTree Decomposition::select_merged(SqlTree statement) const {
  SqlTree& node = statement["node"];
  SqlTree list = SqlTree::array({expression(session_, kPaneColumn)});
  for (const Part& part : parts_) {
    list.push_back(part.is_key() ? expression(session_, part.name) : expression(session_, cast(part.merge + "(" + part.name + ")", part.kept_type())));
    list.back()["alias"] = part.name;
  }
  node["select_list"] = std::move(list);
  return statement;
}

std::optional<WindowAggregates> Decomposition::of(const std::string& sql) {
  SqlError error;
  const auto statement = parse_select(session_, sql, error);
  if (!statement) return std::nullopt;
  const SqlTree& node = (*statement)["node"];
  if (!is_plain(node) || has_aggregate(node["where_clause"])) return std::nullopt;
  if (const Reads where = reads(node["where_clause"]); where == Reads::window || where == Reads::both) return std::nullopt;
  for (const SqlTree& one : node["select_list"]) {
    aliases_.insert(lower_case(text_of(one, "alias")));
    if (has_aggregate(one)) aggregate_aliases_.insert(lower_case(text_of(one, "alias")));
  }
  if (!find_keys(node)) return std::nullopt;
  for (const char* place : {"select_list", "having", "qualify", "modifiers"})
    if (!find_aggregates(node[place])) return std::nullopt;
  if (!read_types(*statement)) return std::nullopt;

  WindowAggregates aggregates;
  for (const SqlTree& one : node["select_list"]) {
    const auto key = keys_.find(shape_of(one));
    aggregates.keys.push_back(key == keys_.end() ? "" : key->second->name);
  }
  aggregates.key_columns = keys_.size();
  aggregates.across_groups = !node["modifiers"].empty() || !node["qualify"].is_null();
  walk<const SqlTree>(node, [&](const SqlTree& object) {
    aggregates.across_groups = aggregates.across_groups || is_class(object, "WINDOW");
    return !aggregates.across_groups;
  });
  SqlTree final = *statement;
  SqlTree& from_partials = final["node"];
  from_partials["where_clause"] = nullptr;
  for (const char* place : {"select_list", "group_expressions", "having", "qualify", "modifiers"})
    if (!to_partials(from_partials[place])) return std::nullopt;
  for (std::size_t column = 0; column < output_.size(); ++column) from_partials["select_list"][column]["alias"] = output_[column].name;
  SqlTree& from = from_partials["from_table"];
  from["alias"] = "";
  from["schema_name"] = "";
  from["table_name"] = kInput;
  auto text = to_sql(session_, final);
  if (!text.ok()) return std::nullopt;
  aggregates.final_sql = std::move(*text);

  aggregates.partial = select_parts(*statement);
  SqlTree& list = aggregates.partial["node"]["select_list"];
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].kept_type() == parts_[i].type) continue;
    SqlTree kept = expression(session_, cast("NULL", parts_[i].kept_type()));
    kept["alias"] = parts_[i].name;
    list[i]["alias"] = "";
    kept["child"] = std::move(list[i]);
    list[i] = std::move(kept);
  }
  list.insert(list.begin(), expression(session_, kPaneColumn));
  aggregates.merge = select_merged(select_parts(final));
  return aggregates;
}

}  // namespace

std::optional<WindowAggregates> take_apart(Session& session, const std::string& sql, const NameSet& names, const Schema& rows, const Schema& output) {
  return Decomposition(session, names, rows, output).of(sql);
}

}  // namespace penstock
