#pragma once

// A database file of DuckDB, for the connector that writes it (connectors/duckdb). This folder is where DuckDB is.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "record/batch.h"

namespace penstock {

// Open, it belongs to this process alone, and in it to this object: another one of the process waits. Not thread-safe.
class DuckDbFile {
 public:
  // Made when it is missing, with its folder. Errors: unavailable while another process has it; data_loss for what is no such file.
  static Result<std::unique_ptr<DuckDbFile>> open(const std::string& path, std::int64_t memory_bytes);
  ~DuckDbFile();

  // Errors: invalid_argument also for rows that break a constraint; the transaction has to be rolled back then.
  Status run(const std::string& sql);
  Result<std::vector<Batch>> query(const std::string& sql);
  // What `FROM penstock_rows()` gives from now on; the batches are of `schema`.
  void set_rows(const SchemaPtr& schema, std::vector<Batch> rows);

 private:
  struct Impl;
  explicit DuckDbFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
