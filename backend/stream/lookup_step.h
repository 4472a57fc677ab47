#pragma once

// A table beside a step's rows: each row gets the columns of at most one row of the table, as sql/lookup_plan.h lays them out.
// The table's rows are held in memory, found by the hash of their key, and are replaced as a whole between two epochs.
// Not thread-safe.

#include <memory>
#include <vector>

#include "sql/lookup_plan.h"
#include "stream/flow.h"
#include "stream/row_key.h"

namespace penstock {

class LookupStep {
 public:
  // `table`: its columns. Errors say where in the workspace.
  static Result<std::unique_ptr<LookupStep>> compile(const LookupSpec& spec, const Schema& rows, SchemaPtr table);
  ~LookupStep();

  const LookupSpec& spec() const { return spec_; }
  const SchemaPtr& table_schema() const { return table_; }
  const SchemaPtr& output_schema() const { return plan_.schema; }

  // What the table holds, with its columns. Without `as_of` the newest row of a key is the one that counts: that with the latest
  // `_source_time`, then `_ingest_time`, then `_offset`, as far as the table has them.
  void load(std::vector<Batch> rows);
  // As many rows, in their order.
  Batch run(const Batch& rows) const;

 private:
  struct Index;
  LookupStep(const LookupSpec& spec, LookupPlan plan, SchemaPtr table);
  EpochRecords::Place find(const KeyHash& key, std::optional<std::int64_t> time) const;

  // Constant after compile().
  const LookupSpec spec_;
  const LookupPlan plan_;
  const SchemaPtr table_;
  SchemaPtr added_;                  // the columns that rows get

  std::vector<Batch> rows_;          // of added_
  std::unique_ptr<Index> index_;
};

}  // namespace penstock
