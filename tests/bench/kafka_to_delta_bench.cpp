// Kafka JSON (270 B, 12 fields, 4 partitions) from a backlog to a bronze and a deduplicated silver Delta table, beside
// what librdkafka, simdjson and Parquet alone do with the same records. `--rows N`, `--no-floors`.

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <mutex>

#include "bench/bench_report.h"
#include "bench/kafka_floors.h"
#include "engine/connectors.h"
#include "stream/pod_runtime.h"
#include "support/kafka_server.h"
#include "workspace/loader.h"

using namespace penstock;

namespace {

std::int64_t rows_given = 3'000'000;

int failed(const std::string& reason) {
  std::fprintf(stderr, "%s\n", reason.c_str());
  return 1;
}

// Runs a stream until its source holds nothing that was not taken; the seconds that took.
double run(PodRuntime& pod, const std::shared_ptr<const Workspace>& workspace, const std::string& stream, const QString& folder, std::string& wrong) {
  const auto began = std::chrono::steady_clock::now();
  const auto started = pod.start({.workspace = workspace, .stream = stream, .version = 1, .state_root = folder.toStdString() + "/state",
                                  .tables_root = folder.toStdString() + "/tables"});
  if (!started.ok()) {
    wrong = started.error().to_string();
    return 0;
  }
  std::mutex mutex;
  std::condition_variable changed;
  pod.on_change([&] { changed.notify_all(); });
  std::unique_lock lock(mutex);
  while (true) {
    const PodReport all = pod.report();
    const auto found = std::find_if(all.streams.begin(), all.streams.end(), [&](const StreamReport& report) { return report.stream == stream; });
    if (found->status == PipelineStatus::failing) wrong = found->reason;
    if (found->rows_in >= rows_given || !wrong.empty()) break;
    changed.wait_for(lock, std::chrono::milliseconds(20));
  }
  pod.on_change({});
  lock.unlock();
  if (wrong.empty())
    if (const auto drained = pod.stop(stream, {.drain = true}); !drained.ok()) wrong = drained.error().to_string();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

int main(int argc, char** argv) {
  rows_given = bench::number_after(argc, argv, "--rows", rows_given);
  test::KafkaServer kafka;
  if (const QString wrong = kafka.start(); !wrong.isEmpty()) return failed(wrong.toStdString());
  QTemporaryDir folder;
  QDir().mkpath(folder.filePath("workspace/pipelines"));
  QDir().mkpath(folder.filePath("workspace/contracts"));
  const std::string root = folder.filePath("workspace").toStdString();
  QFile::copy(qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/minimal/contracts/pos_sale.avsc", folder.filePath("workspace/contracts/pos_sale.avsc"));
  std::ofstream(root + "/penstock.yaml") << "workspace: bench\n";
  std::ofstream(root + "/connections.yaml") << "hub: { kafka: { brokers: \"" << kafka.brokers() << "\" } }\n";
  std::ofstream(root + "/pipelines/streams.yaml")
      << "stream: produce\n"
         "source:\n"
         "  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 1, rate: 2000, partitions: 4, diurnal: false,\n"
         "              start_at: \"2020-01-01T00:00:00Z\", limit: " << rows_given << " }\n"
         "steps:\n"
         "  rows: { sql: \"SELECT event_id, store_id, register, cashier_id, sku, qty, unit_price, discount, currency, payment_method, customer_email, epoch_us(sold_at) AS sold_at FROM source\" }\n"
         "sinks:\n"
         "  - { from: rows, kafka: { connection: hub, topic: pos.sales } }\n"
         "---\n"
         "stream: land\n"
         "source:\n"
         "  kafka: { connection: hub, topic: pos.sales, contract: contracts/pos_sale.avsc, format: json, start: earliest }\n"
         "flush: 1s\n"
         "steps:\n"
         "  bronze: { land: bronze.pos_sales }\n"
         "  silver:\n"
         "    sql: SELECT event_id, store_id, upper(sku) AS sku, qty, unit_price, sold_at FROM bronze\n"
         "    expect: { qty_positive: { sql: \"qty > 0\", on_fail: quarantine } }\n"
         "    dedupe: { key: event_id, within: 10m }\n"
         "    land: silver.sales\n";
  const ConnectorCatalog catalog = all_connectors(folder.filePath("state").toStdString());
  LoadResult loaded = load_workspace(root, "", declarations_of(catalog));
  if (!loaded.problems.empty()) return failed(loaded.problems.front().to_string());
  const auto workspace = std::make_shared<const Workspace>(std::move(loaded.workspace));

  PodRuntime pod(catalog, {.pod = "bench", .memory_bytes = 512 << 20});
  std::string wrong;
  run(pod, workspace, "produce", folder.path(), wrong);
  if (!wrong.empty()) return failed(wrong);
  // Before, because a broker that has just started compiles itself while it is read for the first time.
  std::vector<bench::Metric> floors;
  if (std::none_of(argv, argv + argc, [](const char* argument) { return std::strcmp(argument, "--no-floors") == 0; })) {
    auto measured = bench::measure_floors({kafka.brokers(), "pos.sales", rows_given, root + "/contracts/pos_sale.avsc", folder.path().toStdString()});
    if (!measured.ok()) return failed(measured.error().to_string());
    floors = std::move(*measured);
  }
  const double cpu = bench::cpu_seconds();
  const double seconds = run(pod, workspace, "land", folder.path(), wrong);
  const double spent = bench::cpu_seconds() - cpu;
  if (!wrong.empty()) return failed(wrong);
  bench::print({.benchmark = "kafka_to_delta",
                .metrics = {{"rows from a backlog", static_cast<double>(rows_given) / seconds, "rows/s", ">= 350000"},
                            {"rows from a backlog", static_cast<double>(rows_given) / spent, "rows per CPU second", ""}},
                .floors = std::move(floors),
                .conditions = {{"rows", std::to_string(rows_given)}, {"broker", "Apache Kafka on the same machine"}, {"until", "everything is visible in Delta"}}},
               argc, argv);
  return 0;
}
