// What a step's SQL costs: a projection with two expectations, a known-store lookup and a masked column over
// point-of-sale events, run for one row at a time and for whole batches; beside it what other steps cost.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/ids.h"
#include "bench/bench_report.h"
#include "record/batch_builder.h"
#include "sql/step_program.h"

using namespace penstock;

namespace {

SchemaPtr sales_schema() {
  std::vector<Field> fields{{"event_id", {TypeKind::varchar}}, {"store_id", {TypeKind::int32}}, {"sku", {TypeKind::varchar}},
                            {"qty", {TypeKind::int32}}, {"unit_price", {TypeKind::decimal, 10, 2}}, {"customer_email", {TypeKind::varchar}},
                            {"sold_at", {TypeKind::timestamp}}, {"_raw", {TypeKind::blob}}};
  fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
  return std::make_shared<const Schema>(std::move(fields));
}

Batch make_sales(std::int64_t rows) {
  BatchBuilder builder(sales_schema());
  const std::string raw(270, 'r');
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::string number = std::to_string(row);
    builder[0].append_bytes("event-00000000-" + number);
    builder[1].append_int32(static_cast<std::int32_t>(row % 12));
    builder[2].append_bytes("sku-" + std::to_string(row % 500));
    builder[3].append_int32(static_cast<std::int32_t>(row % 7));
    builder[4].append_decimal({static_cast<std::uint64_t>(row % 10'000), 0});
    builder[5].append_bytes("customer" + number + "@example.com");
    builder[6].append_int64(1'763'649'127'000'000 + row);
    builder[7].append_bytes(raw);
    builder[8].append_bytes("pos.sales");
    builder[9].append_int32(0);
    builder[10].append_int64(row);
    builder[11].append_int64(1'763'649'127'000'000 + row);
    builder[12].append_int64(1'763'649'127'100'000 + row);
  }
  return builder.finish();
}

StepProgram compile(Session& session, const std::string& sql, std::vector<ExpectationSpec> expect, std::vector<std::string> mask) {
  auto program = StepProgram::compile(session, {.name = "silver", .inputs = {"bronze"}, .schema = sales_schema(), .sql = sql,
                                                .expect = std::move(expect), .mask = std::move(mask)});
  if (!program.ok()) {
    std::fprintf(stderr, "%s\n", program.error().to_string().c_str());
    std::exit(1);
  }
  return std::move(program).value();
}

// Best of ten rounds of `runs`, in CPU microseconds a run.
double micros_per_run(StepProgram& program, const Batch& rows, int runs) {
  double best = 1e12;
  for (int round = 0; round < 10; ++round) {
    const double start = bench::cpu_seconds();
    for (int run = 0; run < runs; ++run) {
      if (!program.run({&rows, 1}).ok()) std::exit(1);
    }
    best = std::min(best, (bench::cpu_seconds() - start) * 1e6 / runs);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  auto session = std::move(Session::open()).value();
  const auto stores_schema = std::make_shared<const Schema>(std::vector<Field>{{"id", {TypeKind::int64}}});
  BatchBuilder stores(stores_schema);
  for (int id = 0; id < 12; ++id) stores[0].append_int64(id);
  const Batch store_rows = stores.finish();
  if (!session->load_table("ref.stores", stores_schema, {&store_rows, 1}).ok()) return 1;

  // The same stores as a seed, which a step looks up otherwise than a table.
  const auto seed = std::filesystem::temp_directory_path() / ("penstock-seed-" + random_id() + ".csv");
  std::ofstream csv(seed);
  csv << "id,city\n";
  for (int id = 0; id < 12; ++id) csv << id << ",Lyon\n";
  csv.close();
  if (!session->load_seed("ref.shops", seed.string()).ok()) return 1;
  std::filesystem::remove(seed);

  const std::string sql = "SELECT event_id, store_id, upper(sku) AS sku, qty, unit_price, sold_at FROM bronze";
  const ExpectationSpec positive{"qty_positive", "qty >= 0"}, plausible{"plausible", "unit_price < 1000"},
      known{"known_store", "store_id IN (SELECT id FROM ref.stores)"}, seeded{"known_shop", "store_id IN (SELECT id FROM ref.shops)"};
  auto plain = compile(*session, sql, {positive, plausible}, {});
  auto full = compile(*session, sql, {positive, plausible, known}, {});
  auto with_seed = compile(*session, sql, {positive, plausible, seeded}, {});
  auto masked = compile(*session, "SELECT event_id, customer_email FROM bronze", {}, {"customer_email"});
  auto filtered = compile(*session, sql + " WHERE qty > 0", {positive, plausible}, {});
  const Batch one = make_sales(1), many = make_sales(kMaxBatchRows);
  const auto per_row = [&](StepProgram& program) { return micros_per_run(program, many, 3) / static_cast<double>(kMaxBatchRows); };

  bench::print({.benchmark = "one_row_step",
                .metrics = {{"one row: projection, 2 expectations", micros_per_run(plain, one, 300), "us CPU", "<= 250"},
                            {"one row: and a lookup in a seed", micros_per_run(with_seed, one, 300), "us CPU", "<= 250"},
                            {"one row: and a lookup in a table", micros_per_run(full, one, 300), "us CPU", ""},
                            {"65,536 rows: projection, 2 expectations", per_row(plain), "us CPU a row", ""},
                            {"65,536 rows: a seventh filtered out", per_row(filtered), "us CPU a row", ""},
                            {"65,536 rows: and a lookup in a seed", per_row(with_seed), "us CPU a row", ""},
                            {"65,536 rows: and a lookup in a table", per_row(full), "us CPU a row", ""},
                            {"65,536 rows: one masked column", per_row(masked), "us CPU a row", ""}},
                .conditions = {{"columns in", std::to_string(sales_schema()->size())}, {"DuckDB threads", "1"}}},
               argc, argv);
  return 0;
}
