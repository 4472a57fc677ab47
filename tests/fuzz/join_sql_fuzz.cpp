// Any text as the condition of a join, with its select list after a line `--- select`: refused with problems that stand in their
// text, or taken apart; and what is taken apart compiles, or says why, and runs over joined rows.

#include <string>

#include "fuzz/planted_crash.h"
#include "record/batch_builder.h"
#include "sql/join_plan.h"

namespace {

using namespace penstock;

constexpr std::string_view kMarker = "\n--- select\n";
constexpr int kInputsPerSession = 200;       // a session keeps a scan for each program

Schema side(const char* number, TypeKind kind) {
  std::vector<Field> fields{{"id", {TypeKind::varchar}}, {number, {kind}}, {"price", {TypeKind::decimal, 10, 2}}, {"ts", {TypeKind::timestamp}}};
  fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
  return Schema(std::move(fields));
}

void check(bool holds) {
  if (!holds) __builtin_trap();
}

Batch one_row_of_nulls(const SchemaPtr& schema) {
  BatchBuilder builder(schema);
  for (std::size_t column = 0; column < schema->size(); ++column) builder[column].append_null();
  return builder.finish();
}

void run(Session& session, const StepProgramSpec& spec) {
  std::vector<SqlProblem> problems;
  auto program = StepProgram::compile(session, spec, problems);
  check(program.has_value() == problems.empty());
  if (!program) return;
  const Batch row = one_row_of_nulls(spec.schema);
  const auto output = program->run({&row, 1});
  if (output.ok()) check(output->rows.rows() == static_cast<std::int64_t>(output->input_row.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  // Never destroyed: at exit DuckDB's own statics go first.
  static auto& session = *new std::unique_ptr<Session>;
  static int inputs = 0;
  static const Schema left = side("n", TypeKind::int32), right = side("m", TypeKind::int64);
  if (inputs++ % kInputsPerSession == 0) session = std::move(Session::open({.memory_bytes = 32 << 20})).value();

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto marker = text.find(kMarker);
  StepSpec step;
  step.name = "step";
  step.join.emplace();
  step.join->left.from = "bids";
  step.join->right.from = "auctions";
  step.join->on = text.substr(0, marker);
  if (marker != std::string_view::npos) step.join->select = text.substr(marker + kMarker.size());
  std::vector<SqlProblem> problems;
  const auto plan = plan_join(*session, step, left, right, problems);
  check(plan.has_value() == problems.empty());
  for (const SqlProblem& problem : problems) {
    const std::string& of = problem.in_on ? step.join->on : step.join->select;
    check(!problem.message.empty() && problem.offset.value_or(0) <= of.size());
  }
  if (!plan) return 0;
  check(!plan->left_keys.empty() && plan->left_keys.size() == plan->right_keys.size());
  if (plan->condition) run(*session, *plan->condition);
  run(*session, plan->output);
  return 0;
}
