#include "sql/statement.h"

#include "sql/column_types.h"
#include "sql/sql_text.h"

namespace penstock {

std::optional<Statement> Statement::prepare(duckdb_connection connection, const std::string& sql, SqlError& error) {
  duckdb_prepared_statement raw = nullptr;
  const auto state = duckdb_prepare(connection, sql.c_str(), &raw);
  duck::Prepared prepared(raw);
  if (state == DuckDBSuccess) return Statement(std::move(prepared));
  const char* message = duckdb_prepare_error(prepared.get());
  error = parse_sql_error(message ? message : "the statement is empty");
  return std::nullopt;
}

std::size_t Statement::columns() const { return duckdb_prepared_statement_column_count(prepared_.get()); }

std::string Statement::name(std::size_t column) const {
  const char* name = duckdb_prepared_statement_column_name(prepared_.get(), column);
  std::string copy = name ? name : "";
  duckdb_free(const_cast<char*>(name));
  return copy;
}

Result<Type> Statement::type(std::size_t column) const {
  const duck::LogicalType type(duckdb_prepared_statement_column_logical_type(prepared_.get(), column));
  auto result = from_duckdb_type(type.get());
  if (!result.ok()) return result.error().within("column '" + name(column) + "'");
  return result;
}

bool Statement::is_nested(std::size_t column) const {
  switch (duckdb_prepared_statement_column_type(prepared_.get(), column)) {
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_UNION:
    case DUCKDB_TYPE_VARIANT: return true;
    default: return false;
  }
}

Result<SchemaPtr> Statement::schema() const {
  std::vector<Field> fields;
  const auto taken = [&](const std::string& name) {
    for (const Field& field : fields) {
      if (same_name(field.name, name)) return true;
    }
    return false;
  };
  for (std::size_t column = 0; column < columns(); ++column) {
    PENSTOCK_ASSIGN(const Type type, this->type(column));
    std::string unique = name(column);
    for (int number = 2; taken(unique); ++number) unique = name(column) + "_" + std::to_string(number);
    fields.push_back({unique, type});
  }
  return std::make_shared<const Schema>(std::move(fields));
}

std::optional<SqlError> Statement::execute(BatchBuilder& rows, const std::function<Status()>& after_chunk) {
  const auto failed = [](const Error& error, bool data) {
    return SqlError{.kind = error.kind, .message = error.to_string(), .data = data};
  };
  duck::QueryResult result;
  const auto sql_error = [&] {
    const char* message = duckdb_result_error(result.get());
    return parse_sql_error(message ? message : "the statement failed");
  };
  // Streaming: the rows are computed as they are fetched, and not kept in DuckDB meanwhile.
  if (duckdb_execute_prepared_streaming(prepared_.get(), result.get()) != DuckDBSuccess) return sql_error();
  while (const duck::DataChunk chunk{duckdb_fetch_chunk(*result.get())}) {
    const auto count = static_cast<std::int64_t>(duckdb_data_chunk_get_size(chunk.get()));
    for (std::size_t column = 0; column < rows.schema()->size(); ++column) {
      const auto status = read_vector(duckdb_data_chunk_get_vector(chunk.get(), column), count, rows[column]);
      if (!status.ok()) return failed(status.error().within("column '" + (*rows.schema())[column].name + "'"), true);
    }
    if (after_chunk) {
      if (const auto status = after_chunk(); !status.ok()) return failed(status.error(), false);
    }
  }
  if (const char* message = duckdb_result_error(result.get()); message && *message) return sql_error();
  return std::nullopt;
}

}  // namespace penstock
