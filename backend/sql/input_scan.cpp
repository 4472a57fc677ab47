#include "sql/input_scan.h"

#include <algorithm>

#include "sql/column_types.h"

namespace penstock {
namespace {

// Large, so that joins keep a stream on their probe side: its rows then keep their order.
constexpr idx_t kExpectedRows = 1'000'000;

struct Scan {
  std::vector<idx_t> columns;      // asked for, by place in the schema; its size is the row number
  std::size_t batch = 0;
  std::int64_t row_in_batch = 0;
  std::int64_t rows_done = 0;
};

using Shared = std::shared_ptr<ScanInput>;

void bind(duckdb_bind_info info) {
  const auto& input = *static_cast<Shared*>(duckdb_bind_get_extra_info(info));
  for (const Field& field : input->schema->fields()) {
    duckdb_bind_add_result_column(info, field.name.c_str(), to_duckdb_type(field.type).get());
  }
  if (!input->row_column.empty()) {
    duckdb_bind_add_result_column(info, input->row_column.c_str(), to_duckdb_type({TypeKind::int64}).get());
  }
  duckdb_bind_set_cardinality(info, kExpectedRows, false);
}

void init(duckdb_init_info info) {
  auto* scan = new Scan;
  for (idx_t column = 0; column < duckdb_init_get_column_count(info); ++column) {
    scan->columns.push_back(duckdb_init_get_column_index(info, column));
  }
  duckdb_init_set_init_data(info, scan, [](void* data) { delete static_cast<Scan*>(data); });
  duckdb_init_set_max_threads(info, 1);
}

void write_row_numbers(std::int64_t first, std::int64_t rows, duckdb_vector vector, std::int64_t at) {
  auto* out = static_cast<std::int64_t*>(duckdb_vector_get_data(vector)) + at;
  for (std::int64_t row = 0; row < rows; ++row) out[row] = first + row;
}

// Fills the chunk, out of as many batches as that takes: a table's rows often come as epochs of one.
void produce(duckdb_function_info info, duckdb_data_chunk chunk) {
  const auto& input = **static_cast<Shared*>(duckdb_function_get_extra_info(info));
  auto& scan = *static_cast<Scan*>(duckdb_function_get_init_data(info));
  const auto room = static_cast<std::int64_t>(duckdb_vector_size());
  std::int64_t filled = 0;
  while (filled < room && scan.batch < input.rows.size()) {
    const Batch& batch = input.rows[scan.batch];
    const std::int64_t rows = std::min(room - filled, batch.rows() - scan.row_in_batch);
    for (std::size_t out = 0; out < scan.columns.size() && rows > 0; ++out) {
      const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, out);
      const auto column = scan.columns[out];
      if (column < input.schema->size()) {
        write_vector(batch.column(column), scan.row_in_batch, rows, vector, filled);
      } else if (!input.row_column.empty() && column == input.schema->size()) {
        write_row_numbers(input.first_row + scan.rows_done, rows, vector, filled);
      }   // else: the virtual column of a scan that reads none, as count(*) does
    }
    filled += rows;
    scan.rows_done += rows;
    scan.row_in_batch += rows;
    if (scan.row_in_batch == batch.rows()) {
      ++scan.batch;
      scan.row_in_batch = 0;
    }
  }
  duckdb_data_chunk_set_size(chunk, static_cast<idx_t>(filled));
}

}  // namespace

Status register_scan(duckdb_connection connection, const std::string& function_name, std::shared_ptr<ScanInput> input) {
  const duck::TableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), function_name.c_str());
  duckdb_table_function_set_extra_info(function.get(), new Shared(std::move(input)),
                                       [](void* data) { delete static_cast<Shared*>(data); });
  duckdb_table_function_set_bind(function.get(), bind);
  duckdb_table_function_set_init(function.get(), init);
  duckdb_table_function_set_function(function.get(), produce);
  duckdb_table_function_supports_projection_pushdown(function.get(), true);
  if (duckdb_register_table_function(connection, function.get()) != DuckDBSuccess) {
    return Error(ErrorKind::internal, "could not register the scan " + function_name);
  }
  return {};
}

}  // namespace penstock
