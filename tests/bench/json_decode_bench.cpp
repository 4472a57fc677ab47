// How fast JSON records become columns: 12 fields of point-of-sale events, about 270 bytes each, one thread, beside
// simdjson alone reading the same fields into nothing.

#include <algorithm>
#include <cstdio>

#include "bench/bench_report.h"
#include "bench/simdjson_alone.h"
#include "connectors/json/json_decoder.h"
#include "connectors/simulate/simulate_connector.h"
#include "io/json_schema_contract.h"

using namespace penstock;

namespace {

constexpr std::int64_t kRows = 50'000;
constexpr int kRounds = 20;

constexpr const char* kContract = R"({"type":"object","properties":{
  "event_id":{"type":"string"},"store_id":{"type":"integer"},"register":{"type":"integer"},"cashier_id":{"type":"string"},
  "sku":{"type":"string"},"qty":{"type":"integer"},"unit_price":{"type":"number","multipleOf":0.01},
  "discount":{"type":"number","multipleOf":0.01},"currency":{"type":"string"},"payment_method":{"type":"string"},
  "customer_email":{"type":"string"},"sold_at":{"type":"string","format":"date-time"}},
  "required":["event_id","store_id","register","cashier_id","sku","qty","unit_price","discount","currency","payment_method",
  "customer_email","sold_at"]})";

RawBatch make_records() {
  Setting root{.kind = Setting::Kind::map};
  for (const auto& [key, value] : {std::pair{"system", "pos_sales"}, {"start_at", "2026-01-01T00:00:00Z"}, {"rate", "1000"}})
    root.entries.emplace_back(key, Setting{.kind = Setting::Kind::text, .text = value});
  auto source = simulate_connector().make_source({}, Settings(root), {});
  RawBatch records;
  if (!(*source)->assign({{0, 0, {}}, {1, 0, {}}, {2, 0, {}}, {3, 0, {}}}).ok()) return records;
  if (!(*source)->poll(records, {.rows = kRows}, {}).ok()) records.clear();
  records.pad();
  return records;
}

// Best of the rounds, in rows per CPU second.
template <typename Work>
double rows_per_second(Work work) {
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = bench::cpu_seconds();
    work();
    best = std::max(best, static_cast<double>(kRows) / std::max(bench::cpu_seconds() - start, 1e-9));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  RawBatch records = make_records();
  const auto contract = parse_json_schema_contract(kContract, "bench");
  auto decoder = make_json_decoder(*contract);
  BatchBuilder columns((*decoder)->schema());
  std::size_t failures = 0;
  const double decoded = rows_per_second([&] {
    failures += (*decoder)->decode(records, columns).failures.size();
    columns.finish();
  });
  simdjson::ondemand::parser parser;
  std::uint64_t sum = 0;
  const double floor = rows_per_second([&] { sum += bench::read_with_simdjson_alone(records, parser); });
  if (records.rows() != kRows || failures != 0 || sum == 0) {
    std::fprintf(stderr, "%lld records, %zu could not be decoded\n", static_cast<long long>(records.rows()), failures);
    return 1;
  }
  bench::print({.benchmark = "json_decode",
                .metrics = {{"decode to columns, one thread", decoded, "rows/CPU s", ">= 1000000"}},
                .floors = {{"simdjson alone, the same fields", floor, "rows/CPU s", ""}},
                .conditions = {{"bytes a record", std::to_string(records.values().size() / static_cast<std::size_t>(kRows))}, {"fields", "12"}}},
               argc, argv);
  return 0;
}
