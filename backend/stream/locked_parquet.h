#pragma once

#include <mutex>

#include "io/parquet.h"

namespace penstock {

// Makes one Parquet serve all sinks of a pod, one call at a time: so a pod needs one DuckDB for its files, not one per
// table. Thread-safe.
class LockedParquet final : public Parquet {
 public:
  explicit LockedParquet(Parquet& inner) : inner_(inner) {}

  Result<ParquetFile> write(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& path,
                            const ParquetOptions& options) override {
    std::lock_guard lock(mutex_);
    return inner_.write(rows, schema, path, options);
  }
  Result<ParquetFile> rewrite(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                              const std::string& path, const ParquetOptions& options) override {
    std::lock_guard lock(mutex_);
    return inner_.rewrite(paths, condition, schema, path, options);
  }
  Status write_json(const std::string& ndjson_path, const std::string& columns, const std::string& path) override {
    std::lock_guard lock(mutex_);
    return inner_.write_json(ndjson_path, columns, path);
  }
  Status read_json(const std::string& path, const std::function<Status(std::string_view)>& line) override {
    std::lock_guard lock(mutex_);
    return inner_.read_json(path, line);
  }
  Status read(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
              const std::function<Status(const Batch&)>& rows) override {
    std::lock_guard lock(mutex_);
    return inner_.read(paths, condition, schema, rows);
  }

 private:
  std::mutex mutex_;
  Parquet& inner_;
};

}  // namespace penstock
