#include "sql/parquet_files.h"

#include <filesystem>

#include "base/crash_point.h"
#include "base/file_sync.h"
#include "sql/delta_statistics.h"
#include "sql/parquet_range.h"
#include "sql/parquet_select.h"
#include "sql/session_impl.h"
#include "sql/session_watch.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScan = "penstock_parquet_rows";
constexpr const char* kScanKeys = "penstock_parquet_keys";

std::string where(const std::string& condition) { return condition.empty() ? std::string() : " WHERE (\n" + condition + "\n)"; }

class ParquetFiles final : public Parquet {
 public:
  ParquetFiles(std::unique_ptr<Session> session, std::shared_ptr<ScanInput> scan, std::shared_ptr<ScanInput> keys)
      : session_(std::move(session)), scan_(std::move(scan)), keys_(std::move(keys)) {}

  Result<ParquetFile> write(const std::vector<Batch>& rows, const SchemaPtr& schema, const std::string& path,
                            const ParquetOptions& options) override {
    scan_->schema = schema;
    scan_->rows = rows;
    auto file = copy("SELECT " + stored_columns(*schema) + " FROM " + kScan + "()", *schema, path, options);
    scan_->rows.clear();
    return file;
  }

  Result<ParquetFile> rewrite(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                              const std::string& path, const ParquetOptions& options) override {
    std::string sql;
    for (const std::string& one : paths) {
      PENSTOCK_ASSIGN(const std::string select, select_from_parquet(*session_, {&one, 1}, *schema));
      sql += (sql.empty() ? "" : " UNION ALL ") + ("SELECT * FROM (" + select + ")" + where(condition));
    }
    if (sql.empty()) return Error(ErrorKind::invalid_argument, "no file to rewrite into " + path);
    if (!options.cancellation.stop_possible()) return copy(sql, *schema, path, options);
    const Error cancelled(ErrorKind::cancelled, "the rewriting of " + path + " was cancelled");
    if (options.cancellation.stop_requested()) return cancelled;
    const SessionWatch watch(*session_, std::chrono::steady_clock::now() + std::chrono::hours(24), options.cancellation);
    auto file = copy(sql, *schema, path, options);
    if (!file.ok() && options.cancellation.stop_requested()) return cancelled;
    return file;
  }

  Result<ParquetFile> merge(const ParquetMerge& merge, const SchemaPtr& schema, const std::string& path, const ParquetOptions& options) override {
    scan_->schema = schema;
    scan_->rows = merge.rows;
    std::string without;
    if (!merge.keys.empty()) {
      keys_->schema = merge.keys.front().schema();
      keys_->rows = merge.keys;
      without = without_keys("old", *keys_->schema, "SELECT " + stored_columns(*keys_->schema) + " FROM " + kScanKeys + "()");
    }
    auto file = merge_files(merge, without, *schema, path, options);
    scan_->rows.clear();
    keys_->rows.clear();
    return file;
  }

  Status read(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
              const std::function<Status(const Batch&)>& rows) override {
    for (const std::string& path : paths) {
      PENSTOCK_ASSIGN(const std::string select, select_from_parquet(*session_, {&path, 1}, *schema));
      PENSTOCK_TRY(session_->impl().run("SELECT * FROM (" + select + ")" + where(condition), schema, rows));
    }
    return {};
  }

  Status read_range(const ParquetRange& range, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows) override {
    return read_parquet_range(*session_, range, schema, rows);
  }

  Result<ParquetLook> look(const std::string& path) override { return look_at_parquet(*session_, path); }

  Status write_json(const std::string& ndjson_path, const std::string& columns, const std::string& path) override {
    const std::string select = "SELECT * FROM read_json(" + quote_text(ndjson_path) +
                               ", format = 'newline_delimited', columns = " + columns + ")";
    return publish(path, [&](const std::string& aside) {
      return session_->execute("COPY (" + select + ") TO " + quote_text(aside) + " (FORMAT parquet, COMPRESSION snappy)");
    });
  }

