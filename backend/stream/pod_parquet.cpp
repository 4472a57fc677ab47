#include "stream/pod_parquet.h"

#include "sql/parquet_files.h"

namespace penstock {

Result<Parquet*> PodParquet::files() {
  if (!files_) {
    PENSTOCK_ASSIGN(files_, make_parquet_files({.memory_bytes = memory_bytes_}));
  }
  return files_.get();
}

Result<ParquetFile> PodParquet::write(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& path, const ParquetOptions& options) {
  std::lock_guard lock(mutex_);
  PENSTOCK_ASSIGN(Parquet* const parquet, files());
  return parquet->write(rows, schema, path, options);
}

Result<ParquetFile> PodParquet::rewrite(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                                        const std::string& path, const ParquetOptions& options) {
  std::lock_guard lock(mutex_);
  PENSTOCK_ASSIGN(Parquet* const parquet, files());
  return parquet->rewrite(paths, condition, schema, path, options);
}

Status PodParquet::write_json(const std::string& ndjson_path, const std::string& columns, const std::string& path) {
  std::lock_guard lock(mutex_);
  PENSTOCK_ASSIGN(Parquet* const parquet, files());
  return parquet->write_json(ndjson_path, columns, path);
}

Status PodParquet::read_json(const std::string& path, const std::function<Status(std::string_view)>& line) {
  std::lock_guard lock(mutex_);
  PENSTOCK_ASSIGN(Parquet* const parquet, files());
  return parquet->read_json(path, line);
}

Status PodParquet::read(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                        const std::function<Status(const Batch&)>& rows) {
  std::lock_guard lock(mutex_);
  PENSTOCK_ASSIGN(Parquet* const parquet, files());
  return parquet->read(paths, condition, schema, rows);
}

}  // namespace penstock
