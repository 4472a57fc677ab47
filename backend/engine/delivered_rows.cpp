#include "engine/delivered_rows.h"

#include <algorithm>

#include "connectors/delta/delta_reader.h"
#include "connectors/delta/log.h"

namespace penstock {
namespace {

std::string untouched_table(const StreamSpec& stream) {
  for (const StepSpec& step : stream.steps)
    if (step.from == std::vector<std::string>{stream.sources.front().name} && step.hands_on() && !step.dedupe && step.expect.empty() && !step.land.empty())
      return step.land;
  return {};
}

// Adds the offsets that a table holds of these ranges.
Status add_offsets(const std::string& tables_root, const std::string& table, const std::string& condition, const Schema& columns, Parquet& parquet,
                   std::map<std::int32_t, std::vector<std::int64_t>>& offsets) {
  PENSTOCK_ASSIGN(const std::string folder, delta::table_folder(tables_root, table));
  auto opened = DeltaTable::open(folder, &parquet);
  if (!opened.ok() && opened.error().kind == ErrorKind::not_found) return {};
  if (!opened.ok()) return opened.error();
  PENSTOCK_ASSIGN(const DeltaTableSnapshot snapshot, opened->snapshot());
  if (snapshot.files.empty()) return {};
  return parquet.read(snapshot.files, condition, std::make_shared<const Schema>(columns), [&](const Batch& rows) -> Status {
    for (std::int64_t row = 0; row < rows.rows(); ++row)
      if (!rows.column(1).is_null(row)) offsets[rows.column(0).int32(row)].push_back(rows.column(1).int64(row));
    return {};
  });
}

}  // namespace

Result<DeliveredRows> count_delivered(const StreamSpec& stream, const std::string& tables_root, Parquet& parquet, const StreamGap& gap, const Positions& until) {
  DeliveredRows delivered;
  const std::string table = stream.sources.size() == 1 ? untouched_table(stream) : "";
  if (table.empty()) return delivered;
  std::string condition;
  for (const auto& [partition, offset] : until) {
    const auto from = gap.from.find(partition);
    condition += (condition.empty() ? "(" : " OR ") + ("_partition = " + std::to_string(partition)) + " AND _offset >= " +
                 std::to_string(from == gap.from.end() ? 0 : from->second) + " AND _offset < " + std::to_string(offset);
  }
  delivered.is_known = true;
  if (condition.empty()) return delivered;
  condition += ")";
  std::map<std::int32_t, std::vector<std::int64_t>> offsets;
  const std::vector<Field> position = {{std::string(origin::partition), {TypeKind::int32}}, {std::string(origin::offset), {TypeKind::int64}}};
  PENSTOCK_TRY(add_offsets(tables_root, table, condition, Schema(position), parquet, offsets));
  std::vector<Field> with_step = position;
  with_step.push_back({"_step", {TypeKind::varchar}});
  with_step.push_back({"_hop", {TypeKind::int32}});
  PENSTOCK_TRY(add_offsets(tables_root, "dead_letters." + stream.name, condition + " AND _step = 'decode' AND _hop = 0", Schema(with_step), parquet, offsets));
  for (auto& [partition, found] : offsets) {
    delivered.rows += static_cast<std::int64_t>(found.size());
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    delivered.distinct += static_cast<std::int64_t>(found.size());
    const auto head = gap.to.find(partition);
    if (head != gap.to.end()) delivered.in_gap += std::lower_bound(found.begin(), found.end(), head->second) - found.begin();
  }
  return delivered;
}

}  // namespace penstock
