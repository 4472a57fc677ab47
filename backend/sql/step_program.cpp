#include "sql/step_program.h"

#include <algorithm>
#include <numeric>

#include "sql/range_runner.h"
#include "sql/sql_text.h"
#include "sql/step_compiler.h"
#include "sql/step_program_impl.h"

namespace penstock {
namespace {

// Row-wise output is in the order of its input; a join may have given another.
Batch in_input_order(Batch rows, std::size_t row_column) {
  const auto number = rows.column(row_column);
  bool ascending = true;
  for (std::int64_t row = 1; row < rows.rows() && ascending; ++row) ascending = number.int64(row - 1) <= number.int64(row);
  if (ascending) return rows;
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows.rows()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto left, auto right) { return number.int64(left) < number.int64(right); });
  return rows.take(order);
}

// The columns `columns` of the input, one row for each of `input_row` (ascending).
Batch gather(std::span<const Batch> input, std::span<const std::size_t> columns, std::span<const std::int64_t> input_row) {
  std::vector<Batch> parts;
  std::vector<std::int64_t> wanted;
  std::int64_t first = 0;
  auto next = input_row.begin();
  for (const Batch& batch : input) {
    wanted.clear();
    for (; next != input_row.end() && *next < first + batch.rows(); ++next) wanted.push_back(*next - first);
    first += batch.rows();
    if (wanted.empty()) continue;
    const Batch followers = batch.select(columns);
    const bool all = static_cast<std::int64_t>(wanted.size()) == batch.rows() && wanted.front() == 0 &&
                     std::adjacent_find(wanted.begin(), wanted.end(), [](auto a, auto b) { return b != a + 1; }) == wanted.end();
    parts.push_back(all ? followers : followers.take(wanted));
  }
  return Batch::concat(parts);
}

// Where the columns `wanted` are in `schema`; nothing unless all of them are.
std::vector<std::size_t> same_columns(const Schema& wanted, const Schema& schema) {
  std::vector<std::size_t> columns;
  for (const Field& field : wanted.fields()) {
    const auto found = schema.find(field.name);
    if (!found || schema[*found].type != field.type) return {};
    columns.push_back(*found);
  }
  return columns;
}

std::vector<std::size_t> first_columns(std::size_t count) {
  std::vector<std::size_t> columns(count);
  std::iota(columns.begin(), columns.end(), 0);
  return columns;
}

}  // namespace

StepProgram::StepProgram(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StepProgram::~StepProgram() = default;
StepProgram::StepProgram(StepProgram&&) noexcept = default;
StepProgram& StepProgram::operator=(StepProgram&&) noexcept = default;

std::optional<StepProgram> StepProgram::compile(Session& session, const StepProgramSpec& spec, std::vector<SqlProblem>& problems) {
  auto compiled = StepCompiler(session, spec, problems).compile();
  if (!compiled) return std::nullopt;
  auto impl = std::make_unique<Impl>(std::move(compiled->statement), compiled->statement_schema);
  impl->input = std::move(compiled->input);
  impl->output_schema = std::move(compiled->output_schema);
  impl->window = spec.window;
  impl->columns = compiled->columns;
  impl->expectations = spec.expect.size();
  impl->origin = std::move(compiled->origin);
  if (spec.sql.empty() && spec.expect.empty() && spec.mask.empty() && !spec.window) impl->passing = same_columns(*impl->output_schema, *spec.schema);
  return StepProgram(std::move(impl));
}

Result<StepProgram> StepProgram::compile(Session& session, const StepProgramSpec& spec) {
  std::vector<SqlProblem> problems;
  auto program = compile(session, spec, problems);
  if (program) return std::move(*program);
  const SqlProblem& first = problems.front();
  const bool in_step = first.expectation < 0;
  const auto* expectation = in_step ? nullptr : &spec.expect[static_cast<std::size_t>(first.expectation)];
  std::string where = in_step ? "step " + spec.name : "expectation " + expectation->name;
  if (first.offset) {
    const TextPlace place = place_of(in_step ? spec.sql : expectation->sql, *first.offset);
    where += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  const std::string action = !first.suggestion.empty() ? first.suggestion
                             : first.expected.empty()  ? std::string()
                                                       : "expected: " + first.expected;
  return Error(ErrorKind::invalid_argument, first.message, action, where);
}

const SchemaPtr& StepProgram::output_schema() const { return impl_->output_schema; }

Result<StepOutput> StepProgram::run(std::span<const Batch> input) {
  StepOutput output;
  output.failed_rows.resize(impl_->expectations);
  const auto rows_in = count_rows(input);
  if (!impl_->passing.empty() && rows_in > 0) {
    output.rows = Batch::concat(input).select(impl_->passing);
    output.input_row.resize(static_cast<std::size_t>(rows_in));
    std::iota(output.input_row.begin(), output.input_row.end(), 0);
    return output;
  }
  std::vector<Batch> parts;
  if (rows_in > 0 || impl_->window) {
    RangeRunner runner(impl_->statement, impl_->builder, *impl_->input, input);
    PENSTOCK_TRY(runner.run(0, rows_in, !impl_->window, parts, output.errors));
  }
  if (parts.empty()) {
    output.rows = BatchBuilder(impl_->output_schema).finish();
    output.filtered = impl_->window ? 0 : rows_in - static_cast<std::int64_t>(output.errors.size());
    return output;
  }
  Batch all = Batch::concat(parts);
  if (!impl_->window) {
    all = in_input_order(std::move(all), impl_->row_column());
    const auto number = all.column(impl_->row_column());
    std::int64_t kept = 0;
    output.input_row.reserve(static_cast<std::size_t>(all.rows()));
    for (std::int64_t row = 0; row < all.rows(); ++row) {
      const auto from = number.int64(row);
      if (output.input_row.empty() || output.input_row.back() != from) ++kept;
      output.input_row.push_back(from);
    }
    output.filtered = rows_in - kept - static_cast<std::int64_t>(output.errors.size());
  }
  for (std::size_t expectation = 0; expectation < impl_->expectations; ++expectation) {
    const auto holds = all.column(impl_->first_expectation() + expectation);
    for (std::int64_t row = 0; row < all.rows(); ++row) {
      if (!holds.boolean(row)) output.failed_rows[expectation].push_back(row);
    }
  }
  output.rows = all.select(first_columns(impl_->columns));
  if (!impl_->origin.empty()) output.rows = Batch::join_columns(output.rows, gather(input, impl_->origin, output.input_row));
  return output;
}

}  // namespace penstock
