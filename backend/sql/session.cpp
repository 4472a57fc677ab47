#include "sql/session.h"

#include "sql/session_impl.h"
#include "sql/sql_text.h"

namespace penstock {
namespace {

constexpr const char* kLoadFunction = "penstock_load";

std::string quote_qualified(const std::string& name) {
  const auto dot = name.find('.');
  if (dot == std::string::npos) return quote_name(name);
  return quote_name(name.substr(0, dot)) + "." + quote_name(name.substr(dot + 1));
}

std::string create_schema_of(const std::string& name) {
  const auto dot = name.find('.');
  return dot == std::string::npos ? std::string() : "CREATE SCHEMA IF NOT EXISTS " + quote_name(name.substr(0, dot)) + ";";
}

Result<duck::Database> open_database(const SessionOptions& options) {
  duckdb_config raw_config = nullptr;
  duckdb_create_config(&raw_config);
  const duck::Config config(raw_config);
  const auto set = [&](const char* name, const std::string& value) { duckdb_set_config(config.get(), name, value.c_str()); };
  set("threads", std::to_string(options.threads));
  set("memory_limit", std::to_string(options.memory_bytes) + "B");
  set("temp_directory", "");
  set("autoload_known_extensions", "false");
  set("autoinstall_known_extensions", "false");
  duckdb_database raw = nullptr;
  char* message = nullptr;
  const auto state = duckdb_open_ext(nullptr, &raw, config.get(), &message);
  const std::string why = duck::take_string(message);
  if (state != DuckDBSuccess) return Error(ErrorKind::resource_exhausted, "DuckDB does not start: " + why);
  return duck::Database(raw);
}

// The folders as a SQL list: ['/a/', '/b/'].
std::string folder_list(const std::vector<std::string>& folders) {
  std::string list = "[";
  for (const std::string& folder : folders) list += (list.size() > 1 ? ", " : "") + quote_text(folder);
  return list + "]";
}

Status run_statement(Statement& statement, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows) {
  BatchBuilder builder(schema);
  const auto chunk_rows = static_cast<std::int64_t>(duckdb_vector_size());
  const auto failed = statement.execute(builder, [&]() -> Status {
    return builder.rows() + chunk_rows > kMaxBatchRows ? rows(builder.finish()) : Status();
  });
  if (failed) return failed->to_error();
  return builder.rows() > 0 ? rows(builder.finish()) : Status();
}

}  // namespace

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(const SessionOptions& options) {
  auto impl = std::make_unique<Impl>();
  PENSTOCK_ASSIGN(impl->database, open_database(options));
  duckdb_connection connection = nullptr;
  if (duckdb_connect(impl->database.get(), &connection) != DuckDBSuccess) {
    return Error(ErrorKind::resource_exhausted, "DuckDB gives no connection");
  }
  impl->connection.reset(connection);
  PENSTOCK_TRY(register_scan(connection, kLoadFunction, impl->load));
  std::unique_ptr<Session> session(new Session(std::move(impl)));
  // What was read of a file is in the system's memory already; kept here too, a pod grew by it with each file it wrote.
  PENSTOCK_TRY(session->execute("SET errors_as_json = true; SET TimeZone = 'UTC'; SET enable_external_file_cache = false"));
  if (!options.file_access) {
    if (!options.readable_folders.empty()) {
      PENSTOCK_TRY(session->execute("SET allowed_directories = " + folder_list(options.readable_folders)));
    }
    PENSTOCK_TRY(session->execute("SET enable_external_access = false"));
  }
  return session;
}

Status Session::execute(std::string_view sql) {
  duck::QueryResult result;
  if (duckdb_query(impl_->connection.get(), std::string(sql).c_str(), result.get()) == DuckDBSuccess) return {};
  return parse_sql_error(duckdb_result_error(result.get())).to_error();
}

Result<std::vector<Batch>> Session::query(std::string_view sql) {
  std::vector<Batch> batches;
  PENSTOCK_TRY(query(sql, [&](const Batch& batch) {
    batches.push_back(batch);
    return Status();
  }));
  return batches;
}

Status Session::query(std::string_view sql, const std::function<Status(const Batch&)>& rows) {
  SqlError error;
  auto statement = Statement::prepare(impl_->connection.get(), std::string(sql), error);
  if (!statement) return error.to_error();
  PENSTOCK_ASSIGN(const SchemaPtr schema, statement->schema());
  return run_statement(*statement, schema, rows);
}

Status Session::Impl::run(const std::string& sql, const SchemaPtr& schema, const std::function<Status(const Batch&)>& rows) {
  SqlError error;
  auto statement = Statement::prepare(connection.get(), sql, error);
  return statement ? run_statement(*statement, schema, rows) : error.to_error();
}

Status Session::bind_input(const std::string& name, SchemaPtr schema) {
  auto input = std::make_shared<ScanInput>();
  input->schema = std::move(schema);
  const std::string function = impl_->new_scan_name();
  PENSTOCK_TRY(register_scan(impl_->connection.get(), function, input));
  PENSTOCK_TRY(execute(create_schema_of(name) + "CREATE OR REPLACE VIEW " + quote_qualified(name) + " AS FROM " + function + "()"));
  impl_->inputs[name] = std::move(input);
  return {};
}

void Session::set_input(const std::string& name, std::span<const Batch> rows) {
  impl_->inputs.at(name)->rows.assign(rows.begin(), rows.end());
}

Status Session::load_table(const std::string& name, const SchemaPtr& schema, std::span<const Batch> rows) {
  impl_->load->schema = schema;
  impl_->load->rows.assign(rows.begin(), rows.end());
  const auto loaded = execute(create_schema_of(name) + "CREATE OR REPLACE TABLE " + quote_qualified(name) + " AS FROM " +
                              kLoadFunction + "()");
  impl_->load->rows.clear();
  if (loaded.ok()) impl_->tables.insert(name);
  return loaded;
}

Status Session::load_seed(const std::string& name, const std::string& path) {
  std::error_code failed;
  const auto changed = std::filesystem::last_write_time(path, failed);
  const auto bytes = failed ? 0 : std::filesystem::file_size(path, failed);
  if (failed) return Error(ErrorKind::not_found, "cannot read " + path + ": " + failed.message());
  // Read by a database of its own, so that this one never needs to open files.
  PENSTOCK_ASSIGN(const auto reader, Session::open({.file_access = true}));
  // Its reader takes three buffers of 32 MB otherwise, and by that teaches malloc to keep as much of what is freed later.
  const std::string sql = "SELECT * FROM read_csv(" + quote_text(path) + ", header = true, buffer_size = 4000000)";
  SqlError error;
  const auto statement = Statement::prepare(reader->impl().connection.get(), sql, error);
  if (!statement) return error.to_error().within(path);
  PENSTOCK_ASSIGN(const SchemaPtr schema, statement->schema());
  auto rows = reader->query(sql);
  if (!rows.ok()) return rows.error().within(path);
  PENSTOCK_TRY(load_table(name, schema, *rows));
  impl_->seeds[name] = {path, changed, bytes};
  return {};
}

Result<std::vector<std::string>> Session::refresh_seeds() {
  std::vector<std::string> refreshed;
  for (const auto& [name, seed] : std::map(impl_->seeds)) {
    std::error_code failed;
    const auto changed = std::filesystem::last_write_time(seed.path, failed);
    const auto bytes = failed ? 0 : std::filesystem::file_size(seed.path, failed);
    if (failed) return Error(ErrorKind::not_found, "cannot read " + seed.path + ": " + failed.message());
    if (changed == seed.changed && bytes == seed.bytes) continue;
    PENSTOCK_TRY(load_seed(name, seed.path));
    refreshed.push_back(name);
  }
  return refreshed;
}

Result<SchemaPtr> Session::columns(const std::string& name) {
  SqlError error;
  const auto statement = Statement::prepare(impl_->connection.get(), "SELECT * FROM " + quote_qualified(name), error);
  if (!statement) return Error(ErrorKind::not_found, "there is no table '" + name + "' here");
  return statement->schema();
}

std::vector<std::string> Session::tables() const { return {impl_->tables.begin(), impl_->tables.end()}; }

void Session::interrupt() { duckdb_interrupt(impl_->connection.get()); }

}  // namespace penstock
