#include "connectors/files/csv_value.h"

#include "base/iso8601.h"
#include "io/scalar_text.h"

namespace penstock::files {
namespace {

bool refuse(std::string& fault, const std::string& expected, std::string_view cell) {
  fault = "expected " + expected + ", got '" + shortened(cell) + "'";
  return false;
}

bool passes(std::string& fault, const CsvFieldPlan& plan, std::string_view cell) {
  if (!plan.checker) return true;
  const auto expected = plan.checker->fault_of_number(parse_real(cell).value_or(0), cell);
  return !expected || refuse(fault, *expected, cell);
}

bool append_number(std::string_view cell, const CsvFieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  const Type type = plan.field.type;
  // The grammar of JSON's numbers, so that neither " 7" nor "0x7" nor "007" is one.
  if (!is_json_number(cell)) return refuse(fault, expectation_of(type), cell);
  if (type.kind == TypeKind::decimal) {
    Int128 unscaled;
    if (parse_decimal(cell, type, unscaled) != DecimalFault::none) return refuse(fault, expectation_of(type), cell);
    if (!passes(fault, plan, cell)) return false;
    column.append_decimal(unscaled);
  } else if (type.kind == TypeKind::float64) {
    const auto real = parse_real(cell);
    if (!real) return refuse(fault, expectation_of(type), cell);
    if (!passes(fault, plan, cell)) return false;
    column.append_float64(*real);
  } else {
    const auto whole = parse_whole(cell);
    const bool fits = whole && (type.kind == TypeKind::int64 || (*whole >= INT32_MIN && *whole <= INT32_MAX));
    if (!fits) return refuse(fault, expectation_of(type), cell);
    if (!passes(fault, plan, cell)) return false;
    if (type.kind == TypeKind::int64) column.append_int64(*whole); else column.append_int32(static_cast<std::int32_t>(*whole));
  }
  return true;
}

bool append_text(std::string_view cell, const CsvFieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  if (!is_utf8(cell)) return refuse(fault, "text in UTF-8", "bytes that are not");
  if (plan.checker)
    if (const auto expected = plan.checker->fault_of_text(cell)) return refuse(fault, *expected, cell);
  column.append_bytes(cell);
  return true;
}

bool append_time(std::string_view cell, const CsvFieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  if (plan.field.type.kind == TypeKind::date) {
    const auto date = parse_iso_date(cell);
    if (!date) return refuse(fault, expectation_of(plan.field.type), cell);
    column.append_int32(*date);
    return true;
  }
  const auto time = parse_iso_time(cell, plan.zone);
  if (!time) return refuse(fault, expectation_of(plan.field.type), cell);
  column.append_int64(to_micros(*time));
  return true;
}

}  // namespace

bool append_cell(const CsvCell& cell, const CsvFieldPlan& plan, ColumnBuilder& column, std::string& fault) {
  const Type type = plan.field.type;
  if (cell.text.empty() && !cell.quoted && type.kind != TypeKind::varchar) {
    if (!plan.field.nullable && plan.field.required) return refuse(fault, expectation_of(type), cell.text);
    column.append_null();
    return true;
  }
  switch (type.kind) {
    case TypeKind::boolean:
      if (cell.text != "true" && cell.text != "false") return refuse(fault, expectation_of(type), cell.text);
      column.append_boolean(cell.text == "true");
      return true;
    case TypeKind::int32:
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::decimal: return append_number(cell.text, plan, column, fault);
    case TypeKind::date:
    case TypeKind::timestamp: return append_time(cell.text, plan, column, fault);
    case TypeKind::blob: {
      const auto bytes = parse_base64(cell.text);
      if (!bytes) return refuse(fault, "bytes in base64", cell.text);
      column.append_bytes(*bytes);
      return true;
    }
    case TypeKind::varchar:
      if (cell.text.empty() && !cell.quoted && (plan.field.nullable || !plan.field.required)) {
        column.append_null();
        return true;
      }
      return append_text(cell.text, plan, column, fault);
    case TypeKind::json: return refuse(fault, "a type that a cell can hold; nested values are for JSON", cell.text);
  }
  return false;
}

}  // namespace penstock::files
