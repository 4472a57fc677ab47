#include "connectors/avro/avro_compatibility.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace penstock {
namespace {

using avro::AvroField;
using avro::AvroType;
using Kind = AvroType::Kind;

bool promotes(Kind writer, Kind reader) {
  switch (reader) {
    case Kind::int64: return writer == Kind::int32;
    case Kind::float32: return writer == Kind::int32 || writer == Kind::int64;
    case Kind::float64: return writer == Kind::int32 || writer == Kind::int64 || writer == Kind::float32;
    case Kind::bytes: return writer == Kind::string;
    case Kind::string: return writer == Kind::bytes;
    default: return false;
  }
}

std::string upper_name(const AvroType& type) {
  std::string name = name_of(type.kind);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

// Aliases stand for full names here, unlike in resolution.
bool has_name(const AvroType& reader, const AvroType& writer) {
  return avro::short_name(reader.name) == avro::short_name(writer.name) || std::find(reader.aliases.begin(), reader.aliases.end(), writer.name) != reader.aliases.end();
}

const AvroField* find_field(const AvroType& record, const std::string& name) {
  const auto found = std::find_if(record.fields.begin(), record.fields.end(), [&](const AvroField& field) { return field.name == name; });
  return found == record.fields.end() ? nullptr : &*found;
}

const AvroField* written_field(const AvroType& writer, const AvroField& field) {
  if (const AvroField* direct = find_field(writer, field.name)) return direct;
  for (const std::string& alias : field.aliases)
    if (const AvroField* found = find_field(writer, alias)) return found;
  return nullptr;
}

using Faults = std::vector<Incompatibility>;

class Checker {
 public:
  Faults check(const AvroType& reader, const AvroType& writer, const std::string& path);

 private:
  Faults compare(const AvroType& reader, const AvroType& writer, const std::string& path);
  Faults compare_choices(const AvroType& reader, const AvroType& writer, const std::string& path);
  Faults compare_records(const AvroType& reader, const AvroType& writer, const std::string& path);
  Faults compare_kinds(const AvroType& reader, const AvroType& writer, const std::string& path);

  // Pairs that were compared, or are being compared: those count as right, so that records that hold themselves come to an end.
  std::map<std::pair<const AvroType*, const AvroType*>, Faults> known_;
};

Incompatibility fault(const char* type, const std::string& path, std::string message) { return {type, path.empty() ? "/" : path, std::move(message)}; }

// Types that are named over and over would tell the same fault once for each way that leads to it, which is too many to hold.
constexpr std::size_t kMostFaults = 1'000;

void append(Faults& all, Faults more) {
  const std::size_t count = std::min(more.size(), kMostFaults - std::min(kMostFaults, all.size()));
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.begin() + static_cast<std::ptrdiff_t>(count)));
}

Incompatibility missing_branch(const AvroType& writer, const std::string& path) {
  return fault("MISSING_UNION_BRANCH", path, "reader union lacking writer type: " + upper_name(writer));
}

Faults Checker::check(const AvroType& reader, const AvroType& writer, const std::string& path) {
  const auto key = std::pair{&reader, &writer};
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  known_[key] = {};
  return known_[key] = compare(reader, writer, path);
}

Faults Checker::compare(const AvroType& reader, const AvroType& writer, const std::string& path) {
  Faults faults;
  if (reader.kind != writer.kind) return compare_kinds(reader, writer, path);
  if (reader.is_named() && !has_name(reader, writer)) faults.push_back(fault("NAME_MISMATCH", path + "/name", "expected: " + writer.name));
  switch (reader.kind) {
    case Kind::array: append(faults, check(*reader.parts.front(), *writer.parts.front(), path + "/items")); break;
    case Kind::map: append(faults, check(*reader.parts.front(), *writer.parts.front(), path + "/values")); break;
    case Kind::fixed:
      if (reader.size != writer.size)
        faults.push_back(fault("FIXED_SIZE_MISMATCH", path + "/size", "expected: " + std::to_string(writer.size) + ", found: " + std::to_string(reader.size)));
      break;
    case Kind::enumeration: {
      std::string lacks;
      for (const std::string& symbol : writer.symbols)
        if (std::find(reader.symbols.begin(), reader.symbols.end(), symbol) == reader.symbols.end()) lacks += (lacks.empty() ? "" : ", ") + symbol;
      if (!lacks.empty() && !reader.fallback) faults.push_back(fault("MISSING_ENUM_SYMBOLS", path + "/symbols", "[" + lacks + "]"));
      break;
    }
    case Kind::record: append(faults, compare_records(reader, writer, path)); break;
    case Kind::choice: append(faults, compare_choices(reader, writer, path)); break;
    default: break;
  }
  return faults;
}

// Each branch of the writer's must be readable by the reader's union.
Faults Checker::compare_choices(const AvroType& reader, const AvroType& writer, const std::string& path) {
  Faults faults;
  for (std::size_t i = 0; i < writer.parts.size(); ++i)
    if (!check(reader, *writer.parts[i], "").empty()) faults.push_back(missing_branch(*writer.parts[i], path + "/" + std::to_string(i)));
  return faults;
}

Faults Checker::compare_records(const AvroType& reader, const AvroType& writer, const std::string& path) {
  Faults faults;
  for (std::size_t i = 0; i < reader.fields.size(); ++i) {
    const AvroField& field = reader.fields[i];
    const std::string at = path + "/fields/" + std::to_string(i);
    if (const AvroField* written = written_field(writer, field)) append(faults, check(*field.type, *written->type, at + "/type"));
    // An enum with a default of its own is compared with the whole record, which never fits.
    else if (!field.fallback && field.type->kind == Kind::enumeration && field.type->fallback) append(faults, check(*field.type, writer, at + "/type"));
    else if (!field.fallback) faults.push_back(fault("READER_FIELD_MISSING_DEFAULT_VALUE", at, field.name));
  }
  return faults;
}

Faults Checker::compare_kinds(const AvroType& reader, const AvroType& writer, const std::string& path) {
  Faults faults;
  if (writer.kind == Kind::choice) {
    for (const AvroType* branch : writer.parts) append(faults, check(reader, *branch, ""));
  } else if (reader.kind == Kind::choice) {
    const auto reads = [&](const AvroType* branch) { return check(*branch, writer, "").empty(); };
    if (std::none_of(reader.parts.begin(), reader.parts.end(), reads)) faults.push_back(missing_branch(writer, path));
  } else if (!promotes(writer.kind, reader.kind)) {
    faults.push_back(fault("TYPE_MISMATCH", path, "reader type: " + upper_name(reader) + " not compatible with writer type: " + upper_name(writer)));
  }
  return faults;
}

}  // namespace

std::vector<Incompatibility> avro_incompatibilities(const avro::AvroSchema& reader, const avro::AvroSchema& writer) {
  return Checker().check(reader.root(), writer.root(), "");
}

}  // namespace penstock
