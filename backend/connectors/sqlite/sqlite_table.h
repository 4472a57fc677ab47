#pragma once

// The table that a sink fills: made when it is missing, else compared with the rows; and the statements that fill it.

#include <string>
#include <vector>

#include "record/schema.h"
#include "store/database.h"

namespace penstock::sqlite {

struct TargetTable {
  std::string name;                      // quoted
  std::vector<std::size_t> columns;      // of the rows, that go into the table
  std::vector<std::string> quoted;       // their names
  std::vector<std::size_t> key;          // of the rows; empty: rows are appended
  std::vector<std::string> quoted_key;
  bool has_origin = false;               // _source, _partition and _offset are among the columns

  std::string insert_statement() const;  // or changes the row with the same key
  std::string delete_statement() const;  // by key
};

// Inside the caller's transaction. `adds_columns`: the nullable columns that the table lacks are added. Origin columns that a
// table lacks are left out; `_op` becomes no column. Error: failed_precondition for any other missing column, a type that would
// turn values into something else, a required column that the rows lack, a key without a unique index, changes without a key.
Result<TargetTable> prepare_table(Database& file, const std::string& name, const Schema& rows, const std::vector<std::string>& key, bool adds_columns);

}  // namespace penstock::sqlite
