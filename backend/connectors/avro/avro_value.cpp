#include "connectors/avro/avro_value.h"

#include "io/scalar_text.h"

namespace penstock::avro {
namespace {

using Op = Plan::Op;

}  // namespace

bool ValueReader::append(const Plan& plan, ColumnBuilder& column) {
  // A json column holds whatever stands there, a plain value too.
  if (column.type().kind == TypeKind::json && plan.op != Op::choice && plan.op != Op::null && plan.op != Op::refused) {
    scratch_.clear();
    if (!nested_.write(cursor_, plan, scratch_)) return fail(nested_.fault());
    column.append_bytes(scratch_);
    return true;
  }
  switch (plan.op) {
    case Op::null: column.append_null(); return true;
    case Op::choice: {
      std::int64_t branch = 0;
      if (!cursor_.read_long(branch) || branch < 0 || branch >= static_cast<std::int64_t>(plan.parts.size())) return fail("its union has no such branch");
      // A branch is no union itself, so this goes no deeper.
      return append(*plan.parts[static_cast<std::size_t>(branch)], column);
    }
    case Op::boolean: {
      bool value = false;
      if (!cursor_.read_boolean(value)) return fail("expected true or false");
      column.append_boolean(value);
      return true;
    }
    case Op::float32: {
      float value = 0;
      if (!cursor_.read_float(value)) return cut();
      column.append_float64(value);
      return true;
    }
    case Op::float64: {
      double value = 0;
      if (!cursor_.read_double(value)) return cut();
      column.append_float64(value);
      return true;
    }
    case Op::refused: return fail(plan.reason);
    case Op::text:
    case Op::uuid:
    case Op::bytes:
    case Op::fixed: return append_bytes(plan, column);
    case Op::symbol: return append_symbol(plan, column);
    case Op::decimal:
    case Op::decimal_fixed: return append_decimal(plan, column);
    default: return append_whole(plan, column);
  }
}

bool ValueReader::append_bytes(const Plan& plan, ColumnBuilder& column) {
  std::string_view bytes;
  if (plan.op == Op::fixed ? !cursor_.read_fixed(plan.size, bytes) : !cursor_.read_bytes(bytes)) return cut();
  if ((plan.op == Op::text || plan.op == Op::uuid) && !is_utf8(bytes)) return fail("is not valid UTF-8");
  if (plan.op == Op::uuid && !is_uuid(bytes)) return fail("expected a UUID, got \"" + shortened(bytes) + "\"");
  column.append_bytes(bytes);
  return true;
}

bool ValueReader::append_whole(const Plan& plan, ColumnBuilder& column) {
  if (plan.op == Op::int32 || plan.op == Op::date) {
    std::int32_t value = 0;
    if (!cursor_.read_int(value)) return cut();
    column.append_int32(value);
    return true;
  }
  std::int64_t value = 0;
  if (!cursor_.read_long(value)) return cut();
  if (plan.op == Op::whole_to_real) {
    column.append_float64(static_cast<double>(value));
    return true;
  }
  if (plan.op == Op::millis && (value > INT64_MAX / 1000 || value < INT64_MIN / 1000)) return fail("the time is out of range");
  column.append_int64(plan.op == Op::millis ? value * 1000 : value);
  return true;
}

bool ValueReader::append_decimal(const Plan& plan, ColumnBuilder& column) {
  std::string_view bytes;
  Int128 value;
  if (plan.op == Op::decimal ? !cursor_.read_bytes(bytes) : !cursor_.read_fixed(plan.size, bytes)) return cut();
  if (!read_decimal(bytes, plan.precision, value)) return fail("has more than " + std::to_string(plan.precision) + " digits");
  column.append_decimal(value);
  return true;
}

bool ValueReader::append_symbol(const Plan& plan, ColumnBuilder& column) {
  std::int64_t number = 0;
  if (!cursor_.read_long(number) || number < 0 || number >= static_cast<std::int64_t>(plan.symbols.size())) return fail("its enum has no such symbol");
  const auto at = static_cast<std::size_t>(number);
  if (plan.symbols[at].empty()) return fail("the contract has no symbol " + plan.written_symbols[at]);
  column.append_bytes(plan.symbols[at]);
  return true;
}

}  // namespace penstock::avro
