#include "connectors/protobuf/proto_decoder.h"

#include <google/protobuf/descriptor.h>

#include "connectors/protobuf/proto_json.h"
#include "io/decoded_rows.h"
#include "io/scalar_text.h"
#include "io/writer_schemas.h"

namespace penstock {
namespace {

using namespace proto;
using Kind = FieldPlan::Kind;

constexpr std::uint64_t kMaxIndexes = 64;

// The indexes of the message, as the frame says them: how many, then each; a single 0 is short for the first message.
bool read_indexes(std::string_view& value, std::vector<std::int32_t>& indexes) {
  indexes.clear();
  const auto unzigzag = [](std::uint64_t bits) { return static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1)); };
  Cursor cursor(value);
  std::uint64_t bits = 0;
  if (!cursor.read_varint(bits)) return false;
  const std::int64_t count = unzigzag(bits);
  if (count < 0 || count > static_cast<std::int64_t>(kMaxIndexes)) return false;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!cursor.read_varint(bits) || bits > UINT32_MAX) return false;
    indexes.push_back(static_cast<std::int32_t>(unzigzag(bits)));
  }
  if (indexes.empty()) indexes.push_back(0);
  value = cursor.rest();
  return true;
}

class ProtobufDecoder final : public Decoder {
 public:
  ProtobufDecoder(ProtobufDecoderOptions options, std::shared_ptr<const PlanSet> plans)
      : options_(std::move(options)), plans_(std::move(plans)), plan_(plans_->root()), schema_(plans_->schema()) {}

  const SchemaPtr& schema() const override { return schema_; }

  Readiness prepare(const RawBatch& raw) override {
    if (!options_.framed || !options_.registry) return {raw.rows(), std::nullopt};
    return writers_.prepare(raw, *options_.registry, RegisteredSchema::Language::protobuf, [](const RegisteredSchema& schema, const std::string& name) {
      return ProtoSchema::parse(schema.text, name, schema.references);
    });
  }

  Decoded decode(RawBatch& raw, BatchBuilder& columns) override {
    Decoded decoded;
    for (std::size_t column = 0; column < plan_.fields.size(); ++column) columns[column].reserve(raw.rows());
    for (std::int64_t row = 0; row < raw.rows(); ++row) {
      const std::int64_t rows_before = columns.rows();
      if (decode_row(raw[row], columns)) {
        if (!values_.unknown.empty()) count_drift(decoded, row);
        continue;
      }
      refuse_row(columns, rows_before);
      decoded.failures.push_back({row, std::move(reason_)});
    }
    return decoded;
  }

 private:
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  bool strip_frame(std::string_view& value);
  bool decode_row(const RawBatch::Record& record, BatchBuilder& columns);
  bool append(const FieldPlan& field, const WireValue& value, ColumnBuilder& column);
  bool append_whole(const FieldPlan& field, std::uint64_t bits, ColumnBuilder& column);
  void count_drift(Decoded& decoded, std::int64_t row) const;

  // Constant after construction.
  const ProtobufDecoderOptions options_;
  const std::shared_ptr<const PlanSet> plans_;
  const MessagePlan& plan_;
  const SchemaPtr schema_;

  WriterSchemas<std::shared_ptr<const ProtoSchema>> writers_;

  // Of the record at hand.
  MessageValues values_;
  std::vector<std::int32_t> indexes_;
  std::string reason_, scratch_;
};

bool ProtobufDecoder::strip_frame(std::string_view& value) {
  if (!options_.framed) return true;
  const auto framed = read_frame(value);
  if (!framed) return fail("expected a zero byte and the number of a schema before the value (framing: confluent)");
  value = framed->payload;
  if (!read_indexes(value, indexes_)) return fail("the indexes of the message behind the number of its schema cannot be read");
  if (!options_.registry) return true;
  const auto* writer = writers_.find(framed->schema_id);
  if (!writer) return fail("schema " + std::to_string(framed->schema_id) + " has not been fetched");
  if (!writer->refusal.empty()) return fail(writer->refusal);
  const auto* message = writer->schema->message_at(indexes_);
  if (!message) return fail("schema " + std::to_string(framed->schema_id) + " has no such message");
  if (message->full_name() != plan_.full_name) return fail("was written as message " + message->full_name() + ", expected " + plan_.full_name);
  return true;
}

