#pragma once

// Names and values as they stand in a condition for Parquet::read and Parquet::rewrite (DuckDB's SQL).

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::delta {

std::string sql_name(std::string_view name);      // "_offset" with its quotes
std::string sql_value(std::string_view text);     // 'o''clock'

// `column` >= from AND `column` < until.
std::string sql_between(const std::string& column, std::int64_t from, std::int64_t until);
// A timestamp column as microseconds.
std::string sql_micros(std::string_view column);

}  // namespace penstock::delta
