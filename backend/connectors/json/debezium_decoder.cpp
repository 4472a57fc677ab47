#include "connectors/json/debezium_decoder.h"

#include <algorithm>

#include "connectors/json/envelope_ends.h"
#include "connectors/json/json_decoder.h"

namespace penstock {
namespace {

using json::Envelope;

class DebeziumDecoder final : public Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> make(DebeziumDecoderOptions options);

  const SchemaPtr& schema() const override { return schema_; }
  Readiness prepare(const RawBatch& raw) override { return options_.translator ? options_.translator->prepare(raw) : Readiness{raw.rows(), std::nullopt}; }
  Decoded decode(RawBatch& raw, BatchBuilder& columns) override;

 private:
  // What becomes of a record.
  enum class Fate { nothing, row, removal };

  DebeziumDecoder(DebeziumDecoderOptions options, json::RowWriter writer) : options_(std::move(options)), writer_(std::move(writer)), keys_(options_.key.begin(), options_.key.end()) {}

  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  bool translate(std::string_view& value, const char*& readable_end);
  bool write_row(std::string_view row, const char* readable_end, const json::Meanings* meanings, const std::set<std::string, std::less<>>* only);
  bool read_record(const RawBatch::Record& record, const char* readable_end, Fate& fate, std::int64_t& time);
  bool read_removal(const RawBatch::Record& record, const Envelope& envelope, const char* readable_end);
  void add(Fate fate, std::int64_t row, BatchBuilder& columns, Decoded& decoded);
  void finish_run(BatchBuilder& columns, Decoded& decoded);
  void add_rows(BatchBuilder& columns, Decoded& decoded);
  void add_removals(BatchBuilder& columns, Decoded& decoded);
  void append_op(std::string_view op, BatchBuilder& columns) const { columns[schema_->size() - 1].append_bytes(op); }

  // Constant after make().
  const DebeziumDecoderOptions options_;
  SchemaPtr schema_;
  std::unique_ptr<Decoder> rows_of_contract_, keys_alone_;
  std::vector<std::size_t> key_columns_;               // in the contract, in the order of keys_alone_
  bool takes_rows_as_they_are_ = false;                // of postgres_cdc, which writes all but JSON as a row of the contract has it

  json::EnvelopeReader reader_;
  json::RowWriter writer_;
  const std::set<std::string, std::less<>> keys_;

  // A run of records with the same fate, as rows for one of the two decoders.
  Fate fate_ = Fate::nothing;
  RawBatch run_;
  std::vector<std::int64_t> run_rows_;                 // in the raw batch
  std::vector<std::string_view> run_ops_;

