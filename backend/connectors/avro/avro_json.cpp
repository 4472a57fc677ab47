#include "connectors/avro/avro_json.h"

#include <cmath>

#include "io/row_json.h"
#include "io/scalar_text.h"
#include "record/row_json.h"
#include "record/value_text.h"

namespace penstock::avro {
namespace {

using Kind = AvroType::Kind;
using Op = Plan::Op;

constexpr int kMaxDepth = 64;
constexpr std::int64_t kMaxMillis = INT64_MAX / 1000;

void append_latin1(std::string_view bytes, std::string& out) {
  std::string utf8;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) utf8 += static_cast<char>(0xc0 | byte >> 6);
    utf8 += byte < 0x80 ? c : static_cast<char>(0x80 | (byte & 0x3f));
  }
  append_json_text(utf8, out);
}

}  // namespace

bool read_decimal(std::string_view bytes, int precision, Int128& value) {
  if (bytes.empty()) return false;
  const bool negative = static_cast<signed char>(bytes[0]) < 0;
  const char sign = negative ? '\xff' : '\0';
  while (bytes.size() > 16) {
    if (bytes[0] != sign) return false;
    bytes.remove_prefix(1);
  }
  if ((static_cast<signed char>(bytes[0]) < 0) != negative) return false;
  std::uint64_t high = negative ? ~0ull : 0, low = high;
  for (const char c : bytes) {
    high = high << 8 | low >> 56;
    low = low << 8 | static_cast<unsigned char>(c);
  }
  value = {low, static_cast<std::int64_t>(high)};
  // 10^precision as a bound of the magnitude.
  std::uint64_t bound_low = 1, bound_high = 0;
  for (int i = 0; i < precision; ++i) {
    const std::uint64_t lower = (bound_low & 0xffffffff) * 10, upper = (bound_low >> 32) * 10 + (lower >> 32);
    bound_low = upper << 32 | (lower & 0xffffffff);
    bound_high = bound_high * 10 + (upper >> 32);
  }
  if (negative) {
    low = ~low + 1;
    high = ~high + (low == 0 ? 1 : 0);
  }
  return high < bound_high || (high == bound_high && low < bound_low);
}

