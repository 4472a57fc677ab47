#include "record/row_json.h"

#include <cmath>

namespace penstock {
namespace {

// Bytes of the UTF-8 sequence that begins at `at`, or 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t count, unsigned low, unsigned high) {
    if (at + count >= text.size()) return false;
    if (byte(at + 1) < low || byte(at + 1) > high) return false;
    for (std::size_t i = 2; i <= count; ++i)
      if ((byte(at + i) & 0xc0) != 0x80) return false;
    return true;
  };
  const unsigned first = byte(at);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) return continues(2, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) ? 3 : 0;
  if (first >= 0xf0 && first <= 0xf4) return continues(3, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) ? 4 : 0;
  return 0;
}

// Of the characters from `at` on that stand for themselves.
std::size_t plain_length(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && static_cast<signed char>(text[end]) >= ' ' && text[end] != '"' && text[end] != '\\') ++end;      // bytes beyond ASCII are negative
  return end - at;
}

void append_value(const ColumnView& column, std::int64_t row, std::string& out) {
  if (column.is_null(row)) {
    out += "null";
    return;
  }
  switch (column.type().kind) {
    case TypeKind::float64:
      if (!std::isfinite(column.float64(row))) {
        append_json_text(column.to_text(row), out);
        return;
      }
      [[fallthrough]];
    case TypeKind::boolean:
    case TypeKind::int32:
    case TypeKind::int64:
    case TypeKind::decimal:
    case TypeKind::json: out += column.to_text(row); return;
    case TypeKind::varchar: append_json_text(column.bytes(row), out); return;
    case TypeKind::blob:
    case TypeKind::date:
    case TypeKind::timestamp: append_json_text(column.to_text(row), out); return;
  }
}

}  // namespace

void append_json_text(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t plain = plain_length(text, at);
    out.append(text, at, plain);
    at += plain;
    if (at == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      ++at;
      continue;
    }
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[at];
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\r') {
      out += "\\r";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out.append(text.substr(at, length));
    }
    at += length;
  }
  out += '"';
}

void append_row_json(const Batch& batch, std::int64_t row, std::string& out) {
  out += '{';
  for (std::size_t column = 0; column < batch.schema()->size(); ++column) {
    if (column > 0) out += ',';
    append_json_text((*batch.schema())[column].name, out);
    out += ':';
    append_value(batch.column(column), row, out);
  }
  out += '}';
}

}  // namespace penstock
