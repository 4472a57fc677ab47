#include "sql/sql_rules.h"

#include <algorithm>

#include "sql/session_impl.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

NameSet read_names(Session& session, const std::string& sql) {
  NameSet names;
  const auto rows = session.query(sql);
  if (!rows.ok()) return names;
  for (const Batch& batch : *rows) {
    for (std::int64_t row = 0; row < batch.rows(); ++row) names.emplace(batch.column(0).bytes(row));
  }
  return names;
}

const NameSet& aggregate_functions(Session& session) {
  auto& names = session.impl().aggregate_functions;
  if (!names) {
    names = read_names(session,
                       "SELECT lower(function_name) FROM duckdb_functions() GROUP BY ALL "
                       "HAVING bool_and(function_type = 'aggregate')");
  }
  return *names;
}

const NameSet& volatile_functions(Session& session) {
  auto& names = session.impl().volatile_functions;
  if (!names) {
    names = read_names(session,
                       "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE stability <> 'CONSISTENT' "
                       "AND function_type = 'scalar' AND function_name <> 'error'");
    // Keywords that DuckDB reads as columns and then as functions.
    names->insert({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user",
                   "current_role", "session_user", "current_catalog"});
  }
  return *names;
}

bool reads_only_arguments(const std::string& table_function) {
  static const NameSet kAllowed{"unnest", "range", "generate_series", "json_each", "json_tree"};
  return kAllowed.contains(table_function);
}

// Letters put in, left out, changed, or swapped with their neighbour.
std::size_t distance(const std::string& left, const std::string& right) {
  const auto width = right.size() + 1;
  std::vector<std::size_t> cost((left.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return cost[i * width + j]; };
  for (std::size_t i = 0; i <= left.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= right.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const bool same = left[i - 1] == right[j - 1];
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return cost.back();
}

}  // namespace

SqlRules::SqlRules(Session& session, const Schema& columns, std::vector<SqlProblem>& problems)
    : session_(session), problems_(problems) {
  for (const Field& field : columns.fields()) columns_.insert(lower_case(field.name));
  for (const std::string& table : session.tables()) tables_.insert(lower_case(table));
}

void SqlRules::refuse(const SqlTree& where, std::string message, std::string expected) {
  problems_.push_back({.message = std::move(message), .expected = std::move(expected), .offset = offset_of(where)});
}

void SqlRules::check_function(const SqlTree& function) {
  const std::string name = lower_case(text_of(function, "function_name"));
  if (volatile_functions(session_).contains(name)) {
    refuse(function, name + "() gives another value each time it is asked", "a column, such as _ingest_time or _source_time");
  }
}

void SqlRules::check_table(const SqlTree& table, const NameSet& names) {
  const std::string name = lower_case(table_name_of(table));
  if (names.contains(name) || tables_.contains(name)) return;
  NameSet known = names;
  known.insert(tables_.begin(), tables_.end());
  std::string expected;
  for (const std::string& one : known) expected += (expected.empty() ? "one of " : ", ") + one;
  problems_.push_back({.message = "there is no table '" + table_name_of(table) + "' here",
                       .expected = std::move(expected),
                       .suggestion = nearest_name(name, known),
                       .offset = offset_of(table)});
}

void SqlRules::check_everywhere(const SqlTree& tree, const NameSet& names) {
  walk<const SqlTree>(tree, [&](const SqlTree& object) {
    if (is_class(object, "FUNCTION")) check_function(object);
    if (is_class(object, "PARAMETER")) refuse(object, "a parameter has no value here", "the value itself");
    if (is_class(object, "COLUMN_REF") && object["column_names"].size() == 1) {
      const std::string name = lower_case(object["column_names"][0].get<std::string>());
      if (volatile_functions(session_).contains(name) && !columns_.contains(name)) {
        refuse(object, name + " gives another value each time it is asked", "a column, such as _ingest_time or _source_time");
      }
    }
    if (is_type(object, "BASE_TABLE")) check_table(object, names);
    if (object.contains("sample") && !object["sample"].is_null()) {
      refuse(object, "a sample gives other rows each time", "a condition in WHERE");
    }
    if (is_type(object, "TABLE_FUNCTION")) {
      const std::string name = lower_case(text_of(object["function"], "function_name"));
      if (!reads_only_arguments(name)) refuse(object, name + "() cannot be read here", "the step's input, or a table");
      for (const SqlTree& child : object["function"]["children"]) check_everywhere(child, names);
      return false;
    }
    return true;
  });
}

void SqlRules::check_one_row(const SqlTree& expression) {
  walk<const SqlTree>(expression, [&](const SqlTree& object) {
    if (is_class(object, "SUBQUERY") || is_type(object, "SUBQUERY")) return false;
    if (is_class(object, "WINDOW")) {
      refuse(object, "window functions need all rows at once: " + text_of(object, "function_name") + "() OVER (…)",
             "a step with window:");
      return false;
    }
    if (is_class(object, "FUNCTION")) {
      const std::string name = lower_case(text_of(object, "function_name"));
      if (aggregate_functions(session_).contains(name)) {
        refuse(object, "an aggregate needs all rows at once: " + (name == "count_star" ? "count" : name) + "()",
               "a step with window:, or list functions such as list_sum()");
      }
    }
    return true;
  });
}

bool reads_any(const SqlTree& tree, const NameSet& names) {
  bool found = false;
  walk<const SqlTree>(tree, [&](const SqlTree& object) {
    found = found || (is_type(object, "BASE_TABLE") && names.contains(lower_case(table_name_of(object))));
    return !found;
  });
  return found;
}

std::string nearest_name(const std::string& wrong, const NameSet& names) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, wrong.size() / 3) + 1;
  for (const std::string& name : names) {
    if (const auto d = distance(wrong, name); d < best_distance) {
      best = name;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace penstock
