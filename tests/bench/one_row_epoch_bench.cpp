// What an epoch of one row costs: decode, SQL, dedupe, window, outbox, synced state write, delivery to a table in memory.

#include <QTemporaryDir>

#include <atomic>
#include <fstream>

#include "bench/bench_report.h"
#include "connectors/json/json_formats.h"
#include "stream/pod_runtime.h"
#include "support/memory_connectors.h"

using namespace penstock;

namespace {

constexpr int kRows = 1000;
constexpr std::int64_t kStart = 1763640000000000;

Setting text(const std::string& value) {
  Setting setting;
  setting.kind = Setting::Kind::text;
  setting.text = value;
  return setting;
}

Settings one_setting(const std::string& key, const std::string& value) {
  Setting root;
  root.kind = Setting::Kind::map;
  root.entries.push_back({key, text(value)});
  return Settings(root);
}

StreamSpec stream() {
  StreamSpec spec;
  spec.name = "sales";
  SourceSpec source;
  source.name = "source";
  source.kind = "memory";
  source.format = "json";
  source.contract = "sale.json";
  source.settings = one_setting("topic", "pos");
  spec.sources = {source};
  StepSpec silver;
  silver.name = "silver";
  silver.from = {"source"};
  silver.sql = "SELECT id, store, qty, ts FROM source";
  silver.expect = {{"qty_positive", "qty > 0", OnFail::drop}};
  silver.dedupe = DedupeSpec{{"id"}, std::chrono::minutes(10), "ts", {}};
  StepSpec gold;
  gold.name = "gold";
  gold.from = {"silver"};
  gold.window = WindowSpec{.size = std::chrono::minutes(1), .time = "ts", .lateness = std::chrono::seconds(5)};
  gold.sql = "SELECT store, window_start, sum(qty) AS units FROM silver GROUP BY ALL";
  spec.steps = {silver, gold};
  SinkSpec sink;
  sink.name = "silver.memory_table";
  sink.from = "silver";
  sink.kind = "memory_table";
  sink.table = "silver";
  sink.settings = one_setting("table", "silver");
  spec.sinks = {sink};
  return spec;
}

}  // namespace

int main(int argc, char** argv) {
  QTemporaryDir folder;
  std::ofstream(folder.filePath("sale.json").toStdString())
      << "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"store\":{\"type\":\"integer\"},\"qty\":{\"type\":\"integer\"},"
         "\"ts\":{\"type\":\"string\",\"format\":\"date-time\"}}}";
  test::MemoryPeers peers;
  ConnectorCatalog catalog;
  add_json_formats(catalog);
  peers.add_to(catalog);
  const auto topic = peers.topic("pos");
  const auto table = peers.table("silver");
  auto workspace = std::make_shared<Workspace>();
  workspace->root = folder.path().toStdString();
  workspace->streams = {stream()};
  PodRuntime pod(catalog, {.pod = "bench"});
  const auto started = pod.start({.workspace = workspace, .stream = "sales", .version = 1, .state_root = folder.filePath("state").toStdString(),
                                  .tables_root = folder.filePath("tables").toStdString()});
  if (!started.ok()) {
    std::fprintf(stderr, "%s\n", started.error().to_string().c_str());
    return 1;
  }
  // As in a pod's process: whoever reports looks for itself, and is not woken by each epoch.
  std::atomic<bool> changed = false;
  pod.on_change([&] { changed = true; });
  const double cpu = bench::cpu_seconds();
  for (int row = 0; row < kRows; ++row) {
    const std::int64_t time = kStart + row * std::int64_t{10000};
    topic->append(0, "{\"id\":\"event-" + std::to_string(row) + "\",\"store\":7,\"qty\":2,\"ts\":\"" + to_iso8601(from_micros(time)) + "\"}", time);
    table->wait_for_deliveries(row + 1);
  }
  const double spent = bench::cpu_seconds() - cpu;
  const StreamReport report = pod.report().streams.front();
  pod.on_change({});
  bench::print({.benchmark = "one_row_epoch",
                .metrics = {{"CPU of a one-row epoch, all threads", spent * 1000 / static_cast<double>(report.epoch), "ms CPU", "<= 0.5"}},
                .conditions = {{"epochs", std::to_string(report.epoch)}, {"with", "decode, SQL, expectation, dedupe, window, outbox, fsync, delivery, report"}}},
               argc, argv);
  return 0;
}
