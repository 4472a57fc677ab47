#include "connectors/avro/avro_plan.h"

#include <algorithm>

#include "connectors/avro/avro_default.h"
#include "connectors/avro/avro_json.h"
#include "record/row_json.h"

namespace penstock::avro {
namespace {

using Kind = AvroType::Kind;
using Logical = AvroType::Logical;
using Op = Plan::Op;

// May a value of one primitive be read as another?
bool promotes(Kind writer, Kind reader) {
  switch (writer) {
    case Kind::int32: return reader == Kind::int64 || reader == Kind::float32 || reader == Kind::float64;
    case Kind::int64: return reader == Kind::float32 || reader == Kind::float64;
    case Kind::float32: return reader == Kind::float64;
    case Kind::string: return reader == Kind::bytes;
    case Kind::bytes: return reader == Kind::string;
    default: return false;
  }
}

bool same_type(const AvroType& writer, const AvroType& reader) {
  return writer.kind == reader.kind && (!writer.is_named() || names_match(writer, reader)) && (writer.kind != Kind::fixed || writer.size == reader.size);
}

std::string described(const AvroType& type) {
  if (type.is_named()) return std::string(name_of(type.kind)) + " " + type.name;
  if (type.kind != Kind::choice) return name_of(type.kind);
  std::string text;
  for (const AvroType* part : type.parts) text += (text.empty() ? "" : " or ") + described(*part);
  return text;
}

}  // namespace

class Resolver {
 public:
  explicit Resolver(Resolution& resolution) : resolution_(resolution) {}

  const Plan* resolve(const AvroType& writer, const AvroType& reader);
  Status finish_missing();

 private:
  Plan& add(Op op) {
    resolution_.plans_.push_back({.op = op});
    return resolution_.plans_.back();
  }
  void refuse(Plan& plan, const AvroType& writer, const AvroType& reader) {
    plan.op = Op::refused;
    plan.reason = "was written as " + described(writer) + ", which cannot be read as " + described(reader);
  }
  const AvroType* branch_for(const AvroType& writer, const AvroType& choice) const;
  void fill(Plan& plan, const AvroType& writer, const AvroType& reader);
  void fill_simple(Plan& plan, const AvroType& writer, const AvroType& reader);
  void fill_bytes(Plan& plan, const AvroType& writer, const AvroType& reader);
  void fill_symbols(Plan& plan, const AvroType& writer, const AvroType& reader);
  void fill_record(Plan& plan, const AvroType& writer, const AvroType& reader);

