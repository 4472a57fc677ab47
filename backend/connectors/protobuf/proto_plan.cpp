#include "connectors/protobuf/proto_plan.h"

#include <google/protobuf/descriptor.h>

#include <cstring>

#include "record/row_json.h"

namespace penstock::proto {
namespace {

namespace pb = google::protobuf;
using Kind = FieldPlan::Kind;
using Wire = pb::FieldDescriptor;

constexpr std::uint32_t kDense = 4096;

struct Mapping {
  Wire::Type type;
  Kind kind;
  int wire_type;
};
constexpr Mapping kMappings[] = {
    {Wire::TYPE_INT32, Kind::int32, 0},       {Wire::TYPE_SINT32, Kind::sint32, 0},   {Wire::TYPE_SFIXED32, Kind::sfixed32, 5}, {Wire::TYPE_INT64, Kind::int64, 0},
    {Wire::TYPE_SINT64, Kind::sint64, 0},     {Wire::TYPE_SFIXED64, Kind::sfixed64, 1}, {Wire::TYPE_UINT32, Kind::uint32, 0},   {Wire::TYPE_FIXED32, Kind::fixed32, 5},
    {Wire::TYPE_UINT64, Kind::uint64, 0},     {Wire::TYPE_FIXED64, Kind::fixed64, 1}, {Wire::TYPE_FLOAT, Kind::real32, 5},      {Wire::TYPE_DOUBLE, Kind::real64, 1},
    {Wire::TYPE_BOOL, Kind::boolean, 0},      {Wire::TYPE_ENUM, Kind::symbol, 0},     {Wire::TYPE_STRING, Kind::text, 2},       {Wire::TYPE_BYTES, Kind::bytes, 2},
    {Wire::TYPE_MESSAGE, Kind::message, 2},
};

bool is_wrapper(const std::string& name) {
  for (const char* known : {"DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value", "UInt32Value", "BoolValue", "StringValue", "BytesValue"})
    if (name == std::string("google.protobuf.") + known) return true;
  return false;
}

template <typename T>
std::uint64_t bits_of(T value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

// As the wire would carry it.
void fill_default(const pb::FieldDescriptor& field, FieldPlan& plan) {
  const auto zigzag = [](std::int64_t value) { return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63); };
  switch (field.cpp_type()) {
    case Wire::CPPTYPE_INT32: plan.default_bits = plan.kind == Kind::sint32 ? zigzag(field.default_value_int32()) : static_cast<std::uint64_t>(static_cast<std::int64_t>(field.default_value_int32())); return;
    case Wire::CPPTYPE_INT64: plan.default_bits = plan.kind == Kind::sint64 ? zigzag(field.default_value_int64()) : static_cast<std::uint64_t>(field.default_value_int64()); return;
    case Wire::CPPTYPE_UINT32: plan.default_bits = field.default_value_uint32(); return;
    case Wire::CPPTYPE_UINT64: plan.default_bits = field.default_value_uint64(); return;
    case Wire::CPPTYPE_FLOAT: plan.default_bits = bits_of(field.default_value_float()); return;
    case Wire::CPPTYPE_DOUBLE: plan.default_bits = bits_of(field.default_value_double()); return;
    case Wire::CPPTYPE_BOOL: plan.default_bits = field.default_value_bool() ? 1 : 0; return;
    case Wire::CPPTYPE_ENUM: plan.default_bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(field.default_value_enum()->number())); return;
    case Wire::CPPTYPE_STRING: plan.default_bytes = field.default_value_string(); return;
    default: return;
  }
}

Type column_type(const FieldPlan& field) {
  if (!field.is_simple()) return {TypeKind::json};
  switch (field.kind) {
    case Kind::int32:
    case Kind::sint32:
    case Kind::sfixed32: return {TypeKind::int32};
    case Kind::uint32:
    case Kind::fixed32:
    case Kind::int64:
    case Kind::sint64:
    case Kind::sfixed64: return {TypeKind::int64};
    case Kind::uint64:
    case Kind::fixed64: return {TypeKind::decimal, 20, 0};
    case Kind::real32:
    case Kind::real64: return {TypeKind::float64};
    case Kind::boolean: return {TypeKind::boolean};
    case Kind::bytes: return {TypeKind::blob};
    case Kind::timestamp: return {TypeKind::timestamp};
    case Kind::wrapper: return column_type(field.message->fields.front());
    default: return {TypeKind::varchar};
  }
}

}  // namespace

Result<std::shared_ptr<const PlanSet>> PlanSet::make(const pb::Descriptor& message) {
  auto set = std::make_shared<PlanSet>();
  PENSTOCK_TRY(set->add(message));
  return std::shared_ptr<const PlanSet>(std::move(set));
}

Result<const MessagePlan*> PlanSet::add(const pb::Descriptor& message) {
  if (const auto known = known_.find(&message); known != known_.end()) return known->second;
  MessagePlan& plan = plans_.emplace_back();
  known_.emplace(&message, &plan);
  plan.full_name = message.full_name();
  plan.oneofs = message.real_oneof_decl_count();
  plan.fields.resize(static_cast<std::size_t>(message.field_count()));
  for (int i = 0; i < message.field_count(); ++i) {
    FieldPlan& field = plan.fields[static_cast<std::size_t>(i)];
    PENSTOCK_TRY(fill(*message.field(i), field));
    if (field.number >= kDense) {
      plan.large[field.number] = i;
      continue;
    }
    if (plan.by_number.size() <= field.number) plan.by_number.resize(field.number + 1, -1);
    plan.by_number[field.number] = i;
  }
  return &plan;
}

Status PlanSet::fill(const pb::FieldDescriptor& field, FieldPlan& plan) {
  plan.number = static_cast<std::uint32_t>(field.number());
  plan.name = field.name();
  append_json_text(plan.name, plan.json_key);
  plan.json_key += ':';
  plan.repeated = field.is_repeated();
  plan.is_map = field.is_map();
  plan.required = field.is_required();
  if (const pb::OneofDescriptor* oneof = field.real_containing_oneof()) plan.oneof = oneof->index();
  const Mapping* mapping = nullptr;
  for (const Mapping& one : kMappings)
    if (one.type == field.type()) mapping = &one;
  if (!mapping) return Error(ErrorKind::unsupported, "'" + field.full_name() + "' is a group, which is not supported", "a message of its own");
  plan.kind = mapping->kind;
  plan.wire_type = mapping->wire_type;
  // What has a default of its own is never NULL: absent means that default.
  plan.has_presence = field.has_presence() && !field.has_default_value() && !plan.required;
  if (plan.kind == Kind::symbol)
    for (int i = field.enum_type()->value_count(); i > 0; --i) plan.symbols[field.enum_type()->value(i - 1)->number()] = field.enum_type()->value(i - 1)->name();
  if (!plan.repeated) fill_default(field, plan);
  if (plan.kind != Kind::message) return {};
  const std::string& type = field.message_type()->full_name();
  if (type == "google.protobuf.Timestamp") plan.kind = Kind::timestamp;
  else if (type == "google.protobuf.Duration") plan.kind = Kind::duration;
  else if (is_wrapper(type)) plan.kind = Kind::wrapper;
  PENSTOCK_ASSIGN(plan.message, add(*field.message_type()));
  return {};
}

SchemaPtr PlanSet::schema() const {
  std::vector<Field> columns;
  for (const FieldPlan& field : root().fields) columns.push_back({field.name, column_type(field), field.has_presence && !field.repeated});
  return std::make_shared<Schema>(std::move(columns));
}

}  // namespace penstock::proto
