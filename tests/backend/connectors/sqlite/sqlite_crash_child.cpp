// sqlite_crash_child FILE MODE EPOCHS: delivers to table "crash" of FILE every epoch that its marker does not hold yet.
// Epoch e brings the ids e0 … e9; with MODE replay every third epoch first takes away the window of the epoch before and
// brings it again; with MODE changes each epoch also moves the rows of the epoch before to its own window, and removes the
// id -(e - 1) after it has made -e. Ends with 0 when all are in; a crash point may kill it before.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "backend/sql/rows.h"
#include "connectors/sqlite/sqlite_sink.h"

using namespace penstock;

namespace {

constexpr std::int64_t kWindowMicros = 60'000'000;

const SchemaPtr kRows = test::make_schema({{"id", {TypeKind::int64}}, {"window_start", {TypeKind::timestamp}}});
const SchemaPtr kChanges = test::make_schema({{"id", {TypeKind::int64}}, {"window_start", {TypeKind::timestamp}}, {"_op", {TypeKind::varchar}}});

std::vector<std::string> row_of(std::int64_t id, std::int64_t epoch) { return {std::to_string(id), std::to_string(epoch * kWindowMicros)}; }

SinkEpoch make_epoch(std::int64_t epoch, bool replay) {
  SinkEpoch made{.epoch = epoch};
  std::vector<std::vector<std::string>> rows;
  const bool again = replay && epoch % 3 == 0;
  for (std::int64_t id = (again ? epoch - 1 : epoch) * 10; id < epoch * 10 + 10; ++id) rows.push_back(row_of(id, id / 10));
  if (again) made.replaces = {{.column = "window_start", .from = (epoch - 1) * kWindowMicros, .until = epoch * kWindowMicros}};
  made.rows = {test::make_batch(kRows, rows)};
  return made;
}

SinkEpoch make_changes(std::int64_t epoch) {
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](std::int64_t id, const char* op) {
    rows.push_back(row_of(id, epoch));
    rows.back().push_back(op);
  };
  for (std::int64_t id = (epoch > 1 ? epoch - 1 : epoch) * 10; id < epoch * 10 + 10; ++id) add(id, id < epoch * 10 ? "u" : "c");
  add(-epoch, "c");
  if (epoch > 1) add(1 - epoch, "d");
  return {.epoch = epoch, .rows = {test::make_batch(kChanges, rows)}};
}

}  // namespace

int main(int, char** arguments) {
  const std::string mode = arguments[2];
  const std::int64_t epochs = std::atoll(arguments[3]);
  const bool changes = mode == "changes";
  SqliteSinkOptions options{.path = arguments[1], .table = "crash"};
  if (changes) options.key = {"id"};
  SqliteSink sink(options);
  const auto opened = sink.open({.state_id = "s", .sink = "crash", .stream = "crash"}, changes ? kChanges : kRows);
  if (!opened.ok()) return std::fprintf(stderr, "%s\n", opened.error().to_string().c_str()), 1;
  for (std::int64_t epoch = opened->value_or(0) + 1; epoch <= epochs; ++epoch) {
    const Status delivered = sink.deliver({changes ? make_changes(epoch) : make_epoch(epoch, mode == "replay")}, [](const auto&) { return Status(); }, {});
    if (!delivered.ok()) return std::fprintf(stderr, "%s\n", delivered.error().to_string().c_str()), 1;
  }
  return 0;
}
