#pragma once

// Private to this folder: SELECTs over Parquet files, in the columns of a schema.

#include <span>
#include <string>

#include "sql/session.h"

namespace penstock {

// How values are kept in a file: json is text there.
std::string stored_type(Type type);

// The columns of scanned rows as a file keeps them.
std::string stored_columns(const Schema& schema);

// " WHERE …" for rows of `alias` whose values of `key` are in no row of `select_keys`; NULL is like NULL.
std::string without_keys(const std::string& alias, const Schema& key, const std::string& select_keys);

// All columns of `schema` out of these files, in order: cast to its types, NULL where a file lacks one. Columns in
// `constants` (name and value as text; none: NULL) are not in the files but known to be the same in all their rows.
// Errors: not_found, data_loss (not Parquet files), invalid_argument.
struct ConstantColumn {
  std::string name;
  bool is_null = true;
  std::string value;
};
Result<std::string> select_from_parquet(Session& session, std::span<const std::string> paths, const Schema& schema,
                                        std::span<const ConstantColumn> constants = {});

}  // namespace penstock
