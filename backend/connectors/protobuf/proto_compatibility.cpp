#include "connectors/protobuf/proto_compatibility.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <map>
#include <set>
#include <string>

namespace penstock {
namespace {

namespace pb = google::protobuf;
using Faults = std::vector<Incompatibility>;
using Field = pb::FieldDescriptor;

// Kinds within which a field may change its type (Protocol Buffers, "Updating A Message Type").
enum class Kind { map, message, varint, zigzag, text, fixed32, fixed64, real32, real64 };

Kind kind_of(const Field& field) {
  if (field.is_map()) return Kind::map;
  switch (field.type()) {
    case Field::TYPE_MESSAGE:
    case Field::TYPE_GROUP: return Kind::message;
    case Field::TYPE_SINT32:
    case Field::TYPE_SINT64: return Kind::zigzag;
    case Field::TYPE_STRING:
    case Field::TYPE_BYTES: return Kind::text;
    case Field::TYPE_FIXED32:
    case Field::TYPE_SFIXED32: return Kind::fixed32;
    case Field::TYPE_FIXED64:
    case Field::TYPE_SFIXED64: return Kind::fixed64;
    case Field::TYPE_FLOAT: return Kind::real32;
    case Field::TYPE_DOUBLE: return Kind::real64;
    default: return Kind::varint;
  }
}

// Only what is written down counts as a label.
std::string label_of(const Field& field) {
  if (field.is_repeated()) return "repeated";
  if (field.is_required()) return "required";
  return field.has_optional_keyword() ? "optional" : "";
}

std::string without_package(const pb::Descriptor& message) {
  const std::string& package = message.file()->package();
  return package.empty() ? message.full_name() : message.full_name().substr(package.size() + 1);
}

class Comparison {
 public:
  Comparison(const pb::FileDescriptor& was, const pb::FileDescriptor& is) : was_(was), is_(is) {}

  Faults run() {
    if (was_.package() != is_.package()) add("PACKAGE_CHANGED", "", was_.package() + " became " + is_.package());
    compare_types(was_, is_, "");
    return std::move(faults_);
  }

 private:
  void add(const char* type, const std::string& path, std::string message) { faults_.push_back({type, path.empty() ? "#/" : "#" + path, std::move(message)}); }

  // Messages of a file, or within a message.
  template <typename Scope>
  void compare_types(const Scope& was, const Scope& is, const std::string& path) {
    const auto count = [](const auto& scope) {
      if constexpr (std::is_same_v<Scope, pb::FileDescriptor>) return scope.message_type_count(); else return scope.nested_type_count();
    };
    const auto message = [](const auto& scope, int i) {
      if constexpr (std::is_same_v<Scope, pb::FileDescriptor>) return scope.message_type(i); else return scope.nested_type(i);
    };
    for (int i = 0; i < count(was); ++i) {
      const pb::Descriptor& old = *message(was, i);
      if (old.options().map_entry()) continue;
      const pb::Descriptor* now = nullptr;
      for (int j = 0; j < count(is); ++j)
        if (message(is, j)->name() == old.name()) now = message(is, j);
      if (now) compare_messages(old, *now, path + "/" + old.name());
      else add("MESSAGE_REMOVED", path + "/" + old.name(), old.full_name());
    }
  }
  void compare_messages(const pb::Descriptor& was, const pb::Descriptor& is, const std::string& path);
  void compare_oneofs(const pb::Descriptor& was, const pb::Descriptor& is, const std::string& path);
  void compare_fields(const Field& was, const Field& is, const std::string& path);
  bool has_changed(const pb::Descriptor& was, const pb::Descriptor& is);

