#include "sql/sql_rules.h"

#include <algorithm>

#include "sql/session_impl.h"
#include "sql/sql_text.h"
#include "workspace/problem.h"

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
  problems_.push_back({.message = "there is no table '" + table_name_of(table) + "' here",
                       .expected = one_of(known),
                       .suggestion = did_you_mean(name, known),
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
      if (is_aggregate_function(session_, name)) {
        refuse(object, "an aggregate needs all rows at once: " + (name == "count_star" ? "count" : name) + "()",
               "a step with window:, or list functions such as list_sum()");
      }
    }
    return true;
  });
}

bool is_aggregate_function(Session& session, const std::string& name) { return aggregate_functions(session).contains(lower_case(name)); }

bool reads_only_arguments(const std::string& table_function) {
  static const NameSet kAllowed{"unnest", "range", "generate_series", "json_each", "json_tree"};
  return kAllowed.contains(table_function);
}

NameSet cte_names(const SqlTree& statement) {
  NameSet names;
  walk<const SqlTree>(statement, [&](const SqlTree& object) {
    if (object.contains("cte_map")) {
      for (const SqlTree& entry : object["cte_map"]["map"]) names.insert(lower_case(text_of(entry, "key")));
    }
    return true;
  });
  return names;
}

bool reads_any(const SqlTree& tree, const NameSet& names) {
  bool found = false;
  walk<const SqlTree>(tree, [&](const SqlTree& object) {
    found = found || (is_type(object, "BASE_TABLE") && names.contains(lower_case(table_name_of(object))));
    return !found;
  });
  return found;
}

std::string did_you_mean(std::string_view name, const NameSet& known) {
  return did_you_mean(name, std::vector<std::string>(known.begin(), known.end()));
}

std::string one_of(const NameSet& names) { return "one of " + joined({names.begin(), names.end()}); }

}  // namespace penstock
