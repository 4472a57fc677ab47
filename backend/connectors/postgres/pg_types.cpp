#include "connectors/postgres/pg_types.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace penstock::postgres {
namespace {

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
}

void append_hex(std::string_view bytes, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += "\\\\x";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

void append_float(double value, std::string& out) {
  if (std::isnan(value)) { out += "NaN"; return; }
  if (std::isinf(value)) { out += value > 0 ? "Infinity" : "-Infinity"; return; }
  char text[32];
  const auto [end, code] = std::to_chars(text, text + sizeof text, value);   // shortest that reads back the same
  out.append(text, end);
}

void append_number(std::int64_t value, std::string& out) {
  char text[24];
  const auto [end, code] = std::to_chars(text, text + sizeof text, value);
  out.append(text, end);
}

void append_value(const ColumnView& column, std::int64_t row, std::string& out) {
  switch (column.type().kind) {
    case TypeKind::boolean: out += column.boolean(row) ? 't' : 'f'; return;
    case TypeKind::int32: append_number(column.int32(row), out); return;
    case TypeKind::int64: append_number(column.int64(row), out); return;
    case TypeKind::float64: append_float(column.float64(row), out); return;
    case TypeKind::varchar:
    case TypeKind::json: append_escaped(column.bytes(row), out); return;
    case TypeKind::blob: append_hex(column.bytes(row), out); return;
    case TypeKind::decimal:
    case TypeKind::date:
    case TypeKind::timestamp: append_escaped(column.to_text(row), out); return;
  }
}

}  // namespace

std::string sql_type(Type type) {
  switch (type.kind) {
    case TypeKind::boolean: return "boolean";
    case TypeKind::int32: return "integer";
    case TypeKind::int64: return "bigint";
    case TypeKind::float64: return "double precision";
    case TypeKind::decimal: return "numeric(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeKind::varchar: return "text";
    case TypeKind::json: return "jsonb";
    case TypeKind::blob: return "bytea";
    case TypeKind::date: return "date";
    case TypeKind::timestamp: return "timestamptz";
  }
  return "text";
}

bool fits(Type type, const std::string& udt_name) {
  // Any value has a text; a whole number may go into a narrower column, whose server refuses those that do not fit.
  if (one_of(udt_name, {"text", "varchar", "bpchar", "citext"})) return type.kind != TypeKind::blob;
  switch (type.kind) {
    case TypeKind::boolean: return udt_name == "bool";
    case TypeKind::int32:
    case TypeKind::int64: return one_of(udt_name, {"int2", "int4", "int8", "numeric", "float4", "float8", "oid"});
    case TypeKind::float64: return one_of(udt_name, {"float4", "float8", "numeric"});
    case TypeKind::decimal: return one_of(udt_name, {"numeric", "float4", "float8", "money"});
    case TypeKind::varchar: return !one_of(udt_name, {"bool", "int2", "int4", "int8", "numeric", "float4", "float8", "bytea", "date", "timestamp", "timestamptz"});
    case TypeKind::json: return one_of(udt_name, {"json", "jsonb"});
    case TypeKind::blob: return udt_name == "bytea";
    case TypeKind::date: return one_of(udt_name, {"date", "timestamp", "timestamptz"});
    case TypeKind::timestamp: return one_of(udt_name, {"timestamptz", "timestamp"});
  }
  return false;
}

void append_copy_line(const Batch& batch, const std::vector<std::size_t>& columns, std::int64_t row, std::string& out) {
  bool first = true;
  for (const std::size_t index : columns) {
    if (!first) out += '\t';
    first = false;
    const ColumnView column = batch.column(index);
    if (column.is_null(row)) out += "\\N";
    else append_value(column, row, out);
  }
  out += '\n';
}

}  // namespace penstock::postgres
