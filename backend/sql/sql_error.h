#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

// What DuckDB said, taken apart. Sessions make it answer in JSON (`errors_as_json`).
struct SqlError {
  ErrorKind kind = ErrorKind::internal;
  std::string message;                    // "Referenced column \"qyt\" not found in FROM clause"
  std::vector<std::string> candidates;    // names that are near what was asked for
  std::optional<std::size_t> offset;      // byte of the SQL text
  std::string name;                       // what was not found; empty: something else is wrong
  bool data = false;                      // raised by a value: other rows may do better

  // One sentence, with "did you mean" where there is a near name.
  Error to_error() const;
};

// `text` as duckdb_result_error or duckdb_prepare_error gives it.
SqlError parse_sql_error(std::string_view text);

}  // namespace penstock
