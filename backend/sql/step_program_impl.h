#pragma once

// Private to this folder: what the compiler hands to StepProgram.

#include "sql/input_scan.h"
#include "sql/statement.h"
#include "sql/step_program.h"

namespace penstock {

struct StepProgram::Impl {
  // The statement gives the SELECT's columns, then (row-wise) the input row's number, then one boolean per
  // expectation: true where it holds.
  Impl(Statement statement, SchemaPtr statement_schema) : statement(std::move(statement)), builder(std::move(statement_schema)) {}

  Statement statement;
  BatchBuilder builder;
  std::shared_ptr<ScanInput> input;
  SchemaPtr output_schema;
  bool window = false;
  std::size_t columns = 0;                     // that the SELECT gives
  std::size_t expectations = 0;
  std::vector<std::size_t> origin;             // columns of the input that follow
  std::vector<std::size_t> passing;            // a step that only hands on: its output is these columns of its input

  std::size_t row_column() const { return columns; }
  std::size_t first_expectation() const { return columns + (window ? 0 : 1); }
};

}  // namespace penstock
