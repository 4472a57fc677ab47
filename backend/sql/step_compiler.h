#pragma once

// Private to this folder: from a step's SQL texts to the one statement that StepProgram runs.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/input_scan.h"
#include "sql/sql_rules.h"
#include "sql/statement.h"
#include "sql/step_program.h"
#include "sql/step_rewrite.h"

namespace penstock {

class StepCompiler {
 public:
  StepCompiler(Session& session, const StepProgramSpec& spec, std::vector<SqlProblem>& problems);

  struct Compiled {
    Statement statement;
    SchemaPtr statement_schema;
    SchemaPtr output_schema;
    std::shared_ptr<ScanInput> input;
    std::size_t columns = 0;
    std::vector<std::size_t> origin;
  };
  // Nothing when there is any problem.
  std::optional<Compiled> compile();

 private:
  // The SELECT over the scan, with what follows at its end; and its columns.
  struct Inner {
    std::string sql;
    std::vector<Field> fields;            // that the step gives
    std::vector<std::string> names;       // of all columns, so that each can be named: those left out too
  };

  void prepare_input();
  std::optional<Inner> compile_select();
  bool bind_as_written(const std::string& sql);
  std::optional<Inner> read_columns(std::string sql);
  void check_output(const Inner& inner);
  void check_masks(const Inner& inner);
  void check_expectation(int index, const Schema& output);
  std::optional<Compiled> compile_outer(const Inner& inner);
  std::string outer_sql(const Inner& inner) const;
  Schema visible_to_expectations(const Inner& inner) const;
  void report(SqlError error, int expectation, std::size_t skipped);

  Session& session_;
  const StepProgramSpec& spec_;
  std::vector<SqlProblem>& problems_;
  StepInput input_;
  std::shared_ptr<ScanInput> scan_;
  std::vector<std::size_t> origin_;       // columns of the input
  std::vector<std::string> conditions_;   // of the expectations, as they are run
};

}  // namespace penstock