bool JsonWriter::write(Cursor& cursor, const Plan& plan, std::string& out) {
  if (++depth_ > kMaxDepth) return fail("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
  if (left_-- == 0) return left_ = 0, fail("claims more values than the record has bytes");
  const bool written = write_value(cursor, plan, out);
  --depth_;
  if (out.size() > most_text_) return fail("its JSON would be much larger than the record");
  return written;
}

template <typename Item>
bool JsonWriter::for_each_item(Cursor& cursor, const Item& item) {
  while (true) {
    std::int64_t count = 0, bytes = 0;
    if (!cursor.read_long(count)) return cut();
    if (count == 0) return true;
    if (count < 0) {
      if (count == INT64_MIN || !cursor.read_long(bytes)) return cut();      // the block's size, for who passes over it
      count = -count;
    }
    for (; count > 0; --count)
      if (!item()) return false;
  }
}

bool JsonWriter::write_value(Cursor& cursor, const Plan& plan, std::string& out) {
  switch (plan.op) {
    case Op::null: out += "null"; return true;
    case Op::boolean: {
      bool value = false;
      if (!cursor.read_boolean(value)) return fail("expected true or false");
      out += value ? "true" : "false";
      return true;
    }
    case Op::choice: {
      std::int64_t branch = 0;
      if (!cursor.read_long(branch) || branch < 0 || branch >= static_cast<std::int64_t>(plan.parts.size())) return fail("a union has no such branch");
      return write(cursor, *plan.parts[static_cast<std::size_t>(branch)], out);
    }
    case Op::array:
    case Op::map: return write_items(cursor, plan, out);
    case Op::record: return write_record(cursor, plan, out);
    case Op::refused: return fail(plan.reason);
    case Op::text:
    case Op::uuid:
    case Op::bytes:
    case Op::fixed:
    case Op::symbol: return write_text(cursor, plan, out);
    default: return write_number(cursor, plan, out);
  }
}

bool JsonWriter::write_items(Cursor& cursor, const Plan& plan, std::string& out) {
  const bool is_map = plan.op == Op::map;
  const char end = is_map ? '}' : ']';
  out += is_map ? '{' : '[';
  const auto item = [&] {
    if (std::string_view key; is_map) {
      if (!cursor.read_bytes(key)) return cut();
      if (!is_utf8(key)) return fail("a key is not valid UTF-8");
      append_json_text(key, out);
      out += ':';
    }
    const bool written = write(cursor, *plan.parts.front(), out);
    out += ',';
    return written;
  };
  if (!for_each_item(cursor, item)) return false;
  if (out.back() == ',') out.back() = end; else out += end;
  return true;
}

bool JsonWriter::write_text(Cursor& cursor, const Plan& plan, std::string& out) {
  std::string_view bytes;
  if (plan.op == Op::symbol) {
    std::int64_t number = 0;
    if (!cursor.read_long(number) || number < 0 || number >= static_cast<std::int64_t>(plan.symbols.size())) return fail("an enum has no such symbol");
    const auto at = static_cast<std::size_t>(number);
    if (plan.symbols[at].empty()) return fail("the contract has no symbol " + plan.written_symbols[at]);
    append_json_text(plan.symbols[at], out);
    return true;
  }
  if (plan.op == Op::fixed ? !cursor.read_fixed(plan.size, bytes) : !cursor.read_bytes(bytes)) return cut();
  if (plan.op == Op::bytes || plan.op == Op::fixed) {
    if (bytes_ == Bytes::base64) append_json_text(to_base64(bytes), out);
    else append_latin1(bytes, out);
    return true;
  }
  if (!is_utf8(bytes)) return fail("a text is not valid UTF-8");
  if (plan.op == Op::uuid && !is_uuid(bytes)) return fail("expected a UUID, got \"" + shortened(bytes) + "\"");
  append_json_text(bytes, out);
  return true;
}

bool JsonWriter::write_number(Cursor& cursor, const Plan& plan, std::string& out) {
  if (plan.op == Op::decimal || plan.op == Op::decimal_fixed) {
    std::string_view bytes;
    Int128 value;
    if (plan.op == Op::decimal ? !cursor.read_bytes(bytes) : !cursor.read_fixed(plan.size, bytes)) return cut();
    if (!read_decimal(bytes, plan.precision, value)) return fail("a decimal has more than " + std::to_string(plan.precision) + " digits");
    out += decimal_text(value, plan.scale);
    return true;
  }
  if (plan.op == Op::float32 || plan.op == Op::float64) {
    float narrow = 0;
    double value = 0;
    if (plan.op == Op::float32 ? !cursor.read_float(narrow) : !cursor.read_double(value)) return cut();
    if (plan.op == Op::float32) value = narrow;
    out += std::isfinite(value) ? real_text(value) : "null";
    return true;
  }
  std::int64_t value = 0;
  std::int32_t narrow = 0;
  if (plan.op == Op::int32 || plan.op == Op::date ? !cursor.read_int(narrow) : !cursor.read_long(value)) return cut();
  if (plan.op == Op::millis && (value > kMaxMillis || value < -kMaxMillis)) return fail("a time is out of range");
  if (plan.op == Op::date) append_json_text(date_text(narrow), out);
  else if (plan.op == Op::millis || plan.op == Op::micros) append_json_text(timestamp_text(plan.op == Op::millis ? value * 1000 : value), out);
  else out += std::to_string(plan.op == Op::int32 ? narrow : value);
  return true;
}

bool JsonWriter::write_record(Cursor& cursor, const Plan& plan, std::string& out) {
  out += '{';
  for (const Plan::Field& field : plan.fields) {
    if (field.skip) {
      if (!skip(cursor, *field.skip)) return false;
      continue;
    }
    append_json_text(field.name, out);
    out += ':';
    if (!write(cursor, *field.plan, out)) return false;
    out += ',';
  }
  out += plan.missing_json;
  if (out.back() == ',') out.back() = '}'; else out += '}';
  return true;
}

bool JsonWriter::skip(Cursor& cursor, const AvroType& type) {
  if (++depth_ > kMaxDepth) return fail("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
  if (left_-- == 0) return left_ = 0, fail("claims more values than the record has bytes");
  const bool skipped = skip_value(cursor, type);
  --depth_;
  return skipped;
}

bool JsonWriter::skip_value(Cursor& cursor, const AvroType& type) {
  std::int64_t whole = 0;
  std::string_view bytes;
  switch (type.kind) {
    case Kind::null: return true;
    case Kind::boolean: return cursor.read_fixed(1, bytes) || cut();
    case Kind::int32:
    case Kind::int64:
    case Kind::enumeration: return cursor.read_long(whole) || cut();
    case Kind::float32: return cursor.read_fixed(4, bytes) || cut();
    case Kind::float64: return cursor.read_fixed(8, bytes) || cut();
    case Kind::bytes:
    case Kind::string: return cursor.read_bytes(bytes) || cut();
    case Kind::fixed: return cursor.read_fixed(type.size, bytes) || cut();
    case Kind::choice:
      if (!cursor.read_long(whole) || whole < 0 || whole >= static_cast<std::int64_t>(type.parts.size())) return fail("a union has no such branch");
      return skip(cursor, *type.parts[static_cast<std::size_t>(whole)]);
    case Kind::array: return for_each_item(cursor, [&] { return skip(cursor, *type.parts.front()); });
    case Kind::map: return for_each_item(cursor, [&] { return (cursor.read_bytes(bytes) || cut()) && skip(cursor, *type.parts.front()); });
    case Kind::record:
      for (const AvroField& field : type.fields)
        if (!skip(cursor, *field.type)) return false;
      return true;
  }
  return cut();
}

}  // namespace penstock::avro
