#include "stream/reject_rows.h"

#include "io/scalar_text.h"
#include "record/row_json.h"

namespace penstock {
namespace {

enum Column : std::size_t { kKey = 5, kHeaders, kRaw, kStep, kExpectation, kReason, kHop, kValues, kRejectedAt };

void append_text_or_null(ColumnBuilder& column, std::string_view text) {
  if (text.empty()) column.append_null(); else column.append_bytes(text);
}

}  // namespace

const SchemaPtr& reject_schema() {
  static const SchemaPtr schema = [] {
    std::vector<Field> fields = origin::columns();
    // A row that a sink refused may have come out of a window: then it has no origin.
    for (Field& field : fields) field.nullable = true;
    fields.push_back({std::string(origin::key), {TypeKind::blob}});
    fields.push_back({std::string(origin::headers), {TypeKind::json}});
    fields.push_back({std::string(origin::raw), {TypeKind::blob}});
    fields.push_back({"_step", {TypeKind::varchar}});
    fields.push_back({"_expectation", {TypeKind::varchar}});
    fields.push_back({"_reason", {TypeKind::varchar}});
    fields.push_back({"_hop", {TypeKind::int32}});
    fields.push_back({"_values", {TypeKind::json}});
    fields.push_back({"_rejected_at", {TypeKind::timestamp}});
    return std::make_shared<const Schema>(std::move(fields));
  }();
  return schema;
}

void RejectBuilder::append(const Reject& reject, const Batch& records, std::int64_t row, const Batch* values, std::int64_t value_row) {
  const Schema& schema = *reject_schema();
  if (!columns_) columns_.emplace(reject_schema());
  BatchBuilder& columns = *columns_;
  for (std::size_t i = 0; i <= kRaw; ++i) {
    const auto column = records.find(schema[i].name);
    if (column) columns[i].append_from(*column, row); else columns[i].append_null();
  }
  columns[kStep].append_bytes(reject.step);
  append_text_or_null(columns[kExpectation], reject.expectation);
  columns[kReason].append_bytes(utf8_text(std::string(reject.reason)));      // a peer's words may be anything
  columns[kHop].append_int32(reject.hop);
  if (values) {
    std::string json;
    append_row_json(*values, value_row, json);
    columns[kValues].append_bytes(json);
  } else {
    columns[kValues].append_null();
  }
  columns[kRejectedAt].append_int64(reject.rejected_at);
}

}  // namespace penstock
