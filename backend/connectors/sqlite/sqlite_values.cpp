#include "connectors/sqlite/sqlite_values.h"

#include <algorithm>
#include <cctype>

#include "record/value_text.h"

namespace penstock::sqlite {
namespace {

enum class Affinity { integer, text, none, real, numeric };

// https://www.sqlite.org/datatype3.html, "Determination Of Column Affinity"; ANY is of STRICT tables.
Affinity affinity_of(std::string_view declared) {
  std::string type(declared);
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (has("INT")) return Affinity::integer;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return Affinity::text;
  if (type.empty() || has("BLOB") || type == "ANY") return Affinity::none;
  if (has("REAL") || has("FLOA") || has("DOUB")) return Affinity::real;
  return Affinity::numeric;
}

}  // namespace

Result<std::string> quoted_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name.empty() || name.find('\0') != std::string_view::npos || lower.starts_with("sqlite_"))
    return Error(ErrorKind::invalid_argument, "'" + std::string(name) + "' cannot be a name in SQLite", "a name that is not empty and does not begin with sqlite_");
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string_view column_type(TypeKind kind) {
  switch (kind) {
    case TypeKind::boolean:
    case TypeKind::int32:
    case TypeKind::int64: return "INT";      // INTEGER as a primary key would be the row's number, and filled in where it is NULL
    case TypeKind::float64: return "REAL";
    case TypeKind::blob: return "BLOB";
    default: return "TEXT";
  }
}

bool fits(TypeKind kind, std::string_view declared) {
  const Affinity affinity = affinity_of(declared);
  if (affinity == Affinity::none) return true;
  switch (kind) {
    case TypeKind::boolean:
    case TypeKind::int32:
    case TypeKind::int64: return affinity == Affinity::integer || affinity == Affinity::numeric;
    case TypeKind::float64: return affinity == Affinity::real;
    case TypeKind::blob: return true;
    case TypeKind::date:
    case TypeKind::timestamp: return affinity == Affinity::text || affinity == Affinity::numeric;
    default: return affinity == Affinity::text;
  }
}

std::string time_text(std::int64_t micros) {
  constexpr std::size_t kOfMilliseconds = std::string_view("2026-11-20T14:32:07.250Z").size();
  std::string text = timestamp_text(micros);
  return text.size() == kOfMilliseconds ? text.insert(text.size() - 1, "000") : text;
}

void RowValues::clear() {
  values_.clear();
  texts_.clear();
}

void RowValues::append(const ColumnView& column, std::int64_t row) {
  if (column.is_null(row)) {
    values_.emplace_back(nullptr);
    return;
  }
  switch (column.type().kind) {
    case TypeKind::boolean: values_.emplace_back(std::int64_t{column.boolean(row)}); break;
    case TypeKind::int32: values_.emplace_back(std::int64_t{column.int32(row)}); break;
    case TypeKind::int64: values_.emplace_back(column.int64(row)); break;
    case TypeKind::float64: values_.emplace_back(column.float64(row)); break;
    case TypeKind::varchar:
    case TypeKind::json: values_.emplace_back(column.bytes(row)); break;
    case TypeKind::blob: values_.emplace_back(Blob{column.bytes(row)}); break;
    default:
      texts_.push_back({values_.size(), column.type().kind == TypeKind::timestamp ? time_text(column.int64(row)) : column.to_text(row)});
      values_.emplace_back(nullptr);
  }
}

const std::vector<SqlValue>& RowValues::values() {
  for (const Text& text : texts_) values_[text.value] = std::string_view(text.text);
  return values_;
}

}  // namespace penstock::sqlite
