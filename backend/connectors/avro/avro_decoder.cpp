#include "connectors/avro/avro_decoder.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "connectors/avro/avro_default.h"
#include "connectors/avro/avro_value.h"

namespace penstock {
namespace {

using namespace avro;

constexpr std::chrono::seconds kAskAgain{30};

// Does such an answer of the registry say something of itself, not of the schema?
bool stops(ErrorKind kind) {
  return kind == ErrorKind::unavailable || kind == ErrorKind::deadline_exceeded || kind == ErrorKind::unauthenticated || kind == ErrorKind::permission_denied;
}

// What reads the records of one writer.
struct Writer {
  std::shared_ptr<const Resolution> resolution;
  std::string refusal;                                // not empty: why none of its records can be read
  std::vector<std::string> unknown;                   // fields that the contract does not know
  // An id that the registry does not have it may have later.
  std::chrono::steady_clock::time_point ask_again = std::chrono::steady_clock::time_point::max();
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
  Status add_writer(std::int32_t id);
  Writer writer_of(std::shared_ptr<const AvroSchema> schema) const;
  const Writer* find_writer(std::string_view& value);
  bool decode_row(const RawBatch::Record& record, BatchBuilder& columns);
  bool decode_value(std::string_view value, const Plan& plan, BatchBuilder& columns);
  void take_back(BatchBuilder& columns, std::int64_t rows_before) const;
  void count_drift(Decoded& decoded, std::int64_t row) const;

  // Constant after prepare_contract().
  const AvroDecoderOptions options_;
  const SchemaPtr schema_;
  Writer own_;                                        // records without a frame
  Batch defaults_;                                    // one row: what stands for a field that a writer does not have

  std::unordered_map<std::int32_t, Writer> writers_;  // by id, for ever

  // Of the record at hand.
  const Writer* writer_ = nullptr;
  std::string reason_;
  std::string scratch_;
};

Status AvroDecoder::prepare_contract() {
  own_ = writer_of(options_.reader);
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

Writer AvroDecoder::writer_of(std::shared_ptr<const AvroSchema> schema) const {
  Writer writer;
  auto resolution = Resolution::make(std::move(schema), options_.reader);
  if (!resolution.ok()) {
    writer.refusal = resolution.error().message;
    return writer;
  }
  writer.resolution = std::move(*resolution);
  const Plan& root = writer.resolution->root();
  if (root.op == Plan::Op::refused) writer.refusal = "the record " + root.reason;
  else if (root.op != Plan::Op::record) writer.refusal = "the record was not written as a record";
  for (const Plan::Field& field : root.fields)
    if (field.skip) writer.unknown.push_back(field.name);
  return writer;
}

// Error: unavailable where the registry has to be asked and does not answer.
Status AvroDecoder::add_writer(std::int32_t id) {
  const auto registered = options_.registry->by_id(id);
  const std::string name = "schema " + std::to_string(id);
  if (!registered.ok() && stops(registered.error().kind)) return registered.error().within(name);
  Writer writer;
  if (!registered.ok()) {
    writer.refusal = registered.error().message;
    writer.ask_again = std::chrono::steady_clock::now() + kAskAgain;
  } else if ((*registered)->language != RegisteredSchema::Language::avro) {
    writer.refusal = name + " of the registry is no Avro schema";
  } else if (auto schema = AvroSchema::parse((*registered)->text, name, (*registered)->references); !schema.ok()) {
    writer.refusal = schema.error().to_string();
  } else {
    writer = writer_of(std::move(*schema));
    if (!writer.refusal.empty()) writer.refusal += " (" + name + ")";
  }
  writers_[id] = std::move(writer);
  return {};
}

Readiness AvroDecoder::prepare(const RawBatch& raw) {
  if (!options_.framed || !options_.registry) return {raw.rows(), std::nullopt};
  const auto now = std::chrono::steady_clock::now();
  std::optional<std::int32_t> last;
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    const auto framed = read_frame(raw[row].value);
    if (!framed || framed->schema_id == last) continue;
    last = framed->schema_id;
    if (const auto known = writers_.find(framed->schema_id); known != writers_.end() && known->second.ask_again > now) continue;
    if (const Status added = add_writer(framed->schema_id); !added.ok()) return {row, added.error()};
  }
  return {raw.rows(), std::nullopt};
}

const Writer* AvroDecoder::find_writer(std::string_view& value) {
  if (!options_.framed) return &own_;
  const auto framed = read_frame(value);
  if (!framed) return fail("expected a zero byte and the number of a schema before the value (framing: confluent)"), nullptr;
  const auto found = writers_.find(framed->schema_id);
  if (found == writers_.end()) return fail("schema " + std::to_string(framed->schema_id) + " is not known: the connection needs a registry"), nullptr;
  value = framed->payload;
  return &found->second;
}

Decoded AvroDecoder::decode(RawBatch& raw, BatchBuilder& columns) {
  Decoded decoded;
  for (std::size_t column = 0; column < schema_->size(); ++column) columns[column].reserve(raw.rows());
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    const std::int64_t rows_before = columns[0].rows();
    if (decode_row(raw[row], columns)) {
      if (!writer_->unknown.empty()) count_drift(decoded, row);
    } else {
      take_back(columns, rows_before);
      decoded.failures.push_back({row, std::move(reason_)});
    }
  }
  return decoded;
}

bool AvroDecoder::decode_row(const RawBatch::Record& record, BatchBuilder& columns) {
  if (const char* reason = reason_of(record.damage)) return fail(reason);
  if (record.tombstone) return fail("the record has no value (a tombstone)");
  std::string_view value = record.value;
  writer_ = find_writer(value);
  if (!writer_) return false;
  if (!writer_->refusal.empty()) return fail(writer_->refusal);
  return decode_value(value, writer_->resolution->root(), columns);
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

void AvroDecoder::take_back(BatchBuilder& columns, std::int64_t rows_before) const {
  for (std::size_t column = 0; column < schema_->size(); ++column) {
    if (columns[column].rows() > rows_before) columns[column].pop_back();
    columns[column].append_null();
  }
}

void AvroDecoder::count_drift(Decoded& decoded, std::int64_t row) const {
  decoded.drifted_rows.push_back(row);
  for (const std::string& name : writer_->unknown) {
    auto known = std::find_if(decoded.drift.begin(), decoded.drift.end(), [&](const DriftedField& drifted) { return drifted.name == name; });
    if (known == decoded.drift.end()) known = decoded.drift.insert(known, {name, "added", row, 0});
    ++known->rows;
  }
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_avro_decoder(AvroDecoderOptions options) {
  auto decoder = std::make_unique<AvroDecoder>(std::move(options));
  PENSTOCK_TRY(decoder->prepare_contract());
  return std::unique_ptr<Decoder>(std::move(decoder));
}

}  // namespace penstock
