// delta_crash_child FOLDER MODE EPOCHS: delivers to the table in FOLDER every epoch that its marker does not hold yet.
// Epoch e brings the ids e0 … e9; with MODE replay every third epoch first takes away the window of the epoch before
// and brings it again; with MODE upsert each epoch also moves the rows of the epoch before to its own window, and removes
// the id -(e - 1) after it has made -e. Ends with 0 when all are in, with 3 and the kind of the error on stdout when a call fails; a
// crash point may kill it before.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "backend/sql/rows.h"
#include "connectors/delta/delta_sink.h"
#include "sql/parquet_files.h"

using namespace penstock;

namespace {

constexpr std::int64_t kWindowMicros = 60'000'000;

const SchemaPtr kSchema = test::make_schema({{"id", {TypeKind::int64}}, {"window_start", {TypeKind::timestamp}}});

const SchemaPtr kChanges = test::make_schema({{"id", {TypeKind::int64}}, {"window_start", {TypeKind::timestamp}}, {"_op", {TypeKind::varchar}}});

Batch changes_of(std::int64_t epoch) {
  std::vector<std::vector<std::string>> rows;
  const std::string window = std::to_string(epoch * kWindowMicros);
  for (int n = epoch > 1 ? -10 : 0; n < 10; ++n) rows.push_back({std::to_string(epoch * 10 + n), window, n < 0 ? "u" : "c"});
  rows.push_back({std::to_string(-epoch), window, "c"});
  if (epoch > 1) rows.push_back({std::to_string(1 - epoch), "NULL", "d"});
  return test::make_batch(kChanges, rows);
}

Batch rows_of(std::int64_t epoch) {
  std::vector<std::vector<std::string>> rows;
  for (int n = 0; n < 10; ++n) rows.push_back({std::to_string(epoch * 10 + n), std::to_string(epoch * kWindowMicros)});
  return test::make_batch(kSchema, rows);
}

SinkEpoch make_epoch(std::int64_t epoch, bool replay, bool upsert) {
  if (upsert) return {.epoch = epoch, .rows = {changes_of(epoch)}};
  SinkEpoch made{.epoch = epoch, .rows = {rows_of(epoch)}};
  if (replay && epoch % 3 == 0) {
    made.rows.push_back(rows_of(epoch - 1));
    made.replaces = {{.column = "window_start", .from = (epoch - 1) * kWindowMicros, .until = epoch * kWindowMicros}};
  }
  return made;
}

int failed(const Error& error) {
  std::puts(name_of(error.kind));
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  return 3;
}

}  // namespace

int main(int, char** arguments) {
  const bool replay = std::string(arguments[2]) == "replay", upsert = std::string(arguments[2]) == "upsert";
  const std::int64_t epochs = std::atoll(arguments[3]);
  const auto parquet = make_parquet_files();
  if (!parquet.ok()) return failed(parquet.error());
  DeltaSinkOptions options;
  options.folder = arguments[1];
  options.table = "silver.crash";
  if (upsert) options.key = {"id"}, options.bucket_bytes = 1'000;
  DeltaSink sink(options, parquet->get(), &Clock::system());
  const auto opened = sink.open({.state_id = "s", .sink = "silver.delta", .stream = "crash"}, upsert ? kChanges : kSchema);
  if (!opened.ok()) return failed(opened.error());
  for (std::int64_t epoch = opened->value_or(0) + 1; epoch <= epochs; ++epoch) {
    const Status delivered = sink.deliver({make_epoch(epoch, replay, upsert)}, [](const auto&) { return Status(); }, {});
    if (!delivered.ok()) return failed(delivered.error());
  }
  return 0;
}
