#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "io/parquet.h"

namespace penstock {

// The Parquet files of a pod: one DuckDB for all its tables, made when the first is written, used by one sink at a
// time; a second one for large files that are written side by side, a third for what is done in the background. Thread-safe.
class PodParquet final : public Parquet {
 public:
  explicit PodParquet(std::int64_t memory_bytes) : memory_bytes_(memory_bytes) {}

  Result<ParquetFile> write(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& path,
                            const ParquetOptions& options) override;
  Result<ParquetFile> rewrite(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                              const std::string& path, const ParquetOptions& options) override;
  Result<ParquetFile> merge(const ParquetMerge& merge, const SchemaPtr& schema, const std::string& path, const ParquetOptions& options) override;
  Status write_json(const std::string& ndjson_path, const std::string& columns, const std::string& path) override;
  Status read_json(const std::string& path, const std::function<Status(std::string_view)>& line) override;
  Status read(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
              const std::function<Status(const Batch&)>& rows) override;
  Status read_range(const ParquetRange& range, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows) override;
  Result<ParquetLook> look(const std::string& path) override;

 private:
  struct Lane {
    std::mutex mutex;
    std::unique_ptr<Parquet> files;    // protected by mutex
  };
  // Its files; the caller holds its mutex.
  Result<Parquet*> files(Lane& lane);
  Result<ParquetFile> rewrite_in_background(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                                            const std::string& path, const ParquetOptions& options);

  const std::int64_t memory_bytes_;
  Lane usual_, second_, background_;

  // Protected by background_.mutex, which is not held while a file is written: who waits for its turn can be told to give up.
  bool is_background_taken_ = false;
  std::condition_variable_any background_is_free_;
};

}  // namespace penstock
