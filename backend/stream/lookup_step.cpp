#include "stream/lookup_step.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <limits>

namespace penstock {
namespace {

constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();

// A row of the table and when it holds.
struct Version {
  std::int64_t from = -kEver;
  std::int64_t to = kEver;
  std::vector<std::int64_t> age;       // what says which of two is the newer one
  std::size_t batch = 0;
  std::int64_t row = 0;
};

// The columns that tell which of two rows came later.
std::vector<ColumnView> ages(const Batch& rows) {
  std::vector<ColumnView> columns;
  for (const std::string_view name : {origin::source_time, origin::ingest_time, origin::offset})
    if (const auto column = rows.find(name)) columns.push_back(*column);
  return columns;
}

std::int64_t time_or(const ColumnView& column, std::int64_t row, std::int64_t otherwise) { return column.is_null(row) ? otherwise : column.int64(row); }

}  // namespace

struct LookupStep::Index {
  absl::flat_hash_map<KeyHash, std::vector<Version>> versions;      // the newest first; without `as_of` only that
};

LookupStep::LookupStep(const LookupSpec& spec, LookupPlan plan, SchemaPtr table)
    : spec_(spec), plan_(std::move(plan)), table_(std::move(table)), index_(std::make_unique<Index>()) {
  std::vector<Field> fields;
  for (const std::size_t column : plan_.added) {
    fields.push_back((*table_)[column]);
    fields.back().nullable = true;
  }
  added_ = std::make_shared<const Schema>(std::move(fields));
}
LookupStep::~LookupStep() = default;

Result<std::unique_ptr<LookupStep>> LookupStep::compile(const LookupSpec& spec, const Schema& rows, SchemaPtr table) {
  PENSTOCK_ASSIGN(LookupPlan plan, plan_lookup(spec, rows, *table));
  return std::unique_ptr<LookupStep>(new LookupStep(spec, std::move(plan), std::move(table)));
}

void LookupStep::load(std::vector<Batch> rows) {
  auto index = std::make_unique<Index>();
  for (std::size_t at = 0; at < rows.size(); ++at) {
    Batch& batch = rows[at];
    const auto keys = key_hashes(batch, plan_.table_keys);
    const std::vector<ColumnView> by_age = ages(batch);
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      if (!keys[static_cast<std::size_t>(row)]) continue;
      Version version{.batch = at, .row = row};
      if (plan_.as_of) {
        version.from = time_or(batch.column(plan_.valid_from), row, -kEver);
        version.to = time_or(batch.column(plan_.valid_to), row, kEver);
      }
      for (const ColumnView& column : by_age) version.age.push_back(time_or(column, row, -kEver));
      auto& versions = index->versions[*keys[static_cast<std::size_t>(row)]];
      if (plan_.as_of || versions.empty()) versions.push_back(std::move(version));
      else if (version.age >= versions.front().age) versions.front() = std::move(version);
    }
  }
  for (auto& [key, versions] : index->versions) {
    if (plan_.as_of) std::stable_sort(versions.begin(), versions.end(), [](const Version& a, const Version& b) { return a.from != b.from ? a.from > b.from : a.age > b.age; });
    for (Version& version : versions) version.age = {};
  }
  rows_.clear();
  for (const Batch& batch : rows) rows_.push_back(batch.select(plan_.added).with_schema(added_));
  index_ = std::move(index);
}

EpochRecords::Place LookupStep::find(const KeyHash& key, std::optional<std::int64_t> time) const {
  const auto found = index_->versions.find(key);
  if (found == index_->versions.end()) return {};
  for (const Version& version : found->second)
    if (!time || (version.from <= *time && *time < version.to)) return {&rows_[version.batch], version.row};
  return {};
}

Batch LookupStep::run(const Batch& rows) const {
  const auto keys = key_hashes(rows, plan_.keys);
  std::optional<ColumnView> times;
  if (plan_.as_of) times.emplace(rows.column(*plan_.as_of));
  std::vector<EpochRecords::Place> places;
  places.reserve(keys.size());
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    const auto& key = keys[static_cast<std::size_t>(row)];
    const bool has_time = !times || !times->is_null(row);
    places.push_back(key && has_time ? find(*key, times ? std::optional(times->int64(row)) : std::nullopt) : EpochRecords::Place{});
  }
  const Batch found = gather_rows(added_, places);
  const Batch with_found = plan_.added.empty() ? rows.select(plan_.own) : Batch::join_columns(rows.select(plan_.own), found);
  return Batch::join_columns(with_found, rows.select(plan_.origin)).with_schema(plan_.schema);
}

}  // namespace penstock
