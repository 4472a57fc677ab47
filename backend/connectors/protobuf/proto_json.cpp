#include "connectors/protobuf/proto_json.h"

#include <cmath>
#include <cstring>

#include "io/row_json.h"
#include "io/scalar_text.h"
#include "record/row_json.h"
#include "record/value_text.h"

namespace penstock::proto {
namespace {

using Kind = FieldPlan::Kind;

constexpr int kMaxDepth = 64;
constexpr std::int64_t kMaxSeconds = 315'576'000'000;      // ten thousand years: google/protobuf/duration.proto

std::int64_t unzigzag(std::uint64_t bits) { return static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1)); }

// The members of a Timestamp or Duration.
bool read_seconds(const MessagePlan& plan, std::string_view bytes, std::int64_t& seconds, std::int64_t& nanos) {
  MessageValues values;
  std::string fault;
  if (!values.collect(plan, bytes, fault)) return false;
  for (std::size_t i = 0; i < plan.fields.size(); ++i)
    if (!read_whole(plan.fields[i], values.fields[i].bits, plan.fields[i].number == 1 ? seconds : nanos)) return false;
  return seconds >= -kMaxSeconds && seconds <= kMaxSeconds;
}

std::string duration_text(std::int64_t seconds, std::int64_t nanos) {
  std::string text = (seconds < 0 || nanos < 0 ? "-" : "") + std::to_string(std::abs(seconds));
  if (nanos != 0) {
    std::string digits = std::to_string(std::abs(nanos));
    digits.insert(0, 9 - digits.size(), '0');
    while (digits.back() == '0') digits.pop_back();
    text += "." + digits;
  }
  return text + "s";
}

}  // namespace

bool read_whole(const FieldPlan& field, std::uint64_t bits, std::int64_t& value) {
  switch (field.kind) {
    case Kind::sint32:
    case Kind::sint64: value = unzigzag(bits); break;
    case Kind::sfixed32: value = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits)); break;
    default: value = static_cast<std::int64_t>(bits);
  }
  switch (field.kind) {
    case Kind::int32:
    case Kind::sint32:
    case Kind::symbol: return value >= INT32_MIN && value <= INT32_MAX;
    case Kind::uint32: return bits <= UINT32_MAX;
    case Kind::boolean: return bits <= 1;
    default: return true;
  }
}

