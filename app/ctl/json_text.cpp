#include "ctl/json_text.h"

#include <google/protobuf/descriptor.h>

#include <cmath>

#include "ctl/cells.h"

namespace penstock::ctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// PIPELINE_STATUS_CATCHING_UP of enum PipelineStatus → "catching_up".
std::string enum_text(const google::protobuf::EnumValueDescriptor& value) {
  std::string prefix;
  for (const char letter : value.type()->name()) {
    if (std::isupper(static_cast<unsigned char>(letter)) && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  prefix += '_';
  std::string text = value.name().starts_with(prefix) ? value.name().substr(prefix.size()) : value.name();
  for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// `index` < 0: the field is not repeated.
Json value_of(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& read = *message.GetReflection();
  const auto pick = [&](auto single, auto repeated) {
    return index < 0 ? (read.*single)(message, &field) : (read.*repeated)(message, &field, index);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: return pick(&Reflection::GetInt32, &Reflection::GetRepeatedInt32);
    case FieldDescriptor::CPPTYPE_INT64: return pick(&Reflection::GetInt64, &Reflection::GetRepeatedInt64);
    case FieldDescriptor::CPPTYPE_UINT32: return pick(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32);
    case FieldDescriptor::CPPTYPE_UINT64: return pick(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE: return number(pick(&Reflection::GetDouble, &Reflection::GetRepeatedDouble));
    case FieldDescriptor::CPPTYPE_FLOAT: return number(pick(&Reflection::GetFloat, &Reflection::GetRepeatedFloat));
    case FieldDescriptor::CPPTYPE_BOOL: return pick(&Reflection::GetBool, &Reflection::GetRepeatedBool);
    case FieldDescriptor::CPPTYPE_ENUM: return enum_text(*pick(&Reflection::GetEnum, &Reflection::GetRepeatedEnum));
    case FieldDescriptor::CPPTYPE_STRING: {
      auto text = pick(&Reflection::GetString, &Reflection::GetRepeatedString);
      return field.type() == FieldDescriptor::TYPE_BYTES ? Json(bytes_text(text)) : Json(std::move(text));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return to_json(index < 0 ? read.GetMessage(message, &field) : read.GetRepeatedMessage(message, &field, index));
  }
  return nullptr;
}

}  // namespace

Json to_json(const Message& message) {
  const auto& descriptor = *message.GetDescriptor();
  const Reflection& read = *message.GetReflection();
  Json object = Json::object();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_repeated()) {
      Json list = Json::array();
      for (int at = 0; at < read.FieldSize(message, &field); ++at) list.push_back(value_of(message, field, at));
      object[field.name()] = std::move(list);
    } else if (!field.has_presence() || read.HasField(message, &field)) {
      object[field.name()] = value_of(message, field, -1);
    }
  }
  return object;
}

}  // namespace penstock::ctl
