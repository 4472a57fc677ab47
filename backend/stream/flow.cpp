#include "stream/flow.h"

#include <algorithm>

#include "record/batch_builder.h"

namespace penstock {

EpochRecords::Place EpochRecords::find(std::int64_t record) const {
  const auto after = std::upper_bound(firsts_.begin(), firsts_.end(), record);
  const auto index = static_cast<std::size_t>(after - firsts_.begin()) - 1;
  return {&batches_[index], record - firsts_[index]};
}

Flow::Part take(const Flow::Part& part, const std::vector<std::int64_t>& indices) {
  Flow::Part taken;
  taken.rows = part.rows.take(indices);
  taken.window_end = part.window_end;
  if (!part.records.empty())
    for (const std::int64_t index : indices) taken.records.push_back(part.records[static_cast<std::size_t>(index)]);
  return taken;
}

Batch conform(const Batch& rows, const SchemaPtr& schema) {
  if (rows.schema() == schema || *rows.schema() == *schema) return rows;
  BatchBuilder columns(schema);
  for (std::size_t i = 0; i < schema->size(); ++i) {
    const auto found = rows.find((*schema)[i].name);
    if (found) {
      columns[i].append_range(*found, 0, rows.rows());
    } else {
      for (std::int64_t row = 0; row < rows.rows(); ++row) columns[i].append_null();
    }
  }
  return columns.finish();
}

}  // namespace penstock
