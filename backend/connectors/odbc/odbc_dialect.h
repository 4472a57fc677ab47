#pragma once

// What PostgreSQL, MariaDB (and MySQL), SQL Server (and Azure SQL) say differently. SQL Server's part is written after its
// documentation and was not run. Names are quoted by ", in each of them.

#include <string>
#include <string_view>
#include <vector>

#include "connectors/odbc/odbc_connection.h"
#include "record/schema.h"

namespace penstock::odbc {

// Error: invalid_argument for an empty name and one with a NUL byte.
Result<std::string> quoted_name(std::string_view name);
std::string literal(Dialect dialect, std::string_view text);

struct TableName {
  std::string schema, table;                 // unquoted; schema empty: the session's own
  // "dbo.orders" or "orders".
  static Result<TableName> parse(std::string_view text);
  std::string quoted() const;
  TableName sibling(const char* name) const { return {schema, name}; }
};

// The type of a column of a table that we make. Keys of MariaDB and SQL Server cannot be texts of any length.
std::string column_type(Dialect dialect, const Type& type, bool is_key);
// Whether a column of this type (information_schema's `data_type`) takes such values as they are.
bool fits(const Type& type, std::string_view declared);

// A query that gives name, data_type and whether it must be given ("1"), of each column of the table.
std::string columns_query(Dialect dialect, const TableName& table);

// With a mark for each column, in order. `key` (quoted, among the columns): the row with the same is changed.
std::string write_statement(Dialect dialect, const std::string& table, const std::vector<std::string>& columns, const std::vector<std::string>& key);
// With a mark for each column of the key.
std::string delete_statement(const std::string& table, const std::vector<std::string>& key);

std::string savepoint(Dialect dialect);
std::string back_to_savepoint(Dialect dialect);
std::string release_savepoint(Dialect dialect);      // empty: there is no such statement

// "SELECT … FROM (…) AS source WHERE … ORDER BY …", so many rows at most.
std::string limited_select(Dialect dialect, const std::string& from, const std::string& where, const std::string& order, std::int64_t rows);

std::string joined(const std::vector<std::string>& texts, std::string_view separator);

}  // namespace penstock::odbc
