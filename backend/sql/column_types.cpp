#include "sql/column_types.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace penstock {

duck::LogicalType to_duckdb_type(Type type) {
  const auto simple = [](duckdb_type id) { return duck::LogicalType(duckdb_create_logical_type(id)); };
  switch (type.kind) {
    case TypeKind::boolean: return simple(DUCKDB_TYPE_BOOLEAN);
    case TypeKind::int32: return simple(DUCKDB_TYPE_INTEGER);
    case TypeKind::int64: return simple(DUCKDB_TYPE_BIGINT);
    case TypeKind::float64: return simple(DUCKDB_TYPE_DOUBLE);
    case TypeKind::decimal: return duck::LogicalType(duckdb_create_decimal_type(type.precision, type.scale));
    case TypeKind::varchar: return simple(DUCKDB_TYPE_VARCHAR);
    case TypeKind::blob: return simple(DUCKDB_TYPE_BLOB);
    case TypeKind::date: return simple(DUCKDB_TYPE_DATE);
    case TypeKind::timestamp: return simple(DUCKDB_TYPE_TIMESTAMP_TZ);
    case TypeKind::json: {
      auto json = simple(DUCKDB_TYPE_VARCHAR);
      duckdb_logical_type_set_alias(json.get(), "JSON");
      return json;
    }
  }
  return simple(DUCKDB_TYPE_VARCHAR);
}

Result<Type> from_duckdb_type(duckdb_logical_type type) {
  const auto refuse = [](const char* name, const char* instead) -> Result<Type> {
    return Error(ErrorKind::unsupported, std::string("a column cannot be of type ") + name, std::string("cast it: ") + instead);
  };
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN: return Type{TypeKind::boolean};
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_INTEGER: return Type{TypeKind::int32};
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_BIGINT: return Type{TypeKind::int64};
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return Type{TypeKind::float64};
    case DUCKDB_TYPE_DECIMAL: return Type{TypeKind::decimal, duckdb_decimal_width(type), duckdb_decimal_scale(type)};
    case DUCKDB_TYPE_VARCHAR:
      return Type{duck::take_string(duckdb_logical_type_get_alias(type)) == "JSON" ? TypeKind::json : TypeKind::varchar};
    case DUCKDB_TYPE_BLOB: return Type{TypeKind::blob};
    case DUCKDB_TYPE_DATE: return Type{TypeKind::date};
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return Type{TypeKind::timestamp};
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY: return refuse("LIST", "to_json(x)");
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_UNION:
    case DUCKDB_TYPE_VARIANT: return refuse("STRUCT or MAP", "to_json(x)");
    case DUCKDB_TYPE_UUID: return refuse("UUID", "x::VARCHAR");
    case DUCKDB_TYPE_ENUM: return refuse("ENUM", "x::VARCHAR");
    case DUCKDB_TYPE_INTERVAL: return refuse("INTERVAL", "x::VARCHAR, or epoch_us(x)");
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_TIME_NS:
    case DUCKDB_TYPE_TIME_TZ: return refuse("TIME", "x::VARCHAR");
    default: return refuse("this kind", "x::VARCHAR");
  }
}

namespace {

// Rows of a vector from `at` on.
struct Target {
  duckdb_vector vector;
  std::int64_t at;
};

template <typename Stored, typename Read>
void write_values(std::int64_t rows, Target target, Read read) {
  auto* out = static_cast<Stored*>(duckdb_vector_get_data(target.vector)) + target.at;
  for (std::int64_t row = 0; row < rows; ++row) out[row] = read(row);
}

// Where DuckDB keeps values as Arrow does.
void copy_values(const ColumnView& column, std::int64_t first, std::int64_t rows, Target target) {
  const std::size_t width = fixed_width(column.type().kind);
  std::memcpy(static_cast<char*>(duckdb_vector_get_data(target.vector)) + static_cast<std::size_t>(target.at) * width, column.fixed_bytes() + static_cast<std::size_t>(first) * width, static_cast<std::size_t>(rows) * width);
}

void write_validity(const ColumnView& column, std::int64_t first, std::int64_t rows, Target target) {
  if (!column.has_nulls()) return;
  std::uint64_t* validity = nullptr;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (!column.is_null(first + row)) continue;
    if (!validity) {
      duckdb_vector_ensure_validity_writable(target.vector);
      validity = duckdb_vector_get_validity(target.vector);
    }
    duckdb_validity_set_row_invalid(validity, static_cast<idx_t>(target.at + row));
  }
}

