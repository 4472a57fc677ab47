#include "io/dms_decoder.h"

#include <algorithm>

#include "io/scalar_text.h"

namespace penstock::dms {
namespace {

class DmsDecoder final : public Decoder {
 public:
  DmsDecoder(std::unique_ptr<Decoder> rows, SchemaPtr schema, std::vector<bool> in_key, std::vector<bool> required)
      : rows_(std::move(rows)), schema_(std::move(schema)), in_key_(std::move(in_key)), required_(std::move(required)) {}

  const SchemaPtr& schema() const override { return schema_; }
  Readiness prepare(const RawBatch& raw) override { return rows_->prepare(raw); }
  Decoded decode(RawBatch& raw, BatchBuilder& columns) override;

 private:
  enum class Fate { refused, row, removal };

  Fate fate_of(const Batch& rows, std::int64_t row, std::string& reason) const;
  void append_run(const Batch& rows, std::int64_t first, std::int64_t count, Fate fate, BatchBuilder& columns) const;

  const std::unique_ptr<Decoder> rows_;       // `Op`, then the contract's fields
  const SchemaPtr schema_;
  const std::vector<bool> in_key_, required_; // by field of the contract
};

std::string_view op_of(const Batch& rows, std::int64_t row) {
  const ColumnView op = rows.column(0);
  return op.is_null(row) || op.bytes(row).empty() ? "I" : op.bytes(row);
}

DmsDecoder::Fate DmsDecoder::fate_of(const Batch& rows, std::int64_t row, std::string& reason) const {
  const std::string_view op = op_of(rows, row);
  if (op != "I" && op != "U" && op != "D") {
    reason = "Op: expected I, U or D, got '" + shortened(op) + "'";
    return Fate::refused;
  }
  for (std::size_t field = 0; field < required_.size(); ++field) {
    if (!rows.column(field + 1).is_null(row) || !(in_key_[field] || (required_[field] && op != "D"))) continue;
    reason = (*schema_)[field].name + ": is missing";
    return Fate::refused;
  }
  return op == "D" ? Fate::removal : Fate::row;
}

Decoded DmsDecoder::decode(RawBatch& raw, BatchBuilder& columns) {
  BatchBuilder builder(rows_->schema());
  Decoded decoded = rows_->decode(raw, builder);
  const Batch rows = builder.finish();
  std::vector<bool> failed(static_cast<std::size_t>(raw.rows()));
  for (const DecodeFailure& failure : decoded.failures) failed[static_cast<std::size_t>(failure.row)] = true;
  std::int64_t first = 0;
  Fate run = Fate::refused;
  for (std::int64_t row = 0; row < raw.rows(); ++row) {
    std::string reason;
    const bool was_refused = failed[static_cast<std::size_t>(row)];
    const Fate fate = was_refused ? Fate::refused : fate_of(rows, row, reason);
    if (fate == Fate::refused && !was_refused) decoded.failures.push_back({row, std::move(reason)});
    if (fate == run) continue;
    append_run(rows, first, row - first, run, columns);
    first = row;
    run = fate;
  }
  append_run(rows, first, raw.rows() - first, run, columns);
  std::stable_sort(decoded.failures.begin(), decoded.failures.end(), [](const auto& a, const auto& b) { return a.row < b.row; });
  return decoded;
}

void DmsDecoder::append_run(const Batch& rows, std::int64_t first, std::int64_t count, Fate fate, BatchBuilder& columns) const {
  for (std::size_t field = 0; field < in_key_.size(); ++field) {
    const bool told = fate == Fate::row || (fate == Fate::removal && in_key_[field]);
    if (told) columns[field].append_range(rows.column(field + 1), first, count);
    for (std::int64_t row = 0; !told && row < count; ++row) columns[field].append_null();
  }
  ColumnBuilder& ops = columns[in_key_.size()];
  for (std::int64_t row = first; row < first + count; ++row) {
    if (fate == Fate::refused) ops.append_null();
    else ops.append_bytes(fate == Fate::removal ? change::remove : op_of(rows, row) == "U" ? change::update : change::create);
  }
}

}  // namespace

Result<std::unique_ptr<Decoder>> make_decoder(const Contract& contract, const std::vector<std::string>& key, const RowDecoder& make_rows) {
  Contract table = contract, read;
  std::erase_if(table.fields, [](const ContractField& field) { return field.name == kOp; });
  read.fields.push_back({.name = kOp, .type = {TypeKind::varchar}, .nullable = true, .required = false});
  std::vector<bool> in_key, required;
  const SchemaPtr row_schema = table.schema();
  for (ContractField field : table.fields) {
    in_key.push_back(std::find(key.begin(), key.end(), field.name) != key.end());
    required.push_back(!(*row_schema)[required.size()].nullable);
    field.required = false;
    field.nullable = true;
    read.fields.push_back(std::move(field));
  }
  for (const std::string& name : key)
    if (std::none_of(table.fields.begin(), table.fields.end(), [&](const ContractField& field) { return field.name == name; }))
      return Error(ErrorKind::invalid_argument, "the key column '" + name + "' is not in the contract");
  PENSTOCK_ASSIGN(auto rows, make_rows(read));
  std::vector<Field> fields = row_schema->fields();
  fields.push_back({std::string(change::op), {TypeKind::varchar}, false});
  return std::unique_ptr<Decoder>(std::make_unique<DmsDecoder>(std::move(rows), std::make_shared<const Schema>(std::move(fields)), std::move(in_key), std::move(required)));
}

}  // namespace penstock::dms
