#include "sql/query_names.h"

#include <algorithm>
#include <set>

#include "base/iso8601.h"
#include "sql/parquet_select.h"
#include "sql/session_impl.h"
#include "sql/sql_rules.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr const char* kScanned = "penstock_scanned";    // the schema of the views of delta_scan and of the past

// Scalar functions that tell about the process rather than about rows, or change it.
bool is_closed(const std::string& function) {
  static const NameSet kClosed{"current_setting", "getvariable", "getenv", "current_query", "write_log", "sleep_ms", "setseed",
                               "nextval", "currval", "in_search_path", "which_secret", "parse_duckdb_log_message"};
  return kClosed.contains(function);
}

std::string scanned_name(const std::vector<NamedTable>& tables) { return "t" + std::to_string(tables.size()); }

SqlTree make_table(const std::string& schema, const std::string& name, const SqlTree& in_place_of) {
  return {{"type", "BASE_TABLE"}, {"alias", text_of(in_place_of, "alias")}, {"sample", in_place_of["sample"]},
          {"query_location", in_place_of["query_location"]}, {"schema_name", schema}, {"table_name", name},
          {"column_name_alias", in_place_of["column_name_alias"]}, {"catalog_name", ""}, {"at_clause", nullptr}};
}

// What stands behind AT; none for anything else than a constant of one of the two kinds.
std::optional<TableMoment> moment_of(const SqlTree& at) {
  const std::string unit = lower_case(text_of(at, "unit"));
  if (!at.contains("expr") || !is_class(at["expr"], "CONSTANT")) return std::nullopt;
  const SqlTree& value = at["expr"]["value"]["value"];
  if (unit == "version" && value.is_number_integer() && value.get<std::int64_t>() >= 0) return TableMoment(value.get<std::int64_t>());
  if (unit != "timestamp" || !value.is_string()) return std::nullopt;
  const auto time = parse_iso_time(value.get<std::string>(), Zone::utc_if_absent);
  return time ? std::optional<TableMoment>(*time) : std::nullopt;
}

class TableTaker {
 public:
  TableTaker(const SqlTree& statement, const std::string& sql) : sql_(sql), ctes_(cte_names(statement)) {}

  Result<std::vector<NamedTable>> take(SqlTree& statement) {
    walk<SqlTree>(statement, [&](SqlTree& object) {
      if (is_type(object, "SHOW_REF")) refuse(object, "DESCRIBE, SHOW and SUMMARIZE are closed to queries");
      if (is_type(object, "BASE_TABLE")) {
        take_base_table(object);
        return false;
      }
      if (is_type(object, "TABLE_FUNCTION")) return take_table_function(object);
      if (is_class(object, "FUNCTION") && is_closed(lower_case(text_of(object, "function_name")))) {
        refuse(object, text_of(object, "function_name") + "() is closed to queries");
      }
      if (is_class(object, "PARAMETER")) refuse(object, "a parameter has no value here");
      return true;
    });
    if (error_) return *error_;
    return std::move(tables_);
  }

 private:
  void refuse(const SqlTree& object, std::string message) {
    if (error_) return;
    error_ = Error(ErrorKind::permission_denied, std::move(message), "a query is one SELECT over tables and steps",
                   where_in(sql_, offset_of(object)));
  }

  void take_base_table(SqlTree& table) {
    const std::string name = table_name_of(table);
    const std::string catalog = text_of(table, "catalog_name");
    if (!catalog.empty()) return refuse(table, "a table is named layer.name, not " + catalog + "." + name);
    const bool is_past = !table["at_clause"].is_null();
    if (ctes_.contains(lower_case(name))) {
      if (is_past) refuse(table, "AT is for tables, and " + name + " is a query");
      return;
    }
    if (!is_past) {
      tables_.push_back({.name = name, .offset = offset_of(table)});
      return;
    }
    const auto moment = moment_of(table["at_clause"]);
    if (!moment) return refuse(table, "AT takes (VERSION => 12) or (TIMESTAMP => '2026-11-20T14:00:00Z')");
    const std::string view = scanned_name(tables_);
    tables_.push_back({.name = name, .moment = moment, .offset = offset_of(table)});
    if (text_of(table, "alias").empty()) table["alias"] = text_of(table, "table_name");
    table = make_table(kScanned, view, table);
  }

  // True when its arguments are to be looked at too.
  bool take_table_function(SqlTree& call) {
    const std::string name = lower_case(text_of(call["function"], "function_name"));
    if (reads_only_arguments(name)) return true;
    if (name != "delta_scan") {
      refuse(call, name + "() is closed to queries");
      return false;
    }
    const SqlTree& arguments = call["function"]["children"];
    const bool is_text = arguments.size() == 1 && is_class(arguments[0], "CONSTANT") && arguments[0]["value"]["value"].is_string();
    if (!is_text) {
      refuse(call, "delta_scan() takes one path in quotes");
      return false;
    }
    const std::string path = arguments[0]["value"]["value"].get<std::string>();
    const std::string view = scanned_name(tables_);
    tables_.push_back({.name = path, .is_path = true, .offset = offset_of(call)});
    call = make_table(kScanned, view, call);
    return false;
  }

  const std::string& sql_;
  const NameSet ctes_;
  std::vector<NamedTable> tables_;
  std::optional<Error> error_;
};

