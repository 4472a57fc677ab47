#include "rpc/row_messages.h"

namespace penstock::rpc {

void write(const Field& field, v1::Column& message) {
  message.set_name(field.name);
  message.set_type(field.type.sql_name());
}

void write(const ColumnView& column, std::int64_t row, v1::Cell& message) {
  message.clear_value();
  if (column.is_null(row)) return;
  switch (column.type().kind) {
    case TypeKind::boolean: message.set_boolean(column.boolean(row)); break;
    case TypeKind::int32: message.set_integer(column.int32(row)); break;
    case TypeKind::int64: message.set_integer(column.int64(row)); break;
    case TypeKind::float64: message.set_real(column.float64(row)); break;
    case TypeKind::timestamp: message.set_time(column.int64(row)); break;
    case TypeKind::blob: message.set_blob(std::string(column.bytes(row))); break;
    case TypeKind::varchar:
    case TypeKind::json: message.set_text(std::string(column.bytes(row))); break;
    case TypeKind::decimal:
    case TypeKind::date: message.set_text(column.to_text(row)); break;
  }
}

void write(const Batch& rows, std::int64_t row, v1::Row& message) {
  for (std::size_t column = 0; column < rows.schema()->size(); ++column) write(rows.column(column), row, *message.add_cells());
}

}  // namespace penstock::rpc