bool ProtobufDecoder::decode_row(const RawBatch::Record& record, BatchBuilder& columns) {
  if (const char* reason = reason_of(record.damage)) return fail(reason);
  if (record.tombstone) return fail("the record has no value (a tombstone)");
  std::string_view bytes = record.value;
  if (!strip_frame(bytes) || !values_.collect(plan_, bytes, reason_)) return false;
  JsonWriter json(bytes.size());
  for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
    const FieldPlan& field = plan_.fields[i];
    const WireValue& value = values_.fields[i];
    if (!value.set && field.required) return fail(field.name + ": is missing");
    if (!value.set && field.has_presence) {
      columns[i].append_null();
    } else if (field.is_simple()) {
      if (!append(field, value.set ? value : WireValue{field.default_bits, field.default_bytes, true}, columns[i])) return false;
    } else {
      scratch_.clear();
      if (!json.write_field(plan_, values_, i, scratch_)) return fail(field.name == json.fault().substr(0, field.name.size()) ? json.fault() : field.name + ": " + json.fault());
      columns[i].append_bytes(scratch_);
    }
  }
  return true;
}

bool ProtobufDecoder::append(const FieldPlan& field, const WireValue& value, ColumnBuilder& column) {
  switch (field.kind) {
    case Kind::text:
      if (!is_utf8(value.bytes)) return fail(field.name + ": is not valid UTF-8");
      [[fallthrough]];
    case Kind::bytes: column.append_bytes(value.bytes); return true;
    case Kind::real32:
    case Kind::real64: column.append_float64(read_real(field, value.bits)); return true;
    case Kind::uint64:
    case Kind::fixed64: column.append_decimal({value.bits, 0}); return true;
    case Kind::timestamp: {
      std::int64_t micros = 0;
      if (!read_timestamp(*field.message, value.bytes, micros)) return fail(field.name + ": is no time");
      column.append_int64(micros);
      return true;
    }
    case Kind::wrapper: {
      MessageValues inner;
      const FieldPlan& wrapped = field.message->fields.front();
      if (!inner.collect(*field.message, value.bytes, reason_)) return fail(field.name + ": " + reason_);
      if (!append(wrapped, inner.fields[0].set ? inner.fields[0] : WireValue{wrapped.default_bits, wrapped.default_bytes, true}, column)) return fail(field.name + ": " + reason_);
      return true;
    }
    default: return append_whole(field, value.bits, column);
  }
}

bool ProtobufDecoder::append_whole(const FieldPlan& field, std::uint64_t bits, ColumnBuilder& column) {
  std::int64_t whole = 0;
  if (!read_whole(field, bits, whole)) return fail(field.name + ": is no value of its type");
  if (field.kind == Kind::boolean) column.append_boolean(whole != 0);
  else if (field.kind == Kind::symbol) column.append_bytes(symbol_of(field, whole));
  else if (column.type().kind == TypeKind::int32) column.append_int32(static_cast<std::int32_t>(whole));
  else column.append_int64(whole);
  return true;
}

void ProtobufDecoder::count_drift(Decoded& decoded, std::int64_t row) const {
  decoded.drifted_rows.push_back(row);
  for (const std::uint32_t number : values_.unknown) count_drifted(decoded, "field " + std::to_string(number), row);
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_protobuf_decoder(ProtobufDecoderOptions options) {
  const auto* message = options.contract->find_message(options.message);
  if (!message)
    return Error(ErrorKind::not_found, options.message.empty() ? "the contract has no message" : "the contract has no message '" + options.message + "'", "message: of the source");
  if (message->field_count() == 0) return Error(ErrorKind::invalid_argument, "message '" + message->full_name() + "' has no field");
  PENSTOCK_ASSIGN(auto plans, PlanSet::make(*message));
  return std::unique_ptr<Decoder>(std::make_unique<ProtobufDecoder>(std::move(options), std::move(plans)));
}

}  // namespace penstock
