#include "connectors/avro/avro_decoder.h"

#include "connectors/avro/avro_default.h"
#include "connectors/avro/avro_value.h"
#include "io/decoded_rows.h"
#include "io/writer_schemas.h"

namespace penstock {
namespace {

using namespace avro;

// What reads the records of one writer.
struct Reading {
  std::shared_ptr<const Resolution> resolution;
  std::vector<std::string> unknown;                   // fields that the contract does not know
};

class AvroDecoder final : public Decoder {
 public:
  explicit AvroDecoder(AvroDecoderOptions options) : options_(std::move(options)), schema_(options_.contract.schema()) {}

  Status prepare_contract();

  const SchemaPtr& schema() const override { return schema_; }
  Readiness prepare(const RawBatch& raw) override;
  Decoded decode(RawBatch& raw, BatchBuilder& columns) override;

 private:
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  Result<Reading> reading_of(std::shared_ptr<const AvroSchema> schema, const std::string& name) const;
  const Reading* find_reading(std::string_view& value);
  bool decode_row(const RawBatch::Record& record, BatchBuilder& columns);
  bool decode_value(std::string_view value, const Plan& plan, BatchBuilder& columns);
  void count_drift(Decoded& decoded, std::int64_t row) const;

  // Constant after prepare_contract().
  const AvroDecoderOptions options_;
  const SchemaPtr schema_;
  Reading own_;                                       // records without a frame
  Batch defaults_;                                    // one row: what stands for a field that a writer does not have

  WriterSchemas<Reading> writers_;

  // Of the record at hand.
  const Reading* reading_ = nullptr;
  std::string reason_;
  std::string scratch_;
};

Status AvroDecoder::prepare_contract() {
  PENSTOCK_ASSIGN(own_, reading_of(options_.reader, "the contract"));
  BatchBuilder row(schema_);
  const auto& fields = options_.reader->root().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].fallback) {
      row[i].append_null();
      continue;
    }
    std::string bytes, fault;
    const auto wrong = [&](const std::string& why) { return Error(ErrorKind::invalid_argument, "the default of '" + fields[i].name + "': " + why); };
    if (const Status written = write_default(*fields[i].type, *fields[i].fallback, bytes); !written.ok()) return wrong(written.error().message);
    ValueReader reader(bytes, scratch_);
    if (!reader.append(*own_.resolution->root().fields[i].plan, row[i])) return wrong(reader.fault());
  }
  defaults_ = row.finish();
  return {};
}

Result<Reading> AvroDecoder::reading_of(std::shared_ptr<const AvroSchema> schema, const std::string& name) const {
  Reading reading;
  PENSTOCK_ASSIGN(reading.resolution, Resolution::make(std::move(schema), options_.reader));
  const Plan& root = reading.resolution->root();
  if (root.op == Plan::Op::refused) return Error(ErrorKind::invalid_argument, "the record " + root.reason + " (" + name + ")");
  if (root.op != Plan::Op::record) return Error(ErrorKind::invalid_argument, "the record was not written as a record (" + name + ")");
  for (const Plan::Field& field : root.fields)
    if (field.skip) reading.unknown.push_back(field.name);
  return reading;
}

Readiness AvroDecoder::prepare(const RawBatch& raw) {
  if (!options_.framed || !options_.registry) return {raw.rows(), std::nullopt};
  return writers_.prepare(raw, *options_.registry, RegisteredSchema::Language::avro, [this](const RegisteredSchema& registered, const std::string& name) -> Result<Reading> {
    PENSTOCK_ASSIGN(auto schema, AvroSchema::parse(registered.text, name, registered.references));
    return reading_of(std::move(schema), name);
  });
}

const Reading* AvroDecoder::find_reading(std::string_view& value) {
  if (!options_.framed) return &own_;
  const auto framed = read_frame(value);
  if (!framed) return fail("expected a zero byte and the number of a schema before the value (framing: confluent)"), nullptr;
  const auto* writer = writers_.find(framed->schema_id);
  if (!writer) return fail("schema " + std::to_string(framed->schema_id) + " is not known: the connection needs a registry"), nullptr;
  if (!writer->refusal.empty()) return fail(writer->refusal), nullptr;
  value = framed->payload;
  return &writer->schema;
}

Decoded AvroDecoder::decode(RawBatch& raw, BatchBuilder& columns) {
  Decoded decoded;
  for (std::size_t column = 0; column < schema_->size(); ++column) columns[column].reserve(raw.rows());
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    const std::int64_t rows_before = columns.rows();
    if (decode_row(raw[row], columns)) {
      if (!reading_->unknown.empty()) count_drift(decoded, row);
    } else {
      refuse_row(columns, rows_before);
      decoded.failures.push_back({row, std::move(reason_)});
    }
  }
  return decoded;
}

bool AvroDecoder::decode_row(const RawBatch::Record& record, BatchBuilder& columns) {
  if (const char* reason = reason_of(record.damage)) return fail(reason);
  if (record.tombstone) return fail("the record has no value (a tombstone)");
  std::string_view value = record.value;
  reading_ = find_reading(value);
  return reading_ && decode_value(value, reading_->resolution->root(), columns);
}

bool AvroDecoder::decode_value(std::string_view value, const Plan& plan, BatchBuilder& columns) {
  ValueReader reader(value, scratch_);
  for (const Plan::Field& field : plan.fields) {
    if (field.skip ? reader.skip(*field.skip) : reader.append(*field.plan, columns[field.target])) continue;
    return fail(field.name + ": " + reader.fault());
  }
  if (reader.left() > 0) return fail(std::to_string(reader.left()) + " bytes follow the record");
  const AvroField* first = options_.reader->root().fields.data();
  for (const AvroField* missing : plan.missing) {
    const auto column = static_cast<std::size_t>(missing - first);
    columns[column].append_from(defaults_.column(column), 0);
  }
  return true;
}

void AvroDecoder::count_drift(Decoded& decoded, std::int64_t row) const {
  decoded.drifted_rows.push_back(row);
  for (const std::string& name : reading_->unknown) count_drifted(decoded, name, row);
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_avro_decoder(AvroDecoderOptions options) {
  auto decoder = std::make_unique<AvroDecoder>(std::move(options));
  PENSTOCK_TRY(decoder->prepare_contract());
  return std::unique_ptr<Decoder>(std::move(decoder));
}

}  // namespace penstock
