#pragma once

// Private to this folder: DuckDB's C handles as owners.

#include <duckdb.h>

#include <memory>
#include <string>
#include <type_traits>

namespace penstock::duck {

template <auto Destroy>
struct Destroyer {
  template <typename Handle>
  void operator()(Handle* handle) const {
    Destroy(&handle);
  }
};

template <typename Handle, auto Destroy>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Destroyer<Destroy>>;

using Database = Owned<duckdb_database, duckdb_close>;
using Connection = Owned<duckdb_connection, duckdb_disconnect>;
using Prepared = Owned<duckdb_prepared_statement, duckdb_destroy_prepare>;
using LogicalType = Owned<duckdb_logical_type, duckdb_destroy_logical_type>;
using DataChunk = Owned<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using TableFunction = Owned<duckdb_table_function, duckdb_destroy_table_function>;
using Config = Owned<duckdb_config, duckdb_destroy_config>;
using Value = Owned<duckdb_value, duckdb_destroy_value>;

// A result is a struct, not a handle; freed whether the query failed or not.
class QueryResult {
 public:
  QueryResult() = default;
  ~QueryResult() { duckdb_destroy_result(&result_); }
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  duckdb_result* get() { return &result_; }

 private:
  duckdb_result result_{};
};

inline std::string take_string(char* text) {
  std::string copy = text ? text : "";
  duckdb_free(text);
  return copy;
}

}  // namespace penstock::duck
