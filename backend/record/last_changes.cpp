#include "record/last_changes.h"

#include <algorithm>
#include <tuple>

#include "record/batch_builder.h"
#include "record/key_bytes.h"

namespace penstock {

SchemaPtr stored_schema(const SchemaPtr& schema) {
  if (!schema || !schema->find(change::op)) return schema;
  std::vector<Field> fields = schema->fields();
  std::erase_if(fields, [](const Field& field) { return field.name == change::op; });
  return std::make_shared<const Schema>(std::move(fields));
}

namespace {

bool is_text(Type type) { return type.kind == TypeKind::varchar || type.kind == TypeKind::json; }

}  // namespace

Batch fit_columns(const Batch& rows, const SchemaPtr& schema) {
  if (*rows.schema() == *schema) return rows;
  BatchBuilder builder(schema);
  for (std::size_t column = 0; column < schema->size(); ++column) {
    const auto found = rows.find((*schema)[column].name);
    const Type type = (*schema)[column].type;
    const bool usable = found && (found->type() == type || (is_text(found->type()) && is_text(type)));
    if (usable) builder[column].append_range(*found, 0, rows.rows());
    for (std::int64_t row = 0; !usable && row < rows.rows(); ++row) builder[column].append_null();
  }
  return builder.finish();
}

Result<std::vector<ColumnView>> LastChanges::key_columns(const Batch& rows, const std::vector<std::string>& key) {
  std::vector<ColumnView> columns;
  for (const std::string& name : key) {
    const auto column = rows.find(name);
    if (!column) return Error(ErrorKind::failed_precondition, "the key column '" + name + "' is not among the rows' columns", "give it in the step's SQL");
    columns.push_back(*column);
  }
  return columns;
}

Status LastChanges::add(const Batch& rows) {
  if (rows.empty()) return {};
  PENSTOCK_ASSIGN(const std::vector<ColumnView> columns, key_columns(rows, key_));
  const auto ops = rows.find(change::op);
  // Room for all that come, and no less than twice as much as before: or each batch would place all keys anew.
  if (const std::size_t needed = rows_.size() + static_cast<std::size_t>(rows.rows()); needed > rows_.bucket_count()) rows_.reserve(std::max(needed, 2 * rows_.bucket_count()));
  std::string bytes;
  for (std::int64_t row = 0; row < rows.rows(); ++row) {
    Row change{batches_.size(), row, false};
    if (ops) {
      const std::string_view op = ops->is_null(row) ? change::update : ops->bytes(row);
      change.removed = op == change::remove;
      if (!change.removed && op != change::create && op != change::update)
        return Error(ErrorKind::invalid_argument, "a change has '" + std::string(op) + "' as its " + std::string(change::op) + ", which is none of c, u, d");
    }
    bytes.clear();
    append_key_bytes(columns, row, bytes);
    rows_.insert_or_assign(bytes, change);
  }
  changes_ += rows.rows();
  batches_.push_back(rows);
  return {};
}

std::vector<Batch> LastChanges::collect(std::vector<Row> rows, const SchemaPtr& schema, bool with_removed) const {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return std::tie(a.batch, a.row) < std::tie(b.batch, b.row); });
  std::vector<Batch> collected;
  std::vector<std::int64_t> indices;
  for (auto row = rows.begin(); row != rows.end();) {
    const std::size_t batch = row->batch;
    indices.clear();
    for (; row != rows.end() && row->batch == batch; ++row)
      if (with_removed || !row->removed) indices.push_back(row->row);
    if (!indices.empty()) collected.push_back(fit_columns(batches_[batch].take(indices), schema));
  }
  return collected;
}

std::vector<LastChanges::Row> LastChanges::all_rows() const {
  std::vector<Row> all;
  for (const auto& [bytes, row] : rows_) all.push_back(row);
  return all;
}

std::vector<Batch> LastChanges::kept(const SchemaPtr& schema) const { return collect(all_rows(), schema, false); }

std::vector<Batch> LastChanges::keys(const SchemaPtr& schema) const { return collect(all_rows(), schema, true); }

}  // namespace penstock
