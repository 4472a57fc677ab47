// postgres_crash_child PORT MODE EPOCHS: delivers to table "crash" every epoch that its marker does not hold yet.
// Epoch e brings rows (e, 0) … (e, 9); with MODE replay every third epoch first takes away the window of the epoch
// before and brings it again; with MODE changes each epoch also updates the rows of the epoch before to n = 1000 + n, and
// removes the id -(e - 1) after it has made -e. Ends with 0 when all are in; a crash point may kill it before.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "backend/sql/rows.h"
#include "connectors/postgres/postgres_sink.h"

using namespace penstock;

namespace {

constexpr std::int64_t kWindowMicros = 60'000'000;

const SchemaPtr kSchema = test::make_schema({{"id", {TypeKind::int64}}, {"n", {TypeKind::int32}}, {"window_start", {TypeKind::timestamp}}});

const SchemaPtr kChanges = test::make_schema(
    {{"id", {TypeKind::int64}}, {"n", {TypeKind::int32}}, {"window_start", {TypeKind::timestamp}}, {"_op", {TypeKind::varchar}}});

std::vector<std::vector<std::string>> rows_of(std::int64_t epoch) {
  std::vector<std::vector<std::string>> rows;
  for (int n = 0; n < 10; ++n) rows.push_back({std::to_string(epoch * 10 + n), std::to_string(n), std::to_string(epoch * kWindowMicros)});
  return rows;
}

SinkEpoch make_changes(std::int64_t epoch) {
  std::vector<std::vector<std::string>> rows = rows_of(epoch);
  for (auto& row : rows) row.push_back("c");
  if (epoch > 1)
    for (auto& row : rows_of(epoch - 1)) rows.push_back({row[0], "1" + std::string(3 - row[1].size(), '0') + row[1], row[2], "u"});
  rows.push_back({std::to_string(-epoch), "0", "0", "c"});
  if (epoch > 1) rows.push_back({std::to_string(1 - epoch), "NULL", "NULL", "d"});
  return {.epoch = epoch, .rows = {test::make_batch(kChanges, rows)}};
}

SinkEpoch make_epoch(std::int64_t epoch, bool replay) {
  SinkEpoch made{.epoch = epoch, .rows = {test::make_batch(kSchema, rows_of(epoch))}};
  if (replay && epoch % 3 == 0) {
    made.rows.push_back(test::make_batch(kSchema, rows_of(epoch - 1)));
    made.replaces = {{.column = "window_start", .from = (epoch - 1) * kWindowMicros, .until = epoch * kWindowMicros}};
  }
  return made;
}

}  // namespace

int main(int, char** arguments) {
  const std::string mode = arguments[2];
  const std::int64_t epochs = std::atoll(arguments[3]);
  PostgresSinkOptions options;
  options.connection = {.host = "127.0.0.1", .port = std::atoi(arguments[1]), .database = "shop", .user = "penstock", .password = "penstock", .ssl_mode = "disable"};
  options.table = {.schema = "public", .table = "crash_" + mode};
  const bool changes = mode == "changes";
  if (mode == "upsert" || changes) {
    options.mode = PostgresMode::upsert;
    options.key = {"id"};
  }
  PostgresSink sink(options);
  const auto opened = sink.open({.state_id = "s", .sink = "crash_" + mode, .stream = "crash"}, changes ? kChanges : kSchema);
  if (!opened.ok()) return std::fprintf(stderr, "%s\n", opened.error().to_string().c_str()), 1;
  for (std::int64_t epoch = opened->value_or(0) + 1; epoch <= epochs; ++epoch) {
    const Status delivered = sink.deliver({changes ? make_changes(epoch) : make_epoch(epoch, mode == "replay")}, [](const auto&) { return Status(); }, {});
    if (!delivered.ok()) return std::fprintf(stderr, "%s\n", delivered.error().to_string().c_str()), 1;
  }
  return 0;
}