// Short strings lie inside duckdb_string_t, zero-filled; longer ones are a prefix and a pointer.
duckdb_string_t to_duckdb_string(std::string_view text) {
  duckdb_string_t string{};
  string.value.inlined.length = static_cast<std::uint32_t>(text.size());
  if (text.size() <= sizeof(string.value.inlined.inlined)) {
    std::copy(text.begin(), text.end(), string.value.inlined.inlined);
  } else {
    std::copy_n(text.begin(), sizeof(string.value.pointer.prefix), string.value.pointer.prefix);
    string.value.pointer.ptr = const_cast<char*>(text.data());
  }
  return string;
}

void write_decimals(const ColumnView& column, std::int64_t first, std::int64_t rows, Target target) {
  const auto low = [&](std::int64_t row) { return column.decimal(first + row).low; };
  const auto precision = column.type().precision;
  if (precision <= 4) {
    write_values<std::int16_t>(rows, target, low);
  } else if (precision <= 9) {
    write_values<std::int32_t>(rows, target, low);
  } else if (precision <= 18) {
    write_values<std::int64_t>(rows, target, low);
  } else {
    write_values<duckdb_hugeint>(rows, target, [&](std::int64_t row) {
      const Int128 value = column.decimal(first + row);
      return duckdb_hugeint{value.low, value.high};
    });
  }
}

}  // namespace

void write_vector(const ColumnView& column, std::int64_t first, std::int64_t rows, duckdb_vector vector, std::int64_t at) {
  const Target target{vector, at};
  switch (column.type().kind) {
    case TypeKind::boolean:
      write_values<bool>(rows, target, [&](std::int64_t row) { return column.boolean(first + row); });
      break;
    case TypeKind::int32:
    case TypeKind::date:
    case TypeKind::int64:
    case TypeKind::timestamp:
    case TypeKind::float64:
      copy_values(column, first, rows, target);
      break;
    case TypeKind::decimal:
      write_decimals(column, first, rows, target);
      break;
    case TypeKind::varchar:
    case TypeKind::json:
    case TypeKind::blob: {
      const auto ends = column.offsets().subspan(static_cast<std::size_t>(first));
      const char* bytes = column.bytes_between(first, first).data();
      write_values<duckdb_string_t>(rows, target, [&](std::int64_t row) {
        return to_duckdb_string({bytes + (ends[row] - ends[0]), static_cast<std::size_t>(ends[row + 1] - ends[row])});
      });
      break;
    }
  }
  write_validity(column, first, rows, target);
}

namespace {

Error does_not_fit() {
  return {ErrorKind::invalid_argument, "a whole number is larger than 64 bits", "cast it to DECIMAL(38,0) or DOUBLE"};
}

// Appends each valid value as `append` says, and NULLs.
template <typename Stored, typename Append>
Status read_values(duckdb_vector vector, std::int64_t rows, ColumnBuilder& column, Append append) {
  const auto* values = static_cast<const Stored*>(duckdb_vector_get_data(vector));
  const std::uint64_t* validity = duckdb_vector_get_validity(vector);
  for (std::int64_t row = 0; row < rows; ++row) {
    if (validity && (validity[row >> 6] >> (row & 63) & 1) == 0) {
      column.append_null();
    } else if constexpr (std::is_void_v<decltype(append(values[row]))>) {
      append(values[row]);
    } else {
      PENSTOCK_TRY(append(values[row]));
    }
  }
  return {};
}

template <typename Stored>
Status read_int32(duckdb_vector vector, std::int64_t rows, ColumnBuilder& column) {
  return read_values<Stored>(vector, rows, column, [&](Stored value) { column.append_int32(value); });
}

template <typename Stored>
Status read_int64(duckdb_vector vector, std::int64_t rows, ColumnBuilder& column) {
  return read_values<Stored>(vector, rows, column, [&](Stored value) { column.append_int64(value); });
}

template <typename Stored>
Status read_small_decimals(duckdb_vector vector, std::int64_t rows, ColumnBuilder& column) {
  return read_values<Stored>(vector, rows, column, [&](Stored value) {
    const std::int64_t wide = value;
    column.append_decimal({static_cast<std::uint64_t>(wide), wide < 0 ? -1 : 0});
  });
}

Status read_decimals(duckdb_vector vector, duckdb_logical_type type, std::int64_t rows, ColumnBuilder& column) {
  switch (duckdb_decimal_internal_type(type)) {
    case DUCKDB_TYPE_SMALLINT: return read_small_decimals<std::int16_t>(vector, rows, column);
    case DUCKDB_TYPE_INTEGER: return read_small_decimals<std::int32_t>(vector, rows, column);
    case DUCKDB_TYPE_BIGINT: return read_small_decimals<std::int64_t>(vector, rows, column);
    default:
      return read_values<duckdb_hugeint>(vector, rows, column, [&](duckdb_hugeint value) {
        column.append_decimal({value.lower, value.upper});
      });
  }
}

Status read_hugeints(duckdb_vector vector, std::int64_t rows, ColumnBuilder& column) {
  return read_values<duckdb_hugeint>(vector, rows, column, [&](duckdb_hugeint value) -> Status {
    const auto low = static_cast<std::int64_t>(value.lower);
    if (value.upper != (low < 0 ? -1 : 0)) return does_not_fit();
    column.append_int64(low);
    return {};
  });
}

// Microseconds out of another unit. Infinite timestamps keep DuckDB's own marks in every unit.
template <typename Convert>
Status read_times(duckdb_vector vector, std::int64_t rows, ColumnBuilder& column, Convert convert) {
  return read_values<std::int64_t>(vector, rows, column, [&](std::int64_t value) {
    constexpr auto kInfinite = std::numeric_limits<std::int64_t>::max();
    column.append_int64(value == kInfinite || value == -kInfinite ? value : convert(value));
  });
}

std::int64_t nanos_to_micros(std::int64_t nanos) { return nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0); }