  Status read_json(const std::string& path, const std::function<Status(std::string_view)>& line) override {
    PENSTOCK_TRY(check_exists(path));
    return session_->query("SELECT to_json(t)::VARCHAR FROM read_parquet(" + quote_text(path) + ") AS t",
                           [&](const Batch& batch) -> Status {
                             const auto text = batch.column(0);
                             for (std::int64_t row = 0; row < batch.rows(); ++row) PENSTOCK_TRY(line(text.bytes(row)));
                             return {};
                           });
  }

 private:
  Result<ParquetFile> merge_files(const ParquetMerge& merge, const std::string& without, const Schema& schema, const std::string& path,
                                  const ParquetOptions& options) {
    std::string sql;
    for (const std::string& one : merge.paths) {
      PENSTOCK_ASSIGN(const std::string select, select_from_parquet(*session_, {&one, 1}, schema));
      sql += "SELECT * FROM (SELECT * FROM (" + select + ")" + where(merge.condition) + ") AS old" + without + " UNION ALL ";
    }
    return copy(sql + "SELECT " + stored_columns(schema) + " FROM " + kScan + "()", schema, path, options);
  }

  static Status check_exists(const std::string& path) {
    std::error_code failed;
    if (fs::exists(path, failed)) return {};
    return Error(ErrorKind::not_found, "there is no file " + path);
  }

  Result<ParquetFile> copy(const std::string& select, const Schema& schema, const std::string& path, const ParquetOptions& options) {
    const std::string how = " (FORMAT parquet, COMPRESSION " + quote_text(options.compression) + ", ROW_GROUP_SIZE " +
                            std::to_string(options.row_group_rows) + ", DICTIONARY_SIZE_LIMIT 100)";
    PENSTOCK_TRY(publish(path, [&](const std::string& aside) {
      return session_->execute("COPY (" + select + ") TO " + quote_text(aside) + how);
    }));
    std::error_code failed;
    ParquetFile file{.bytes = static_cast<std::int64_t>(fs::file_size(path, failed))};
    if (failed) return Error(ErrorKind::io, "cannot look at " + path + ": " + failed.message());
    PENSTOCK_ASSIGN(DeltaStatistics statistics, read_delta_statistics(*session_, path, schema));
    file.rows = statistics.rows;
    file.statistics = std::move(statistics.json);
    return file;
  }

  // Nothing is at `path` unless all of it is there and on disk.
  Status publish(const std::string& path, const std::function<Status(const std::string&)>& write_to) {
    std::error_code failed;
    if (fs::exists(path, failed)) return Error(ErrorKind::already_exists, path + " exists");
    const fs::path target(path);
    const std::string aside = (target.parent_path() / (".aside-" + target.filename().string())).string();
    auto done = write_to(aside);
    if (done.ok()) done = sync_file(aside);
    if (done.ok()) {
      crash_point("parquet.before_rename");
      fs::rename(aside, path, failed);
      if (failed) done = Error(ErrorKind::io, "cannot rename " + aside + ": " + failed.message());
    }
    if (done.ok()) return sync_folder_of(path);
    fs::remove(aside, failed);
    return done;
  }

  std::unique_ptr<Session> session_;
  std::shared_ptr<ScanInput> scan_, keys_;
};

}  // namespace

Result<std::unique_ptr<Parquet>> make_parquet_files(const ParquetFilesOptions& options) {
  PENSTOCK_ASSIGN(auto session, Session::open({.memory_bytes = options.memory_bytes, .file_access = true}));
  auto scan = std::make_shared<ScanInput>(), keys = std::make_shared<ScanInput>();
  PENSTOCK_TRY(register_scan(session->impl().connection.get(), kScan, scan));
  PENSTOCK_TRY(register_scan(session->impl().connection.get(), kScanKeys, keys));
  return std::unique_ptr<Parquet>(std::make_unique<ParquetFiles>(std::move(session), std::move(scan), std::move(keys)));
}

}  // namespace penstock
