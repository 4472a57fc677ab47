#include "connectors/protobuf/proto_values.h"

#include <algorithm>

namespace penstock::proto {
namespace {

constexpr int kMaxDepth = 64;
constexpr int kGroup = 3, kGroupEnd = 4;

}  // namespace

bool Cursor::skip_group(std::uint32_t number, int depth) {
  if (depth > kMaxDepth) return false;
  while (!at_end()) {
    std::uint32_t inner = 0;
    int wire_type = 0;
    std::uint64_t bits = 0;
    std::string_view bytes;
    if (!read_tag(inner, wire_type)) return false;
    if (wire_type == kGroupEnd) return inner == number;
    if (wire_type == kGroup ? !skip_group(inner, depth + 1) : !read_value(wire_type, bits, bytes)) return false;
  }
  return false;
}

bool MessageValues::collect(const MessagePlan& plan, std::string_view bytes, std::string& fault) {
  fields.assign(plan.fields.size(), {});
  repeated.clear();
  unknown.clear();
  merged.clear();
  Cursor cursor(bytes);
  while (!cursor.at_end()) {
    std::uint32_t number = 0;
    int wire_type = 0;
    WireValue value{.set = true};
    if (!cursor.read_tag(number, wire_type)) return fault = "a field's number cannot be read", false;
    const std::int32_t index = plan.find(number);
    const std::string name = index >= 0 ? plan.fields[static_cast<std::size_t>(index)].name : std::string();
    if (wire_type == kGroup && index < 0) {
      if (!cursor.skip_group(number)) return fault = "a group does not end", false;
    } else if (!cursor.read_value(wire_type, value.bits, value.bytes)) {
      return fault = (index >= 0 ? name : "field " + std::to_string(number)) + ": the record ends within it, or it is no value", false;
    }
    if (index < 0) {
      if (std::find(unknown.begin(), unknown.end(), number) == unknown.end()) unknown.push_back(number);
    } else if (!take(plan, index, wire_type, value, fault)) {
      return false;
    }
  }
  std::stable_sort(repeated.begin(), repeated.end(), [](const Repeated& a, const Repeated& b) { return a.field < b.field; });
  return true;
}

bool MessageValues::take(const MessagePlan& plan, std::int32_t index, int wire_type, const WireValue& value, std::string& fault) {
  const FieldPlan& field = plan.fields[static_cast<std::size_t>(index)];
  const bool packed = field.repeated && wire_type == 2 && field.wire_type != 2;
  if (wire_type != field.wire_type && !packed) return fault = field.name + ": was written as another type", false;
  WireValue& slot = fields[static_cast<std::size_t>(index)];
  if (field.repeated) {
    slot.set = true;
    repeated.push_back({index, wire_type, value});
    return true;
  }
  if (field.oneof >= 0 && !slot.set)
    for (std::size_t i = 0; i < plan.fields.size(); ++i)
      if (plan.fields[i].oneof == field.oneof) fields[i].set = false;
  if (field.message && slot.set) {
    merged.push_back(std::string(slot.bytes) + std::string(value.bytes));
    slot.bytes = merged.back();
    return true;
  }
  slot = value;
  return true;
}

}  // namespace penstock::proto
