#include "sql/duckdb_file.h"

#include <filesystem>
#include <mutex>

#include "sql/input_scan.h"
#include "sql/sql_error.h"
#include "sql/statement.h"

namespace penstock {
namespace {

constexpr const char* kRows = "penstock_rows";

// DuckDB's lock on a file is the process's: within it, two objects of one file would not notice each other.
std::mutex& one_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

Error open_error(const std::string& why, const std::string& path) {
  if (why.find("lock on file") != std::string::npos) return Error(ErrorKind::unavailable, "another program has the file: " + why, "close it there", path);
  const bool is_other = why.find("not a valid DuckDB") != std::string::npos || why.find("Corrupt") != std::string::npos;
  return Error(is_other ? ErrorKind::data_loss : ErrorKind::unavailable, "the file cannot be opened: " + why, "", path);
}

}  // namespace

struct DuckDbFile::Impl {
  std::unique_lock<std::mutex> alone;      // first: given back last
  duck::Database database;
  duck::Connection connection;
  std::shared_ptr<ScanInput> rows = std::make_shared<ScanInput>();
};

DuckDbFile::DuckDbFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DuckDbFile::~DuckDbFile() = default;

Result<std::unique_ptr<DuckDbFile>> DuckDbFile::open(const std::string& path, std::int64_t memory_bytes) {
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  if (failed) return Error(ErrorKind::io, "cannot make the folder: " + failed.message(), "", path);
  auto impl = std::make_unique<Impl>();
  impl->alone = std::unique_lock(one_at_a_time());
  duckdb_config raw_config = nullptr;
  duckdb_create_config(&raw_config);
  const duck::Config config(raw_config);
  duckdb_set_config(config.get(), "threads", "1");
  duckdb_set_config(config.get(), "memory_limit", (std::to_string(memory_bytes) + "B").c_str());
  duckdb_set_config(config.get(), "autoload_known_extensions", "false");
  duckdb_set_config(config.get(), "autoinstall_known_extensions", "false");
  duckdb_database database = nullptr;
  char* message = nullptr;
  const auto state = duckdb_open_ext(path.c_str(), &database, config.get(), &message);
  const std::string why = duck::take_string(message);
  if (state != DuckDBSuccess) return open_error(why, path);
  impl->database.reset(database);
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database, &connection) != DuckDBSuccess) return Error(ErrorKind::resource_exhausted, "DuckDB gives no connection", "", path);
  impl->connection.reset(connection);
  PENSTOCK_TRY(register_scan(connection, kRows, impl->rows));
  std::unique_ptr<DuckDbFile> file(new DuckDbFile(std::move(impl)));
  PENSTOCK_TRY(file->run("SET errors_as_json = true; SET TimeZone = 'UTC'; SET enable_external_access = false"));
  return file;
}

Status DuckDbFile::run(const std::string& sql) {
  duck::QueryResult result;
  if (duckdb_query(impl_->connection.get(), sql.c_str(), result.get()) == DuckDBSuccess) return {};
  return parse_sql_error(duckdb_result_error(result.get())).to_error();
}

Result<std::vector<Batch>> DuckDbFile::query(const std::string& sql) {
  SqlError error;
  auto statement = Statement::prepare(impl_->connection.get(), sql, error);
  if (!statement) return error.to_error();
  PENSTOCK_ASSIGN(const SchemaPtr schema, statement->schema());
  BatchBuilder builder(schema);
  if (const auto failed = statement->execute(builder)) return failed->to_error();
  std::vector<Batch> rows;
  if (builder.rows() > 0) rows.push_back(builder.finish());
  return rows;
}

void DuckDbFile::set_rows(const SchemaPtr& schema, std::vector<Batch> rows) {
  impl_->rows->schema = schema;
  impl_->rows->rows = std::move(rows);
}

}  // namespace penstock
