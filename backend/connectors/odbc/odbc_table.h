#pragma once

// The table that a sink fills: made when it is missing, else compared with the rows.

#include "connectors/odbc/odbc_dialect.h"

namespace penstock::odbc {

struct TargetTable {
  std::string name;                      // quoted
  std::vector<std::size_t> columns;      // of the rows, that go into the table
  std::vector<std::string> quoted;       // their names
  std::vector<std::size_t> key;          // of the rows; empty: rows are appended
  std::vector<std::string> quoted_key;
  bool has_origin = false;               // _source, _partition and _offset are among the columns
};

// `adds_columns`: nullable columns that the table lacks are added. Origin columns that a table lacks are left out; `_op` becomes
// no column. Making and changing tables may commit. Error: failed_precondition for any other missing column, a type that would turn
// values into something else, a required column that the rows lack, changes without a key.
Result<TargetTable> prepare_table(Connection& connection, const TableName& name, const Schema& rows, const std::vector<std::string>& key, bool adds_columns);

}  // namespace penstock::odbc