  const pb::FileDescriptor& was_;
  const pb::FileDescriptor& is_;
  Faults faults_;
  std::set<const pb::Descriptor*> open_;      // a message may hold itself
  std::map<std::pair<const pb::Descriptor*, const pb::Descriptor*>, bool> changed_;      // those that were compared: many ways may lead to one
};

void Comparison::compare_messages(const pb::Descriptor& was, const pb::Descriptor& is, const std::string& path) {
  if (!open_.insert(&was).second) return;
  compare_oneofs(was, is, path);
  for (int i = 0; i < was.field_count(); ++i) {
    const Field& old = *was.field(i);
    const std::string at = path + "/" + std::to_string(old.number());
    if (const Field* now = is.FindFieldByNumber(old.number())) compare_fields(old, *now, at);
    else if (old.is_required()) add("REQUIRED_FIELD_REMOVED", at, old.name());
  }
  for (int i = 0; i < is.field_count(); ++i)
    if (const Field& now = *is.field(i); now.is_required() && !was.FindFieldByNumber(now.number())) add("REQUIRED_FIELD_ADDED", path + "/" + std::to_string(now.number()), now.name());
  compare_types(was, is, path);
  open_.erase(&was);
}

// What one oneof holds shuts the others out: fields that could both be there may not come to share one.
void Comparison::compare_oneofs(const pb::Descriptor& was, const pb::Descriptor& is, const std::string& path) {
  for (int i = 0; i < is.real_oneof_decl_count(); ++i) {
    const pb::OneofDescriptor& now = *is.oneof_decl(i);
    int moved = 0, stayed = 0;
    for (int j = 0; j < now.field_count(); ++j) {
      const Field* old = was.FindFieldByNumber(now.field(j)->number());
      if (old) ++(old->real_containing_oneof() ? stayed : moved);
    }
    if (moved > 1) add("MULTIPLE_FIELDS_MOVED_TO_ONEOF", path + "/" + now.name(), now.name());
    else if (moved == 1 && stayed > 0) add("FIELD_MOVED_TO_EXISTING_ONEOF", path + "/" + now.name(), now.name());
  }
  for (int i = 0; i < was.real_oneof_decl_count(); ++i) {
    const pb::OneofDescriptor& old = *was.oneof_decl(i);
    const pb::OneofDescriptor* now = is.FindOneofByName(old.name());
    for (int j = 0; now && j < old.field_count(); ++j)
      if (!is.FindFieldByNumber(old.field(j)->number()))
        add("ONEOF_FIELD_REMOVED", path + "/" + old.name() + "/" + std::to_string(old.field(j)->number()), old.field(j)->name());
  }
}

void Comparison::compare_fields(const Field& was, const Field& is, const std::string& path) {
  const Kind before = kind_of(was), now = kind_of(is);
  const auto nests = [](Kind kind) { return kind == Kind::map || kind == Kind::message; };
  if (before != now) return add(nests(before) || nests(now) ? "FIELD_KIND_CHANGED" : "FIELD_SCALAR_KIND_CHANGED", path, std::string(was.type_name()) + " became " + is.type_name());
  if (before == Kind::map) {
    compare_fields(*was.message_type()->field(0), *is.message_type()->field(0), path);
    compare_fields(*was.message_type()->field(1), *is.message_type()->field(1), path);
  } else if (before != Kind::message) {
    const std::string old_label = label_of(was), label = label_of(is);
    if (before != Kind::text && !old_label.empty() && !label.empty() && old_label != label) add("FIELD_NUMERIC_LABEL_CHANGED", path, old_label + " became " + label);
  } else if (without_package(*was.message_type()) != without_package(*is.message_type())) {
    add("FIELD_NAMED_TYPE_CHANGED", path, was.message_type()->full_name() + " became " + is.message_type()->full_name());
  } else if (was.message_type()->file() != &was_ || is.message_type()->file() != &is_) {
    // Those of the files themselves are compared where they stand.
    if (has_changed(*was.message_type(), *is.message_type())) add("FIELD_NAMED_TYPE_CHANGED", path, was.message_type()->full_name());
  }
}

// A message of an imported file.
bool Comparison::has_changed(const pb::Descriptor& was, const pb::Descriptor& is) {
  const auto [known, is_new] = changed_.try_emplace({&was, &is}, false);
  if (!is_new) return known->second;
  const std::size_t before = faults_.size();
  compare_messages(was, is, "/" + without_package(was));
  return known->second = faults_.size() > before;
}

}  // namespace

std::vector<Incompatibility> protobuf_incompatibilities(const proto::ProtoSchema& reader, const proto::ProtoSchema& writer) {
  return Comparison(writer.file(), reader.file()).run();
}

}  // namespace penstock