// Does DuckDB keep these values as Arrow does?
bool lies_alike(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_DOUBLE: return true;
    default: return false;
  }
}

}  // namespace

Status read_vector(duckdb_vector vector, std::int64_t rows, ColumnBuilder& column) {
  const duck::LogicalType type(duckdb_vector_get_column_type(vector));
  const duckdb_type id = duckdb_get_type_id(type.get());
  if (lies_alike(id) && !duckdb_vector_get_validity(vector)) {
    column.append_values(duckdb_vector_get_data(vector), rows);
    return {};
  }
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN:
      return read_values<bool>(vector, rows, column, [&](bool value) { column.append_boolean(value); });
    case DUCKDB_TYPE_TINYINT: return read_int32<std::int8_t>(vector, rows, column);
    case DUCKDB_TYPE_SMALLINT: return read_int32<std::int16_t>(vector, rows, column);
    case DUCKDB_TYPE_UTINYINT: return read_int32<std::uint8_t>(vector, rows, column);
    case DUCKDB_TYPE_USMALLINT: return read_int32<std::uint16_t>(vector, rows, column);
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE: return read_int32<std::int32_t>(vector, rows, column);
    case DUCKDB_TYPE_UINTEGER: return read_int64<std::uint32_t>(vector, rows, column);
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return read_int64<std::int64_t>(vector, rows, column);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return read_times(vector, rows, column, [](std::int64_t seconds) { return seconds * 1'000'000; });
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return read_times(vector, rows, column, [](std::int64_t millis) { return millis * 1'000; });
    case DUCKDB_TYPE_TIMESTAMP_NS: return read_times(vector, rows, column, nanos_to_micros);
    case DUCKDB_TYPE_UBIGINT:
      return read_values<std::uint64_t>(vector, rows, column, [&](std::uint64_t value) -> Status {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return does_not_fit();
        column.append_int64(static_cast<std::int64_t>(value));
        return {};
      });
    case DUCKDB_TYPE_HUGEINT: return read_hugeints(vector, rows, column);
    case DUCKDB_TYPE_FLOAT:
      return read_values<float>(vector, rows, column, [&](float value) { column.append_float64(value); });
    case DUCKDB_TYPE_DOUBLE:
      return read_values<double>(vector, rows, column, [&](double value) { column.append_float64(value); });
    case DUCKDB_TYPE_DECIMAL: return read_decimals(vector, type.get(), rows, column);
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
      return read_values<duckdb_string_t>(vector, rows, column, [&](duckdb_string_t value) {
        column.append_bytes({duckdb_string_t_data(&value), duckdb_string_t_length(value)});
      });
    default: return Error(ErrorKind::unsupported, "a column of a type that was not declared");
  }
}

}  // namespace penstock