  // Of the record at hand.
  std::string reason_;
  std::string_view row_;                               // for a row's decoder: of the record, or `written_`
  std::string written_;
  std::string translated_;                             // the record in JSON, where it was not, with room behind it
  std::string key_;                                    // the message's key, with room behind it
  std::string_view op_;
};

Result<std::unique_ptr<Decoder>> DebeziumDecoder::make(DebeziumDecoderOptions options) {
  Contract keys, rows = options.contract;
  bool has_json = false;
  for (ContractField& field : rows.fields) {
    has_json = has_json || field.type.kind == TypeKind::json;
    // Written by json::RowWriter, or as Debezium does.
    field.epoch = field.type.kind == TypeKind::timestamp ? ContractField::Epoch::micros : field.epoch;
    field.date_as_days = true;
    field.decimal_as_text = true;
    if (std::find(options.key.begin(), options.key.end(), field.name) == options.key.end()) continue;
    field.nullable = false;
    field.required = true;
    field.fallback.reset();
    keys.fields.push_back(field);
  }
  for (const std::string& name : options.key)
    if (std::none_of(keys.fields.begin(), keys.fields.end(), [&](const ContractField& field) { return field.name == name; }))
      return Error(ErrorKind::invalid_argument, "the key column '" + name + "' is not in the contract");
  json::RowWriter writer(options.contract.fields, options.decimals);
  std::unique_ptr<DebeziumDecoder> decoder(new DebeziumDecoder(std::move(options), std::move(writer)));
  decoder->takes_rows_as_they_are_ = !has_json;
  PENSTOCK_ASSIGN(decoder->rows_of_contract_, make_json_decoder(rows));
  PENSTOCK_ASSIGN(decoder->keys_alone_, make_json_decoder(keys));
  const SchemaPtr all = rows.schema(), of_key = keys.schema();
  std::vector<Field> fields = all->fields();
  for (const Field& key : of_key->fields()) decoder->key_columns_.push_back(*all->find(key.name));
  fields.push_back({std::string(change::op), {TypeKind::varchar}, false});
  decoder->schema_ = std::make_shared<const Schema>(std::move(fields));
  return std::unique_ptr<Decoder>(std::move(decoder));
}

Decoded DebeziumDecoder::decode(RawBatch& raw, BatchBuilder& columns) {
  raw.pad();
  const char* readable_end = raw.values().data() + raw.values().size() + RawBatch::kPadding;
  Decoded decoded;
  decoded.source_times.reserve(static_cast<std::size_t>(raw.rows()));
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    const RawBatch::Record record = raw[row];
    Fate fate = Fate::nothing;
    std::int64_t time = 0;
    if (!record.tombstone && !read_record(record, readable_end, fate, time)) decoded.failures.push_back({row, std::move(reason_)});
    if (record.tombstone) decoded.skipped.push_back(row);
    decoded.source_times.push_back(time);
    add(fate, row, columns, decoded);
  }
  finish_run(columns, decoded);
  std::stable_sort(decoded.failures.begin(), decoded.failures.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
  return decoded;
}

bool DebeziumDecoder::read_record(const RawBatch::Record& record, const char* readable_end, Fate& fate, std::int64_t& time) {
  if (const char* reason = reason_of(record.damage)) return fail(reason);
  Envelope envelope;
  std::string_view value = record.value;
  if (value.starts_with('\0') && !translate(value, readable_end)) return false;
  const bool is_of_postgres_cdc = json::read_ends(value, envelope);
  if (!is_of_postgres_cdc && !reader_.read(value, readable_end, envelope, reason_)) return false;
  time = envelope.source_micros;
  if (envelope.op == "d") {
    op_ = change::remove;
    if (!read_removal(record, envelope, readable_end)) return false;
    fate = Fate::removal;
    return true;
  }
  if (envelope.op == "t") return fail("the table was truncated: which rows are gone the change does not say");
  if (envelope.op != "c" && envelope.op != "r" && envelope.op != "u") return fail("op: expected c, r, u or d, got '" + std::string(envelope.op.substr(0, 32)) + "'");
  op_ = envelope.op == "u" ? change::update : change::create;
  if (envelope.after.empty()) return fail("after: expected the row, got null");
  if (is_of_postgres_cdc && takes_rows_as_they_are_) row_ = envelope.after;
  else if (!write_row(envelope.after, readable_end, envelope.meanings, nullptr)) return false;
  fate = Fate::row;
  return true;
}

bool DebeziumDecoder::write_row(std::string_view row, const char* readable_end, const json::Meanings* meanings, const std::set<std::string, std::less<>>* only) {
  written_.clear();
  if (!writer_.write(row, readable_end, meanings, only, written_, reason_)) return false;
  row_ = written_;
  return true;
}

bool DebeziumDecoder::translate(std::string_view& value, const char*& readable_end) {
  if (!options_.translator) return fail("the record is framed, and the connection has no registry that knows its schema");
  if (!options_.translator->translate(value, translated_, reason_)) return false;
  const std::size_t size = translated_.size();
  translated_.append(RawBatch::kPadding, '\0');
  value = {translated_.data(), size};
  readable_end = translated_.data() + translated_.size();
  return true;
}

// The key stands in the row as it was, or, where the table tells nothing of that, in the message's key.
bool DebeziumDecoder::read_removal(const RawBatch::Record& record, const Envelope& envelope, const char* readable_end) {
  if (!envelope.before.empty()) return write_row(envelope.before, readable_end, envelope.meanings, &keys_);
  if (!record.has_key) return fail("before: expected the row that is removed, got null, and the message has no key");
  key_.assign(record.key);
  key_.append(RawBatch::kPadding, '\0');
  const char* key_end = key_.data() + key_.size();
  std::string_view plain;
  return reader_.read_plain({key_.data(), record.key.size()}, key_end, plain, reason_) && write_row(plain, key_end, envelope.meanings, &keys_);
}

void DebeziumDecoder::add(Fate fate, std::int64_t row, BatchBuilder& columns, Decoded& decoded) {
  if (fate != fate_) finish_run(columns, decoded);
  fate_ = fate;
  run_rows_.push_back(row);
  if (fate == Fate::nothing) return;
  run_.append({.value = row_});
  run_ops_.push_back(op_);
}

void DebeziumDecoder::finish_run(BatchBuilder& columns, Decoded& decoded) {
  if (fate_ == Fate::row) add_rows(columns, decoded);
  if (fate_ == Fate::removal) add_removals(columns, decoded);
  for (std::size_t row = 0; fate_ == Fate::nothing && row < run_rows_.size(); ++row)
    for (std::size_t column = 0; column < schema_->size(); ++column) columns[column].append_null();
  run_.clear();
  run_rows_.clear();
  run_ops_.clear();
}

void DebeziumDecoder::add_rows(BatchBuilder& columns, Decoded& decoded) {
  Decoded rows = rows_of_contract_->decode(run_, columns);
  for (const std::string_view op : run_ops_) append_op(op, columns);
  for (DecodeFailure& failure : rows.failures) decoded.failures.push_back({run_rows_[static_cast<std::size_t>(failure.row)], std::move(failure.reason)});
  for (const std::int64_t row : rows.drifted_rows) decoded.drifted_rows.push_back(run_rows_[static_cast<std::size_t>(row)]);
  for (DriftedField& field : rows.drift) {
    field.first_row = run_rows_[static_cast<std::size_t>(field.first_row)];
    const auto known = std::find_if(decoded.drift.begin(), decoded.drift.end(), [&](const DriftedField& one) { return one.name == field.name; });
    if (known != decoded.drift.end()) known->rows += field.rows;
    else decoded.drift.push_back(std::move(field));
  }
}

void DebeziumDecoder::add_removals(BatchBuilder& columns, Decoded& decoded) {
  BatchBuilder keys(keys_alone_->schema());
  Decoded removals = keys_alone_->decode(run_, keys);
  for (DecodeFailure& failure : removals.failures) decoded.failures.push_back({run_rows_[static_cast<std::size_t>(failure.row)], std::move(failure.reason)});
  const Batch batch = keys.finish();
  for (std::size_t column = 0; column + 1 < schema_->size(); ++column) {
    const auto key = std::find(key_columns_.begin(), key_columns_.end(), column);
    if (key != key_columns_.end()) columns[column].append_range(batch.column(static_cast<std::size_t>(key - key_columns_.begin())), 0, batch.rows());
    for (std::int64_t row = 0; key == key_columns_.end() && row < batch.rows(); ++row) columns[column].append_null();
  }
  for (const std::string_view op : run_ops_) append_op(op, columns);
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_debezium_decoder(DebeziumDecoderOptions options) { return DebeziumDecoder::make(std::move(options)); }

}  // namespace penstock
