#include "stream/pod_parquet.h"

#include "sql/parquet_files.h"

namespace penstock {
namespace {

constexpr std::int64_t kLargeRows = 32'768;

}  // namespace

Result<Parquet*> PodParquet::files(Lane& lane) {
  if (!lane.files) {
    PENSTOCK_ASSIGN(lane.files, make_parquet_files({.memory_bytes = memory_bytes_}));
  }
  return lane.files.get();
}

Result<ParquetFile> PodParquet::write(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& path, const ParquetOptions& options) {
  std::int64_t count = 0;
  for (const Batch& batch : rows) count += batch.rows();
  std::unique_lock lock(usual_.mutex, std::defer_lock);
  const bool beside = count >= kLargeRows && !lock.try_lock();
  Lane& lane = beside ? second_ : usual_;
  if (!lock.owns_lock()) lock = std::unique_lock(lane.mutex);
  PENSTOCK_ASSIGN(Parquet* const parquet, files(lane));
  return parquet->write(rows, schema, path, options);
}

Result<ParquetFile> PodParquet::rewrite(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                                        const std::string& path, const ParquetOptions& options) {
  if (options.in_background) return rewrite_in_background(paths, condition, schema, path, options);
  std::lock_guard lock(usual_.mutex);
  PENSTOCK_ASSIGN(Parquet* const parquet, files(usual_));
  return parquet->rewrite(paths, condition, schema, path, options);
}

Result<ParquetFile> PodParquet::rewrite_in_background(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                                                      const std::string& path, const ParquetOptions& options) {
  std::unique_lock lock(background_.mutex);
  if (!background_is_free_.wait(lock, options.cancellation, [this] { return !is_background_taken_; }))
    return Error(ErrorKind::cancelled, "the rewriting of " + path + " was cancelled");
  PENSTOCK_ASSIGN(Parquet* const parquet, files(background_));
  is_background_taken_ = true;
  lock.unlock();
  auto file = parquet->rewrite(paths, condition, schema, path, options);
  lock.lock();
  is_background_taken_ = false;
  background_is_free_.notify_all();
  return file;
}

Result<ParquetFile> PodParquet::merge(const ParquetMerge& merge, const SchemaPtr& schema, const std::string& path, const ParquetOptions& options) {
  std::lock_guard lock(usual_.mutex);
  PENSTOCK_ASSIGN(Parquet* const parquet, files(usual_));
  return parquet->merge(merge, schema, path, options);
}

Status PodParquet::write_json(const std::string& ndjson_path, const std::string& columns, const std::string& path) {
  std::lock_guard lock(usual_.mutex);
  PENSTOCK_ASSIGN(Parquet* const parquet, files(usual_));
  return parquet->write_json(ndjson_path, columns, path);
}

Status PodParquet::read_json(const std::string& path, const std::function<Status(std::string_view)>& line) {
  std::lock_guard lock(usual_.mutex);
  PENSTOCK_ASSIGN(Parquet* const parquet, files(usual_));
  return parquet->read_json(path, line);
}

Status PodParquet::read(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                        const std::function<Status(const Batch&)>& rows) {
  std::lock_guard lock(usual_.mutex);
  PENSTOCK_ASSIGN(Parquet* const parquet, files(usual_));
  return parquet->read(paths, condition, schema, rows);
}

Status PodParquet::read_range(const ParquetRange& range, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows) {
  std::lock_guard lock(usual_.mutex);
  PENSTOCK_ASSIGN(Parquet* const parquet, files(usual_));
  return parquet->read_range(range, schema, rows);
}

Result<ParquetLook> PodParquet::look(const std::string& path) {
  std::lock_guard lock(usual_.mutex);
  PENSTOCK_ASSIGN(Parquet* const parquet, files(usual_));
  return parquet->look(path);
}

}  // namespace penstock
