#include "stream/staged_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/ids.h"
#include "io/staged_name.h"
#include "record/last_changes.h"
#include "stream/source_latency.h"

namespace penstock {
namespace {

// Without a copy: columns by name.
std::vector<Batch> with_columns_of(const std::vector<Batch>& rows, const Schema& schema) {
  std::vector<Batch> fitted;
  for (const Batch& batch : rows) {
    std::vector<std::size_t> columns;
    for (const Field& field : schema.fields()) columns.push_back(*batch.schema()->find(field.name));
    fitted.push_back(batch.select(columns));
  }
  return fitted;
}

}  // namespace

std::string table_folder(const std::string& tables_root, std::string table) {
  std::replace(table.begin(), table.end(), '.', '/');
  return tables_root + "/" + table;
}

bool is_staged(const SinkSpec& sink) { return sink.kind == "delta" && sink.mode == WriteMode::append && !sink.settings.has("partition_by"); }

Result<StagedFile> write_staged_file(Parquet& parquet, const std::string& folder, const SinkFeed& feed, const std::string& state_id, std::int64_t epoch, bool new_keys,
                                     const std::vector<Batch>& rows, std::int64_t now) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error(ErrorKind::io, "cannot make the table's folder: " + failed.message(), "", folder);
  const std::string name = staged_prefix(state_id) + std::to_string(epoch) + "-" + random_id().substr(0, 8) + std::string(new_keys ? kNewKeysSuffix : ".parquet");
  const SchemaPtr schema = new_keys ? stored_schema(feed.schema) : feed.schema;
  ParquetOptions options;
  options.compression = feed.spec.settings.text("compression", options.compression);
  PENSTOCK_ASSIGN(const ParquetFile file, parquet.write(new_keys ? with_columns_of(rows, *schema) : rows, schema, folder + "/" + name, options));
  LatencyHistogram ages;
  for (const Batch& batch : rows) record_source_latency(batch, now, ages);
  return StagedFile{name, file.bytes, file.rows, file.statistics, now, ages.to_bytes()};
}

void remove_staged_files(const std::string& table_folder, const std::string& state_id, std::int64_t last_epoch) {
  const std::string prefix = staged_prefix(state_id);
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(table_folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && std::atoll(name.c_str() + prefix.size()) > last_epoch) std::filesystem::remove(entry.path(), none);
  }
}

}  // namespace penstock
