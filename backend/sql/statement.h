#pragma once

// Private to this folder: a prepared statement that is run many times.

#include <functional>
#include <optional>
#include <string>

#include "record/batch_builder.h"
#include "sql/duckdb_handles.h"
#include "sql/sql_error.h"

namespace penstock {

class Statement {
 public:
  // Nothing, and `error` filled, when it does not parse or bind.
  static std::optional<Statement> prepare(duckdb_connection connection, const std::string& sql, SqlError& error);

  std::size_t columns() const;
  std::string name(std::size_t column) const;
  Result<Type> type(std::size_t column) const;
  bool is_nested(std::size_t column) const;       // a list, struct or map
  // All columns; a name that comes twice gets a number ("a", "a_2"). Error: a type that no column can have.
  Result<SchemaPtr> schema() const;

  // Appends the result to `rows`, which was built for schema(); after each chunk of at most 2,048 rows
  // `after_chunk` may take what is there. Gives the error, or nothing.
  std::optional<SqlError> execute(BatchBuilder& rows, const std::function<Status()>& after_chunk = {});

 private:
  explicit Statement(duck::Prepared prepared) : prepared_(std::move(prepared)) {}
  duck::Prepared prepared_;
};

}  // namespace penstock
