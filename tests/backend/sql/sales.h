#pragma once

// The stream that the tests of steps run over: point-of-sale events with their origin, and two tables.

#include <memory>

#include "backend/sql/rows.h"
#include "sql/step_program.h"

namespace penstock::test {

inline SchemaPtr sales_schema() {
  return make_schema({{"event_id", {TypeKind::varchar}},
                      {"store_id", {TypeKind::int32}},
                      {"sku", {TypeKind::varchar}},
                      {"qty", {TypeKind::int32}},
                      {"unit_price", {TypeKind::decimal, 10, 2}},
                      {"sold_at", {TypeKind::timestamp}},
                      {"items", {TypeKind::json}},
                      {"_raw", {TypeKind::blob}},
                      {"_key", {TypeKind::blob}},
                      {"_headers", {TypeKind::json}},
                      {"_source", {TypeKind::varchar}, false},
                      {"_partition", {TypeKind::int32}, false},
                      {"_offset", {TypeKind::int64}, false},
                      {"_source_time", {TypeKind::timestamp}, false},
                      {"_ingest_time", {TypeKind::timestamp}, false}});
}

// event_id, store_id, sku, qty, unit_price in cents; the rest follows from the row's number.
inline Batch sales(const std::vector<std::vector<std::string>>& rows, std::int64_t first_offset = 100) {
  std::vector<std::vector<std::string>> full;
  for (auto row : rows) {
    const auto offset = std::to_string(first_offset++);
    row.insert(row.end(), {offset + "000000", "[1,2]", "raw " + offset, "key", "{}", "pos.sales", "3", offset, offset + "000001", offset + "000002"});
    full.push_back(std::move(row));
  }
  return make_batch(sales_schema(), full);
}

inline std::unique_ptr<Session> session_with_tables() {
  auto session = std::move(Session::open()).value();
  const auto stores = make_schema({{"id", {TypeKind::int64}}, {"city", {TypeKind::varchar}}});
  const Batch rows = make_batch(stores, {{"1", "Lyon"}, {"2", "Oslo"}, {"NULL", "Nowhere"}});
  if (!session->load_table("ref.stores", stores, {&rows, 1}).ok()) qFatal("no ref.stores");
  return session;
}

inline StepProgramSpec step(std::string sql, std::vector<ExpectationSpec> expect = {}, std::vector<std::string> mask = {}) {
  return {.name = "silver", .inputs = {"bronze"}, .schema = sales_schema(), .sql = std::move(sql),
          .expect = std::move(expect), .mask = std::move(mask)};
}

}  // namespace penstock::test
