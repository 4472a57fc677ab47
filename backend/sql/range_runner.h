#pragma once

// Private to this folder: a statement over the rows of its scan.

#include <span>
#include <vector>

#include "sql/input_scan.h"
#include "sql/statement.h"
#include "sql/step_program.h"

namespace penstock {

// Runs ranges of the input, halving those that fail until single rows stand alone.
class RangeRunner {
 public:
  RangeRunner(Statement& statement, BatchBuilder& builder, ScanInput& scan, std::span<const Batch> input)
      : statement_(statement), builder_(builder), scan_(scan), input_(input) {}

  // Appends the rows of what could be computed to `parts`.
  Status run(std::int64_t first, std::int64_t rows, bool may_split, std::vector<Batch>& parts, std::vector<RowError>& errors);

 private:
  Statement& statement_;
  BatchBuilder& builder_;
  ScanInput& scan_;
  std::span<const Batch> input_;
};

std::int64_t count_rows(std::span<const Batch> batches);

}  // namespace penstock
