// Any text as a step's SQL, with an expectation after a line `--- expect`: refused with problems, or compiled; and what
// compiles gives rows that still say from which row of the input they came.

#include <string>

#include "fuzz/planted_crash.h"
#include "record/batch_builder.h"
#include "sql/step_program.h"

namespace {

using namespace penstock;

constexpr std::string_view kMarker = "\n--- expect\n";
constexpr int kInputsPerSession = 200;       // a session keeps a scan for each program

SchemaPtr schema() {
  std::vector<Field> fields{{"id", {TypeKind::varchar}}, {"n", {TypeKind::int32}}, {"price", {TypeKind::decimal, 10, 2}},
                            {"at_time", {TypeKind::timestamp}}, {"doc", {TypeKind::json}}, {"_raw", {TypeKind::blob}}};
  fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
  return std::make_shared<const Schema>(std::move(fields));
}

Batch rows() {
  BatchBuilder builder(schema());
  for (std::int64_t row = 0; row < 3; ++row) {
    if (row == 1) {
      for (std::size_t column = 0; column < 6; ++column) builder[column].append_null();
    } else {
      builder[0].append_bytes(row == 0 ? "12" : "an id that is longer than twelve bytes");
      builder[1].append_int32(static_cast<std::int32_t>(row));
      builder[2].append_decimal({150, 0});
      builder[3].append_int64(row);
      builder[4].append_bytes("{\"a\":[1,2]}");
      builder[5].append_bytes("raw");
    }
    builder[6].append_bytes("source");
    builder[7].append_int32(0);
    builder[8].append_int64(1000 + row);
    builder[9].append_int64(row);
    builder[10].append_int64(row);
  }
  return builder.finish();
}

std::unique_ptr<Session> open_session() {
  auto session = std::move(Session::open({.memory_bytes = 32 << 20})).value();
  const auto ids = std::make_shared<const Schema>(std::vector<Field>{{"id", {TypeKind::int64}}});
  BatchBuilder builder(ids);
  builder[0].append_int64(1);
  const Batch one = builder.finish();
  if (!session->load_table("ref.ids", ids, {&one, 1}).ok()) __builtin_trap();
  return session;
}

void check(bool holds) {
  if (!holds) __builtin_trap();
}

void run(StepProgram& program, const Batch& input) {
  const auto output = program.run({&input, 1});
  if (!output.ok()) return;      // memory
  check(output->rows.rows() == static_cast<std::int64_t>(output->input_row.size()));
  check(*output->rows.schema() == *program.output_schema());
  std::int64_t distinct = 0;
  for (std::int64_t row = 0; row < output->rows.rows(); ++row) {
    const auto from = output->input_row[static_cast<std::size_t>(row)];
    check(output->rows.find(origin::offset)->int64(row) == 1000 + from);
    if (row == 0 || output->input_row[static_cast<std::size_t>(row - 1)] < from) ++distinct;
  }
  check(distinct + output->filtered + static_cast<std::int64_t>(output->errors.size()) == input.rows());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  penstock::fuzz::crash_where_planted(data, size);
  // Never destroyed: at exit DuckDB's own statics go first.
  static auto& session = *new std::unique_ptr<Session>;
  static int inputs = 0;
  static const Batch input = rows();
  if (inputs++ % kInputsPerSession == 0) session = open_session();

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto marker = text.find(kMarker);
  StepProgramSpec spec{.name = "step", .inputs = {"source"}, .schema = schema(), .sql = std::string(text.substr(0, marker))};
  if (marker != std::string_view::npos) spec.expect.push_back({"one", std::string(text.substr(marker + kMarker.size()))});
  std::vector<SqlProblem> problems;
  auto program = StepProgram::compile(*session, spec, problems);
  check(program.has_value() == problems.empty());
  for (const SqlProblem& problem : problems) {
    const std::string& sql = problem.expectation < 0 ? spec.sql : spec.expect.front().sql;
    check(!problem.message.empty() && problem.offset.value_or(0) <= sql.size());
  }
  if (program) run(*program, input);
  return 0;
}
