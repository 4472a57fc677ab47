#include "io/row_json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "record/row_json.h"

namespace penstock {
namespace {

void append_value(const ColumnView& column, std::int64_t row, NotFinite not_finite, std::string& out) {
  if (column.is_null(row)) {
    out += "null";
    return;
  }
  switch (column.type().kind) {
    case TypeKind::boolean:
    case TypeKind::int32:
    case TypeKind::int64:
    case TypeKind::decimal: out += column.to_text(row); return;
    case TypeKind::json: out += column.bytes(row); return;
    case TypeKind::varchar: append_json_text(column.bytes(row), out); return;
    case TypeKind::blob: append_json_text(to_base64(column.bytes(row)), out); return;
    case TypeKind::date: append_json_text(column.to_text(row), out); return;
    case TypeKind::timestamp: append_json_text(column.to_text(row), out); return;
    case TypeKind::float64: {
      const double value = column.float64(row);
      if (!std::isfinite(value)) {
        const char* text = std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
        out += not_finite == NotFinite::as_null ? "null" : text;
        return;
      }
      std::array<char, 32> text;
      out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
      return;
    }
  }
}

}  // namespace

void append_row_json(const Batch& rows, std::int64_t row, std::span<const std::size_t> columns, std::string& out, NotFinite not_finite) {
  char separator = '{';
  for (const std::size_t column : columns) {
    out += separator;
    append_json_text((*rows.schema())[column].name, out);
    out += ':';
    append_value(rows.column(column), row, not_finite, out);
    separator = ',';
  }
  if (separator == '{') out += '{';
  out += '}';
}

std::string to_base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t i) { return at + i < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) : 0u; };
    const std::uint32_t three = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (std::size_t i = 0; i < 4; ++i) out += at + i <= bytes.size() ? kDigits[three >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

}  // namespace penstock