double read_real(const FieldPlan& field, std::uint64_t bits) {
  if (field.kind == Kind::real32) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

std::string symbol_of(const FieldPlan& field, std::int64_t number) {
  const auto found = field.symbols.find(number);
  return found == field.symbols.end() ? std::to_string(number) : found->second;
}

bool read_timestamp(const MessagePlan& plan, std::string_view bytes, std::int64_t& micros) {
  std::int64_t seconds = 0, nanos = 0;
  if (!read_seconds(plan, bytes, seconds, nanos) || nanos < 0 || nanos > 999'999'999) return false;
  micros = seconds * 1'000'000 + nanos / 1000;
  return true;
}

bool JsonWriter::write_field(const MessagePlan& plan, const MessageValues& values, std::size_t index, std::string& out) {
  const FieldPlan& field = plan.fields[index];
  if (field.is_map) return write_map(field, values, index, out);
  if (field.repeated) {
    out += '[';
    for (const MessageValues::Repeated& one : values.repeated)
      if (one.field == static_cast<std::int32_t>(index) && !write_repeated(field, one, out)) return false;
    if (out.back() == ',') out.back() = ']'; else out += ']';
    return true;
  }
  const WireValue& value = values.fields[index];
  if (!value.set && field.required) return fail(field.name + ": is missing");
  if (!value.set && field.has_presence) {
    out += "null";
    return true;
  }
  return write_value(field, value.set ? value : WireValue{field.default_bits, field.default_bytes, true}, out);
}

// One value, or those that are packed together, each with a comma behind it.
bool JsonWriter::write_repeated(const FieldPlan& field, const MessageValues::Repeated& one, std::string& out) {
  if (one.wire_type == field.wire_type) {
    if (!write_value(field, one.value, out)) return false;
    out += ',';
    return true;
  }
  Cursor cursor(one.value.bytes);
  while (!cursor.at_end()) {
    WireValue value;
    if (!cursor.read_value(field.wire_type, value.bits, value.bytes)) return fail(field.name + ": its packed values end too early");
    if (!write_value(field, value, out)) return false;
    out += ',';
  }
  return true;
}

bool JsonWriter::write_map(const FieldPlan& field, const MessageValues& values, std::size_t index, std::string& out) {
  const FieldPlan& key = field.message->fields[0];
  std::map<std::string, std::string> entries;      // the last of a key counts
  for (const MessageValues::Repeated& one : values.repeated) {
    if (one.field != static_cast<std::int32_t>(index)) continue;
    MessageValues entry;
    if (!entry.collect(*field.message, one.value.bytes, fault_)) return false;
    std::string name, value;
    if (!write_field(*field.message, entry, 0, name) || !write_field(*field.message, entry, 1, value)) return false;
    // A message that is not there is an empty one, in a map.
    if (value == "null" && field.message->fields[1].kind == Kind::message && !entry.fields[1].set && !write_message(*field.message->fields[1].message, {}, value = {})) return false;
    if (key.kind != Kind::text) name = '"' + name + '"';
    entries[std::move(name)] = std::move(value);
  }
  out += '{';
  for (const auto& [name, value] : entries) out += name + ':' + value + ',';
  if (out.back() == ',') out.back() = '}'; else out += '}';
  return true;
}

bool JsonWriter::write_message(const MessagePlan& plan, std::string_view bytes, std::string& out) {
  if (++depth_ > kMaxDepth) return fail("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
  MessageValues values;
  if (!values.collect(plan, bytes, fault_)) return false;
  out += '{';
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    const std::size_t before = out.size();
    out += plan.fields[i].json_key;
    if (!write_field(plan, values, i, out)) return false;
    out += ',';
    // What nested messages have written was counted by them; counting it again only makes the bound narrower.
    const std::size_t written = out.size() - before;
    if (written > left_) return fail("its JSON would be much larger than the record");
    left_ -= plan.fields[i].kind == Kind::message ? plan.fields[i].json_key.size() : written;
  }
  if (out.back() == ',') out.back() = '}'; else out += '}';
  --depth_;
  return true;
}

bool JsonWriter::write_nested(const FieldPlan& field, const WireValue& value, std::string& out) {
  if (field.kind == Kind::message) return write_message(*field.message, value.bytes, out);
  if (field.kind == Kind::wrapper) {
    MessageValues inner;
    return inner.collect(*field.message, value.bytes, fault_) && write_field(*field.message, inner, 0, out);
  }
  std::int64_t seconds = 0, nanos = 0;
  if (field.kind == Kind::timestamp) {
    if (!read_timestamp(*field.message, value.bytes, seconds)) return fail(field.name + ": is no time");
    append_json_text(timestamp_text(seconds), out);
    return true;
  }
  if (!read_seconds(*field.message, value.bytes, seconds, nanos) || std::abs(nanos) > 999'999'999) return fail(field.name + ": is no duration");
  append_json_text(duration_text(seconds, nanos), out);
  return true;
}

bool JsonWriter::write_value(const FieldPlan& field, const WireValue& value, std::string& out) {
  if (field.message) return write_nested(field, value, out);
  switch (field.kind) {
    case Kind::text:
      if (!is_utf8(value.bytes)) return fail(field.name + ": is not valid UTF-8");
      append_json_text(value.bytes, out);
      return true;
    case Kind::bytes: append_json_text(to_base64(value.bytes), out); return true;
    case Kind::real32:
    case Kind::real64: {
      const double real = read_real(field, value.bits);
      out += std::isfinite(real) ? real_text(real) : "null";
      return true;
    }
    case Kind::uint64:
    case Kind::fixed64: out += std::to_string(value.bits); return true;
    default: break;
  }
  std::int64_t whole = 0;
  if (!read_whole(field, value.bits, whole)) return fail(field.name + ": is no value of its type");
  if (field.kind == Kind::boolean) out += whole != 0 ? "true" : "false";
  else if (field.kind == Kind::symbol) append_json_text(symbol_of(field, whole), out);
  else out += std::to_string(whole);
  return true;
}

}  // namespace penstock::proto
