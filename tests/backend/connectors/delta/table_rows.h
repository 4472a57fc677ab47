#pragma once

// What a reader sees of a table, for the tests of this folder.

#include <memory>

#include "backend/sql/rows.h"
#include "connectors/delta/delta_reader.h"
#include "sql/parquet_files.h"

namespace penstock::test {

inline Parquet& parquet() {
  static auto files = make_parquet_files();
  return **files;
}

// The rows of a table's version as sorted lines "a|1|NULL", of the columns named, or of all; an error as its only line.
inline QStringList table_rows(const std::string& folder, const std::vector<std::string>& columns = {},
                              std::optional<std::int64_t> version = {}) {
  const auto failed = [](const Error& error) { return QStringList{QString::fromStdString(error.to_string())}; };
  auto table = DeltaTable::open(folder, &parquet());
  if (!table.ok()) return failed(table.error());
  const auto snapshot = table->snapshot(version);
  if (!snapshot.ok()) return failed(snapshot.error());
  QStringList rows;
  const Status read = parquet().read(snapshot->files, "", snapshot->schema, [&](const Batch& batch) {
    rows << lines(batch, columns);
    return Status();
  });
  if (!read.ok()) return failed(read.error());
  if (snapshot->rows != rows.size()) return {"the log counts other rows than the files hold"};
  rows.sort();
  return rows;
}

}  // namespace penstock::test
