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

// Hands everything on, for tests that step in between. Thread-safe where nothing else uses parquet().
class PassingParquet : public Parquet {
 public:
  Result<ParquetFile> write(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& path, const ParquetOptions& how) override {
    std::lock_guard lock(mutex_);
    return parquet().write(rows, schema, path, how);
  }
  Result<ParquetFile> rewrite(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema, const std::string& path,
                              const ParquetOptions& how) override {
    std::lock_guard lock(mutex_);
    return parquet().rewrite(paths, condition, schema, path, how);
  }
  Result<ParquetFile> merge(const ParquetMerge& merge, const SchemaPtr& schema, const std::string& path, const ParquetOptions& how) override {
    std::lock_guard lock(mutex_);
    return parquet().merge(merge, schema, path, how);
  }
  Status write_json(const std::string& from, const std::string& columns, const std::string& path) override {
    std::lock_guard lock(mutex_);
    return parquet().write_json(from, columns, path);
  }
  Status read_json(const std::string& path, const std::function<Status(std::string_view)>& line) override {
    std::lock_guard lock(mutex_);
    return parquet().read_json(path, line);
  }
  Status read(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
              const std::function<Status(const Batch&)>& rows) override {
    std::lock_guard lock(mutex_);
    return parquet().read(paths, condition, schema, rows);
  }
  Status read_range(const ParquetRange& range, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows) override {
    std::lock_guard lock(mutex_);
    return parquet().read_range(range, schema, rows);
  }
  Result<ParquetLook> look(const std::string& path) override {
    std::lock_guard lock(mutex_);
    return parquet().look(path);
  }

 private:
  std::mutex mutex_;
};

// The rows of a table's version as sorted lines "a|1|NULL", of the columns named, or of all; an error as its only line.
inline QStringList table_rows(const std::string& folder, const std::vector<std::string>& columns = {},
                              std::optional<std::int64_t> version = {}) {
  const auto failed = [](const Error& error) { return QStringList{QString::fromStdString(error.to_string())}; };
  auto table = DeltaTable::open(folder, &parquet());
  if (!table.ok()) return failed(table.error());
  const auto snapshot = table->snapshot(version);
  if (!snapshot.ok()) return failed(snapshot.error());
  QStringList rows;
  const Status read = read_rows(parquet(), *snapshot, snapshot->files, "", snapshot->schema, [&](const Batch& batch) {
    rows << lines(batch, columns);
    return Status();
  });
  if (!read.ok()) return failed(read.error());
  if (snapshot->rows != rows.size()) return {"the log counts other rows than the files hold"};
  rows.sort();
  return rows;
}

}  // namespace penstock::test
