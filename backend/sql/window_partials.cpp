#include "sql/window_partials.h"

#include "sql/range_runner.h"
#include "sql/session_impl.h"
#include "sql/sql_text.h"
#include "sql/step_schemas.h"
#include "sql/window_aggregates.h"

namespace penstock {
namespace {

// A statement over batches of its own.
struct Reduction {
  std::shared_ptr<ScanInput> scan;
  Statement statement;
  BatchBuilder builder;

  static std::optional<Reduction> prepare(Session& session, SqlTree tree, SchemaPtr input);
  // Without `errors`, one row's error is that of all.
  Result<std::vector<Batch>> run(std::span<const Batch> rows, std::vector<RowError>* errors) {
    std::vector<Batch> reduced;
    std::vector<RowError> none;
    RangeRunner runner(statement, builder, *scan, rows);
    PENSTOCK_TRY(runner.run(0, count_rows(rows), errors != nullptr, reduced, errors ? *errors : none));
    return reduced;
  }
};

std::optional<Reduction> Reduction::prepare(Session& session, SqlTree tree, SchemaPtr input) {
  auto scan = std::make_shared<ScanInput>();
  scan->schema = std::move(input);
  const std::string name = session.impl().new_scan_name();
  SqlTree& from = tree["node"]["from_table"];
  const std::string alias = text_of(from, "alias").empty() ? text_of(from, "table_name") : text_of(from, "alias");
  from = make_scan(name, alias, SqlTree::array());
  if (!register_scan(session.impl().connection.get(), name, scan).ok()) return std::nullopt;
  const auto sql = to_sql(session, tree);
  if (!sql.ok()) return std::nullopt;
  SqlError error;
  auto statement = Statement::prepare(session.impl().connection.get(), *sql, error);
  if (!statement) return std::nullopt;
  auto schema = statement->schema();
  if (!schema.ok()) return std::nullopt;
  return Reduction{std::move(scan), std::move(*statement), BatchBuilder(std::move(*schema))};
}

SchemaPtr with_pane(const Schema& rows) {
  std::vector<Field> fields = rows.fields();
  fields.push_back({kPaneColumn, {TypeKind::int64}, false});
  return std::make_shared<const Schema>(std::move(fields));
}

SchemaPtr pane_schema() {
  static const SchemaPtr schema = with_pane(Schema({}));
  return schema;
}

// Without window_start and window_end, which are the last two.
Schema without_window(const Schema& rows) { return Schema({rows.fields().begin(), rows.fields().end() - 2}); }

}  // namespace

struct WindowPartials::Impl {
  SchemaPtr schema;
  Reduction partial;
  Reduction merge;
  StepProgram final;
  std::vector<std::size_t> key_columns;      // of an aggregate
};

WindowPartials::WindowPartials(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WindowPartials::~WindowPartials() = default;
WindowPartials::WindowPartials(WindowPartials&&) noexcept = default;
WindowPartials& WindowPartials::operator=(WindowPartials&&) noexcept = default;

const SchemaPtr& WindowPartials::schema() const { return impl_->schema; }
const std::vector<std::size_t>& WindowPartials::key_columns() const { return impl_->key_columns; }

Result<WindowPartials> WindowPartials::compile_aggregate(Session& session, const StepProgramSpec& spec, const Schema& output) {
  auto partials = compile(session, spec, output);
  if (!partials)
    return Error(ErrorKind::unsupported, "what this SELECT gives of a key cannot be kept as sums",
                 "one SELECT from the step's input with GROUP BY, and of aggregates count, sum, avg, min, max, bool_and and bool_or, without DISTINCT, ORDER BY, LIMIT and OVER");
  if (partials->key_columns().size() != spec.aggregate_key.size())
    return Error(ErrorKind::invalid_argument, "the SELECT does not group by the aggregate's key alone", "GROUP BY ALL with the columns of `key` and aggregates in the SELECT");
  return std::move(*partials);
}

std::optional<WindowPartials> WindowPartials::compile(Session& session, const StepProgramSpec& spec, const Schema& output) {
  NameSet names{"input"};
  for (const std::string& name : spec.inputs) names.insert(lower_case(name));
  auto aggregates = take_apart(session, spec.sql, names, *spec.schema, output);
  if (!aggregates || (aggregates->across_groups && !spec.aggregate_key.empty())) return std::nullopt;
  auto partial = Reduction::prepare(session, std::move(aggregates->partial), with_pane(spec.aggregate_key.empty() ? without_window(*spec.schema) : *spec.schema));
  if (!partial) return std::nullopt;
  const SchemaPtr schema = partial->builder.schema();
  auto merge = Reduction::prepare(session, std::move(aggregates->merge), schema);
  if (!merge || *merge->builder.schema() != *schema) return std::nullopt;

  StepProgramSpec last = spec;
  last.inputs = {"input"};
  last.schema = window_schema(*schema);
  last.sql = std::move(aggregates->final_sql);
  std::vector<SqlProblem> problems;
  auto final = StepProgram::compile(session, last, problems);
  if (!final || *final->output_schema() != output) return std::nullopt;
  std::vector<std::size_t> keys;
  for (const std::string& key : spec.aggregate_key)
    for (std::size_t column = 0; column < output.size(); ++column)
      if (same_name(output[column].name, key) && !aggregates->keys[column].empty()) keys.push_back(*schema->find(aggregates->keys[column]));
  // Groups by more than the key: none of it would be right.
  if (!spec.aggregate_key.empty() && aggregates->key_columns != keys.size()) keys.clear();
  return WindowPartials(std::make_unique<Impl>(Impl{schema, std::move(*partial), std::move(*merge), std::move(*final), std::move(keys)}));
}

Result<WindowPartials::Reduced> WindowPartials::reduce(std::span<const Batch> rows) {
  Reduced reduced;
  PENSTOCK_ASSIGN(const std::vector<Batch> partials, impl_->partial.run(rows, &reduced.errors));
  std::map<std::int64_t, BatchBuilder> panes;
  for (const Batch& batch : partials) {
    const ColumnView pane = batch.column(0);
    for (std::int64_t row = 0; row < batch.rows(); ++row) panes.try_emplace(pane.int64(row), impl_->schema).first->second.append_row(batch, row);
  }
  for (auto& [pane, builder] : panes) reduced.by_pane[pane] = builder.finish();
  return reduced;
}

Result<std::vector<Batch>> WindowPartials::merge(std::span<const Batch> partials) { return impl_->merge.run(partials, nullptr); }

Result<StepOutput> WindowPartials::finish(std::span<const Batch> partials, std::int64_t window_start, std::int64_t window_end) {
  std::vector<Batch> rows;
  for (const Batch& batch : partials) rows.push_back(Batch::join_columns(batch, window_columns(batch.rows(), window_start, window_end)));
  return impl_->final.run(rows);
}

Batch with_pane(const Batch& rows, std::int64_t pane) {
  BatchBuilder column(pane_schema());
  for (std::int64_t row = 0; row < rows.rows(); ++row) column[0].append_int64(pane);
  return Batch::join_columns(rows, column.finish());
}

Batch window_columns(std::int64_t rows, std::int64_t start, std::int64_t end) {
  static const SchemaPtr schema = window_schema(Schema({}));
  BatchBuilder columns(schema);
  for (std::int64_t row = 0; row < rows; ++row) {
    columns[0].append_int64(start);
    columns[1].append_int64(end);
  }
  return columns.finish();
}

}  // namespace penstock
