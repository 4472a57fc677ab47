#pragma once

// Epochs that a child process delivers to a sink until a crash point kills it, and again until all are in: file_kills.h runs it.
//
// Epoch e brings the ids e0 … e9; with mode replay every third epoch first takes away the window of the epoch before and brings it
// again; with mode changes each epoch also moves the rows of the epoch before to its own window, and removes the id -(e - 1)
// after it has made -e.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "backend/sql/rows.h"
#include "io/sink.h"

namespace penstock::test {

inline constexpr std::int64_t kWindowMicros = 60'000'000;

inline const SchemaPtr kRows = make_schema({{"id", {TypeKind::int64}}, {"window_start", {TypeKind::timestamp}}});
inline const SchemaPtr kChanges = make_schema({{"id", {TypeKind::int64}}, {"window_start", {TypeKind::timestamp}}, {"_op", {TypeKind::varchar}}});

inline std::vector<std::string> row_of(std::int64_t id, std::int64_t epoch) { return {std::to_string(id), std::to_string(epoch * kWindowMicros)}; }

inline SinkEpoch make_epoch(std::int64_t epoch, bool replay) {
  SinkEpoch made{.epoch = epoch};
  std::vector<std::vector<std::string>> rows;
  const bool again = replay && epoch % 3 == 0;
  for (std::int64_t id = (again ? epoch - 1 : epoch) * 10; id < epoch * 10 + 10; ++id) rows.push_back(row_of(id, id / 10));
  if (again) made.replaces = {{.column = "window_start", .from = (epoch - 1) * kWindowMicros, .until = epoch * kWindowMicros}};
  made.rows = {make_batch(kRows, rows)};
  return made;
}

inline SinkEpoch make_changes(std::int64_t epoch) {
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](std::int64_t id, const char* op) {
    rows.push_back(row_of(id, epoch));
    rows.back().push_back(op);
  };
  for (std::int64_t id = (epoch > 1 ? epoch - 1 : epoch) * 10; id < epoch * 10 + 10; ++id) add(id, id < epoch * 10 ? "u" : "c");
  add(-epoch, "c");
  if (epoch > 1) add(1 - epoch, "d");
  return {.epoch = epoch, .rows = {make_batch(kChanges, rows)}};
}

// Delivers every epoch up to `epochs` that the sink's marker does not hold yet. What main() returns.
inline int deliver_missing(Sink& sink, const std::string& mode, std::int64_t epochs) {
  const bool changes = mode == "changes";
  const auto opened = sink.open({.state_id = "s", .sink = "crash", .stream = "crash"}, changes ? kChanges : kRows);
  if (!opened.ok()) return std::fprintf(stderr, "%s\n", opened.error().to_string().c_str()), 1;
  for (std::int64_t epoch = opened->value_or(0) + 1; epoch <= epochs; ++epoch) {
    const Status delivered = sink.deliver({changes ? make_changes(epoch) : make_epoch(epoch, mode == "replay")}, [](const auto&) { return Status(); }, {});
    if (!delivered.ok()) return std::fprintf(stderr, "%s\n", delivered.error().to_string().c_str()), 1;
  }
  return 0;
}

}  // namespace penstock::test
