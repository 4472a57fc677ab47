#include "stream/flow.h"

#include <algorithm>
#include <span>

#include "record/batch_builder.h"

namespace penstock {
namespace {

constexpr std::int64_t kLargeRows = 4096;          // copying so many costs more than running a statement once more

}  // namespace

const SchemaPtr& partner_schema() {
  static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{std::string(origin::source), {TypeKind::varchar}},
                                                                                    {std::string(origin::partition), {TypeKind::int32}},
                                                                                    {std::string(origin::offset), {TypeKind::int64}},
                                                                                    {"_closes", {TypeKind::int64}}});
  return schema;
}

EpochRecords::Place EpochRecords::find(std::int64_t record) const {
  const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), record);
  const auto index = static_cast<std::size_t>(after - firsts_.begin()) - 1;
  return {&batches_[index], record - firsts_[index]};
}

Flow::Part take(const Flow::Part& part, const std::vector<std::int64_t>& indices) {
  Flow::Part taken;
  taken.rows = part.rows.take(indices);
  taken.window_end = part.window_end;
  taken.again = part.again;
  if (!part.partners.empty()) taken.partners = part.partners.take(indices);
  if (!part.records.empty())
    for (const std::int64_t index : indices) taken.records.push_back(part.records[static_cast<std::size_t>(index)]);
  if (!part.places.empty())
    for (const std::int64_t index : indices) taken.places.push_back(part.places[static_cast<std::size_t>(index)]);
  return taken;
}

std::vector<Batch> gathered(const std::vector<Batch>& batches) {
  std::vector<Batch> all;
  for (auto next = batches.begin(); next != batches.end();) {
    auto end = next + 1;
    while (end != batches.end() && (end - 1)->rows() < kLargeRows && end->rows() < kLargeRows && *end->schema() == *next->schema()) ++end;
    all.push_back(end - next == 1 ? *next : Batch::concat(std::span(next, end)));
    next = end;
  }
  return all;
}

Batch gather_rows(const SchemaPtr& schema, std::span<const EpochRecords::Place> places) {
  BatchBuilder builder(schema);
  for (std::size_t column = 0; column < schema->size(); ++column) {
    const Batch* of = nullptr;
    std::optional<ColumnView> view;
    for (const EpochRecords::Place& place : places) {
      if (!place.records) {
        builder[column].append_null();
        continue;
      }
      if (place.records != of) view.emplace((of = place.records)->column(column));
      builder[column].append_from(*view, place.row);
    }
  }
  return builder.finish();
}

Batch conform(const Batch& rows, const SchemaPtr& schema) {
  if (rows.schema() == schema || *rows.schema() == *schema) return rows;
  std::vector<std::size_t> order;
  std::vector<Field> missing;
  for (const Field& field : schema->fields()) {
    const auto found = rows.schema()->find(field.name);
    order.push_back(found.value_or(rows.schema()->size() + missing.size()));
    if (!found) missing.push_back(field);
  }
  if (missing.empty()) return rows.select(order).with_schema(schema);
  BatchBuilder nulls(std::make_shared<const Schema>(missing));
  for (std::size_t i = 0; i < missing.size(); ++i)
    for (std::int64_t row = 0; row < rows.rows(); ++row) nulls[i].append_null();
  return Batch::join_columns(rows, nulls.finish()).select(order).with_schema(schema);
}

}  // namespace penstock
