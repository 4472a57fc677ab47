#pragma once

// What stands in a database file of DuckDB, as lines.

#include <string>

#include "backend/sql/rows.h"
#include "sql/duckdb_file.h"

namespace penstock::test {

inline QStringList duckdb_lines(const std::string& path, const QString& sql) {
  const auto file = DuckDbFile::open(path, 64 << 20);
  if (!file.ok()) return {QString::fromStdString(file.error().to_string())};
  const auto rows = (*file)->query(sql.toStdString());
  return rows.ok() ? lines(*rows) : QStringList{QString::fromStdString(rows.error().to_string())};
}

}  // namespace penstock::test