std::vector<ConstantColumn> constants_of(const QueryFile& file) {
  std::vector<ConstantColumn> constants;
  for (const auto& [name, value] : file.partition) constants.push_back({name, !value.has_value(), value.value_or("")});
  return constants;
}

// Rows of files but those of windows that came anew since.
std::string where_not_replaced(const QueryTable& table) {
  const auto start = table.schema->find("window_start");
  if (table.replaced_windows.empty() || !start || (*table.schema)[*start].type.kind != TypeKind::timestamp) return {};
  std::map<std::int32_t, std::string> starts;      // by shard
  for (const auto& window : table.replaced_windows) {
    std::string& of_shard = starts[table.schema->find(origin::shard) ? window.shard : -1];
    of_shard += (of_shard.empty() ? "" : ", ") + std::to_string(window.start);
  }
  std::string replaced;
  for (const auto& [shard, list] : starts)
    replaced += (replaced.empty() ? "" : " OR ") + ("(epoch_us(window_start) IN (" + list + ")") + (shard < 0 ? "" : " AND _shard = " + std::to_string(shard)) + ")";
  return " WHERE (" + replaced + ") IS NOT TRUE";
}

Result<std::string> select_rows(Session& session, const SchemaPtr& schema, const std::vector<Batch>& rows) {
  auto scan = std::make_shared<ScanInput>();
  scan->schema = schema;
  scan->rows = rows;
  const std::string function = session.impl().new_scan_name();
  PENSTOCK_TRY(register_scan(session.impl().connection.get(), function, std::move(scan)));
  return "SELECT " + stored_columns(*schema) + " FROM " + function + "()";
}

// The SELECT of a table's files, those of one partition together; empty when it has none.
Result<std::string> select_files(Session& session, const QueryTable& table) {
  std::map<std::map<std::string, std::optional<std::string>>, std::vector<QueryFile>> partitions;
  for (const QueryFile& file : table.files) partitions[file.partition].push_back(file);
  std::string sql;
  for (const auto& [partition, files] : partitions) {
    std::vector<std::string> paths;
    for (const QueryFile& file : files) paths.push_back(file.path);
    PENSTOCK_ASSIGN(const std::string select, select_from_parquet(session, paths, *table.schema, constants_of(files.front())));
    const std::string where = where_not_replaced(table);
    sql += (sql.empty() ? "" : " UNION ALL ") + (where.empty() ? select : "SELECT * FROM (" + select + ")" + where);
  }
  if (sql.empty() || table.hidden_keys.empty()) return sql;
  const SchemaPtr& key = table.hidden_keys.front().schema();
  PENSTOCK_ASSIGN(const std::string select_keys, select_rows(session, key, table.hidden_keys));
  return "SELECT * FROM (" + sql + ") AS filed" + without_keys("filed", *key, select_keys);
}

// The SELECT of a table: its files and its tail.
Result<std::string> select_table(Session& session, const QueryTable& table) {
  PENSTOCK_ASSIGN(const std::string files, select_files(session, table));
  if (table.tail.empty() && !files.empty()) return files;
  PENSTOCK_ASSIGN(const std::string tail, select_rows(session, table.schema, table.tail));
  return files.empty() ? tail : files + " UNION ALL " + tail;
}

}  // namespace

std::string where_in(const std::string& sql, std::optional<std::size_t> offset) {
  if (!offset) return {};
  const TextPlace place = place_of(sql, *offset);
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

Result<std::vector<NamedTable>> take_tables(SqlTree& statement, const std::string& sql) {
  return TableTaker(statement, sql).take(statement);
}

Result<std::vector<std::string>> make_views(Session& session, TableProvider& provider, const std::vector<NamedTable>& tables,
                                            const std::string& sql) {
  std::vector<std::string> paths;
  std::set<std::string> made;
  for (std::size_t index = 0; index < tables.size(); ++index) {
    const NamedTable& named = tables[index];
    const auto dot = named.name.find('.');
    const std::string schema = named.has_own_view() ? kScanned : dot == std::string::npos ? "main" : named.name.substr(0, dot);
    const std::string name = named.has_own_view() ? "t" + std::to_string(index) : named.name.substr(dot == std::string::npos ? 0 : dot + 1);
    if (!made.insert(lower_case(schema + "." + name)).second) continue;
    auto table = named.moment ? provider.open_past(named.name, named.is_path, *named.moment) : named.is_path ? provider.open_path(named.name) : provider.open(named.name);
    if (!table.ok()) {
      Error error = table.error();
      if (error.where.empty()) error.where = where_in(sql, named.offset);
      if (error.kind == ErrorKind::not_found && error.action.empty() && !named.has_own_view()) {
        const auto names = provider.names();
        error.action = did_you_mean(named.name, NameSet(names.begin(), names.end()));
      }
      return error;
    }
    if (!table->csv.empty()) {
      PENSTOCK_TRY(session.load_seed(named.name, table->csv));
      continue;
    }
    PENSTOCK_ASSIGN(const std::string select, select_table(session, *table));
    PENSTOCK_TRY(session.execute("CREATE SCHEMA IF NOT EXISTS " + quote_name(schema) + "; CREATE VIEW " + quote_name(schema) + "." +
                                 quote_name(name) + " AS " + select));
    for (const QueryFile& file : table->files) paths.push_back(file.path);
  }
  return paths;
}

}  // namespace penstock