  Resolution& resolution_;
  std::map<std::pair<const AvroType*, const AvroType*>, Plan*> known_;
};

const Plan* Resolver::resolve(const AvroType& writer, const AvroType& reader) {
  const auto [known, is_new] = known_.try_emplace({&writer, &reader}, nullptr);
  if (!is_new) return known->second;
  Plan& plan = add(Op::null);
  known->second = &plan;
  fill(plan, writer, reader);
  return &plan;
}

// The reader's branch for what was written: the same type first, then the first that it can be read as.
const AvroType* Resolver::branch_for(const AvroType& writer, const AvroType& choice) const {
  for (const AvroType* branch : choice.parts)
    if (same_type(writer, *branch)) return branch;
  for (const AvroType* branch : choice.parts)
    if (promotes(writer.kind, branch->kind)) return branch;
  return nullptr;
}

void Resolver::fill(Plan& plan, const AvroType& writer, const AvroType& reader) {
  if (writer.kind == Kind::choice) {
    plan.op = Op::choice;
    for (const AvroType* branch : writer.parts) plan.parts.push_back(resolve(*branch, reader));
    return;
  }
  if (reader.kind == Kind::choice) {
    const AvroType* branch = branch_for(writer, reader);
    if (!branch) return refuse(plan, writer, reader);
    return fill(plan, writer, *branch);
  }
  if (!same_type(writer, reader) && !promotes(writer.kind, reader.kind)) return refuse(plan, writer, reader);
  switch (writer.kind) {
    case Kind::record: return fill_record(plan, writer, reader);
    case Kind::enumeration: return fill_symbols(plan, writer, reader);
    case Kind::array:
    case Kind::map:
      plan.op = writer.kind == Kind::array ? Op::array : Op::map;
      plan.parts.push_back(resolve(*writer.parts.front(), *reader.parts.front()));
      return;
    case Kind::bytes:
    case Kind::string:
    case Kind::fixed: return fill_bytes(plan, writer, reader);
    default: return fill_simple(plan, writer, reader);
  }
}

void Resolver::fill_simple(Plan& plan, const AvroType& writer, const AvroType& reader) {
  if (reader.kind == Kind::null) plan.op = Op::null;
  else if (reader.kind == Kind::boolean) plan.op = Op::boolean;
  else if (reader.kind == Kind::int32) plan.op = reader.logical == Logical::date ? Op::date : Op::int32;
  else if (writer.kind == Kind::float32) plan.op = Op::float32;
  else if (writer.kind == Kind::float64) plan.op = Op::float64;
  else if (reader.kind != Kind::int64) plan.op = Op::whole_to_real;
  else if (reader.logical == Logical::none) plan.op = Op::int64;
  else plan.op = (writer.logical == Logical::none ? reader.logical : writer.logical) == Logical::timestamp_millis ? Op::millis : Op::micros;
}

void Resolver::fill_bytes(Plan& plan, const AvroType& writer, const AvroType& reader) {
  plan.size = writer.size;
  if (reader.logical == Logical::decimal) {
    if (writer.kind == Kind::string || (writer.logical == Logical::decimal && writer.scale != reader.scale)) {
      refuse(plan, writer, reader);
      if (writer.logical == Logical::decimal) plan.reason = "was written with " + std::to_string(writer.scale) + " decimals, expected " + std::to_string(reader.scale);
      return;
    }
    plan.op = writer.kind == Kind::fixed ? Op::decimal_fixed : Op::decimal;
    plan.precision = reader.precision;
    plan.scale = reader.scale;
    return;
  }
  if (writer.kind == Kind::fixed) plan.op = Op::fixed;
  else if (reader.kind == Kind::bytes) plan.op = Op::bytes;
  else plan.op = reader.logical == Logical::uuid ? Op::uuid : Op::text;
}

void Resolver::fill_symbols(Plan& plan, const AvroType& writer, const AvroType& reader) {
  plan.op = Op::symbol;
  plan.written_symbols = writer.symbols;
  for (const std::string& symbol : writer.symbols) {
    const bool known = std::find(reader.symbols.begin(), reader.symbols.end(), symbol) != reader.symbols.end();
    plan.symbols.push_back(known ? symbol : reader.fallback.value_or(""));
  }
}

void Resolver::fill_record(Plan& plan, const AvroType& writer, const AvroType& reader) {
  plan.op = Op::record;
  std::vector<bool> found(reader.fields.size(), false);
  const auto field_for = [&](const AvroField& written) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < reader.fields.size(); ++i)
      if (reader.fields[i].name == written.name) return i;
    // By an alias only what no field of the writer's is called.
    for (std::size_t i = 0; i < reader.fields.size(); ++i) {
      const AvroField& field = reader.fields[i];
      const auto is_written = [&](const AvroField& other) { return other.name == field.name; };
      if (std::find(field.aliases.begin(), field.aliases.end(), written.name) != field.aliases.end() && !found[i] &&
          std::none_of(writer.fields.begin(), writer.fields.end(), is_written))
        return i;
    }
    return std::nullopt;
  };
  for (const AvroField& written : writer.fields) {
    const auto target = field_for(written);
    if (!target) {
      plan.fields.push_back({nullptr, written.type, 0, written.name});
      continue;
    }
    found[*target] = true;
    plan.fields.push_back({resolve(*written.type, *reader.fields[*target].type), nullptr, *target, reader.fields[*target].name});
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]) continue;
    if (!reader.fields[i].fallback) {
      plan.op = Op::refused;
      plan.reason = "was written without '" + reader.fields[i].name + "', which has no default";
      return;
    }
    plan.missing.push_back(&reader.fields[i]);
  }
}

// Defaults as JSON, once all plans stand: a default is written and read again as a record would be.
Status Resolver::finish_missing() {
  for (std::size_t i = 0; i < resolution_.plans_.size(); ++i) {      // it grows
    for (const AvroField* field : std::vector(resolution_.plans_[i].missing)) {
      std::string bytes, json;
      PENSTOCK_TRY(write_default(*field->type, *field->fallback, bytes));
      JsonWriter writer(bytes.size());
      Cursor cursor(bytes);
      if (!writer.write(cursor, *resolve(*field->type, *field->type), json)) return Error(ErrorKind::invalid_argument, "the default of '" + field->name + "': " + writer.fault());
      std::string& members = resolution_.plans_[i].missing_json;
      if (!members.empty()) members += ',';
      append_json_text(field->name, members);
      members += ':' + json;
    }
  }
  return {};
}

Result<std::shared_ptr<const Resolution>> Resolution::make(std::shared_ptr<const AvroSchema> writer, std::shared_ptr<const AvroSchema> reader) {
  auto resolution = std::make_shared<Resolution>();
  resolution->writer_ = std::move(writer);
  resolution->reader_ = std::move(reader);
  Resolver resolver(*resolution);
  resolution->root_ = resolver.resolve(resolution->writer_->root(), resolution->reader_->root());
  PENSTOCK_TRY(resolver.finish_missing());
  return std::shared_ptr<const Resolution>(std::move(resolution));
}

}  // namespace penstock::avro
