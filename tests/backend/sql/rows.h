#pragma once

// Batches from text and back, for the tests of this folder.

#include <algorithm>
#include <QString>
#include <QStringList>
#include <initializer_list>
#include <string>
#include <vector>

#include "record/batch_builder.h"

namespace penstock::test {

inline SchemaPtr make_schema(std::initializer_list<Field> fields) { return std::make_shared<const Schema>(std::vector<Field>(fields)); }

// "NULL" is NULL; decimals are whole numbers of their last digit; times are microseconds.
inline void append_text(ColumnBuilder& column, const std::string& text) {
  if (text == "NULL") return column.append_null();
  switch (column.type().kind) {
    case TypeKind::boolean: return column.append_boolean(text == "true");
    case TypeKind::int32:
    case TypeKind::date: return column.append_int32(std::stoi(text));
    case TypeKind::int64:
    case TypeKind::timestamp: return column.append_int64(std::stoll(text));
    case TypeKind::float64: return column.append_float64(std::stod(text));
    case TypeKind::decimal: {
      const std::int64_t value = std::stoll(text);
      return column.append_decimal({static_cast<std::uint64_t>(value), value < 0 ? -1 : 0});
    }
    default: return column.append_bytes(text);
  }
}

inline Batch make_batch(const SchemaPtr& schema, const std::vector<std::vector<std::string>>& rows) {
  BatchBuilder builder(schema);
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) append_text(builder[column], row[column]);
  }
  return builder.finish();
}

// One line per row: "a|1|NULL", of the columns named, or of all.
inline QStringList lines(const Batch& batch, const std::vector<std::string>& columns = {}) {
  QStringList result;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    QStringList values;
    for (std::size_t column = 0; column < batch.schema()->size(); ++column) {
      const Field& field = (*batch.schema())[column];
      if (!columns.empty() && std::find(columns.begin(), columns.end(), field.name) == columns.end()) continue;
      const auto view = batch.column(column);
      values << (view.is_null(row) ? QStringLiteral("NULL") : QString::fromStdString(view.to_text(row)));
    }
    result << values.join('|');
  }
  return result;
}

inline QStringList lines(const std::vector<Batch>& batches) {
  QStringList result;
  for (const Batch& batch : batches) result << lines(batch);
  return result;
}

}  // namespace penstock::test
