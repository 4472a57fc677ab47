#include "connectors/delta/sql_text.h"

namespace penstock::delta {
namespace {

std::string quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) quoted.append(c == quote ? 2 : 1, c);
  return quoted + quote;
}

}  // namespace

std::string sql_name(std::string_view name) { return quoted(name, '"'); }
std::string sql_value(std::string_view text) { return quoted(text, '\''); }

std::string sql_between(const std::string& column, std::int64_t from, std::int64_t until) {
  return column + " >= " + std::to_string(from) + " AND " + column + " < " + std::to_string(until);
}

std::string sql_micros(std::string_view column) { return "epoch_us(" + sql_name(column) + ")"; }

}  // namespace penstock::delta
