// What a Parquet file costs: 9 columns of silver sales, from one row to 250,000, with fsync and Delta's statistics.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/ids.h"
#include "bench/bench_report.h"
#include "record/batch_builder.h"
#include "sql/parquet_files.h"

using namespace penstock;

namespace {

SchemaPtr silver_schema() {
  return std::make_shared<const Schema>(std::vector<Field>{
      {"event_id", {TypeKind::varchar}}, {"store_id", {TypeKind::int32}}, {"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int32}},
      {"unit_price", {TypeKind::decimal, 10, 2}}, {"sold_at", {TypeKind::timestamp}}, {"_source", {TypeKind::varchar}},
      {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
}

std::vector<Batch> make_silver(std::int64_t rows) {
  BatchBuilder builder(silver_schema());
  std::vector<Batch> batches;
  for (std::int64_t row = 0; row < rows; ++row) {
    builder[0].append_bytes("event-00000000-" + std::to_string(row));
    builder[1].append_int32(static_cast<std::int32_t>(row % 12));
    builder[2].append_bytes("SKU-" + std::to_string(row % 500));
    builder[3].append_int32(static_cast<std::int32_t>(row % 7));
    builder[4].append_decimal({static_cast<std::uint64_t>(row % 10'000), 0});
    builder[5].append_int64(1'763'649'127'000'000 + row);
    builder[6].append_bytes("pos.sales");
    builder[7].append_int32(static_cast<std::int32_t>(row % 4));
    builder[8].append_int64(row / 4);
    if (builder.rows() == kMaxBatchRows) batches.push_back(builder.finish());
  }
  if (builder.rows() > 0) batches.push_back(builder.finish());
  return batches;
}

struct Cost {
  double cpu_seconds = 1e9;
  std::int64_t bytes = 0;
};

// Best of `rounds`.
Cost write(Parquet& parquet, const std::vector<Batch>& rows, const std::string& compression, const std::string& folder, int rounds) {
  Cost cost;
  for (int round = 0; round < rounds; ++round) {
    const std::string path = folder + "/" + compression + std::to_string(round) + ".parquet";
    const double start = bench::cpu_seconds();
    const auto file = parquet.write(rows, silver_schema(), path, {.compression = compression});
    if (!file.ok()) {
      std::fprintf(stderr, "%s\n", file.error().to_string().c_str());
      std::exit(1);
    }
    cost.cpu_seconds = std::min(cost.cpu_seconds, bench::cpu_seconds() - start);
    cost.bytes = file->bytes;
    std::filesystem::remove(path);
  }
  return cost;
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = std::filesystem::temp_directory_path() / ("penstock-parquet-bench-" + random_id());
  std::filesystem::create_directories(folder);
  auto parquet = std::move(make_parquet_files()).value();
  constexpr std::int64_t kRows = 250'000;
  const auto one = make_silver(1), many = make_silver(kRows);
  bench::Report report{.benchmark = "parquet", .conditions = {{"columns", std::to_string(silver_schema()->size())}, {"row group", "65,536 rows"}}};
  report.metrics.push_back({"a file of one row", write(*parquet, one, "snappy", folder.string(), 100).cpu_seconds * 1e3, "ms CPU", ""});
  for (const char* compression : {"snappy", "lz4_raw", "zstd", "uncompressed"}) {
    const Cost cost = write(*parquet, many, compression, folder.string(), 5);
    report.metrics.push_back({std::string(compression) + ", 250,000 rows", cost.cpu_seconds * 1e6 / kRows, "us CPU a row", ""});
    report.metrics.push_back({std::string(compression) + ", size", static_cast<double>(cost.bytes) / kRows, "bytes a row", ""});
  }
  std::filesystem::remove_all(folder);
  bench::print(report, argc, argv);
  return 0;
}
