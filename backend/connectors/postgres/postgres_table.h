#pragma once

// The table that a sink fills: made when it is missing, else compared with the rows.

#include <string>
#include <vector>

#include "connectors/postgres/pg_connection.h"
#include "connectors/postgres/pg_names.h"
#include "record/schema.h"

namespace penstock::postgres {

struct TargetTable {
  TableName name;
  std::vector<std::size_t> columns;      // of the rows, that go into the table
  std::vector<std::string> quoted;       // their names
  std::vector<std::string> key;          // quoted; empty: rows are appended
  bool has_changes = false;              // the rows say by `_op` whether their key is removed
  bool has_origin = false;               // _source, _partition and _offset are among the columns

  std::string column_list() const;       // "\"sku\", \"qty\""
};

// Shards open side by side, and CREATE … IF NOT EXISTS of two sessions collides: until its transaction ends, only
// the caller makes tables.
Status lock_creation(Connection& connection);

// Makes schema and table where they are missing (with `key` as primary key), and with `adds_columns` the nullable columns
// that the table lacks, inside the caller's transaction.
// `_op` becomes no column; without a key it is failed_precondition.
// Origin columns that an existing table lacks are left out; any other missing column, a type that cannot take the
// values, a required column that the rows lack, and a key without a unique index are failed_precondition.
Result<TargetTable> prepare_table(Connection& connection, const TableName& name, const Schema& rows, const std::vector<std::string>& key,
                                  bool adds_columns = false);

}  // namespace penstock::postgres
