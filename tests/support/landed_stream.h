#pragma once

// A stream `sales` from a topic in memory into Delta tables: bronze as it came, silver checked and without duplicates, gold
// per store and minute; with the records that it is fed, the same in every run.

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>

#include "connectors/delta/delta_connector.h"
#include "connectors/delta/delta_tables.h"
#include "connectors/json/json_formats.h"
#include "stream/pod_runtime.h"
#include "support/memory_connectors.h"
#include "support/table_texts.h"
#include "support/text_settings.h"
#include "telemetry/merged_report.h"

namespace penstock::test {

namespace fs = std::filesystem;

inline constexpr std::int64_t second = 1000000;
inline constexpr std::int64_t noon = 1763640000 * second;      // 2025-11-20T12:00:00Z

inline const QStringList kTables = {"bronze/sales", "silver/sales", "gold/units", "quarantine/sales", "dead_letters/sales"};

class LandedStream {
 public:
  static SinkSpec delta_sink(const std::string& from, const std::string& table) {
    SinkSpec sink;
    sink.name = from + ".delta." + table;
    sink.from = from;
    sink.kind = "delta";
    sink.table = table;
    sink.settings = text_settings({{"table", table}});
    return sink;
  }

  static std::string contract() {
    return "{\"type\": \"object\", \"required\": [\"id\", \"store\", \"qty\", \"ts\"], \"properties\": {\"id\": {\"type\": \"string\"},"
    "\"store\": {\"type\": \"integer\"}, \"qty\": {\"type\": \"integer\"}, \"ts\": {\"type\": \"string\", \"format\": \"date-time\"}}}";
  }

  std::unique_ptr<QTemporaryDir> folder_ = std::make_unique<QTemporaryDir>();
  std::unique_ptr<MemoryPeers> peers_;
  std::unique_ptr<ConnectorCatalog> catalog_;
  std::shared_ptr<Workspace> workspace_;
  std::unique_ptr<PodRuntime> pod_;
  std::int64_t version_ = 0;
  int sent_ = 0;
  bool sharded_ = false;            // a store's sales lie in one partition, and each partition is a shard of its own
  std::int64_t window_rows_ = kWindowRows;
  std::function<void(ConnectorCatalog&)> more_connectors_;
  const CpuMeter* cpu_ = &CpuMeter::system();

  StreamSpec& stream() { return workspace_->streams.front(); }
  StepSpec& gold() { return stream().steps.back(); }
  fs::path state() const { return folder_->filePath("state").toStdString(); }

  void make(const QString& name) {
    pod_.reset();
    const std::string root = folder_->filePath(name).toStdString();
    fs::create_directories(root);
    workspace_ = std::make_shared<Workspace>();
    workspace_->root = folder_->path().toStdString();
    StreamSpec spec;
    spec.name = "sales";
    spec.flush = std::chrono::milliseconds(1);
    SourceSpec source;
    source.name = "source";
    source.kind = "memory";
    source.format = "json";
    source.contract = "sale.json";
    source.settings = text_settings({{"topic", "pos"}});
    spec.sources = {source};
    StepSpec bronze;
    bronze.name = "bronze";
    bronze.from = {"source"};
    bronze.land = "bronze.sales";
    StepSpec silver;
    silver.name = "silver";
    silver.from = {"bronze"};
    silver.sql = "SELECT id, store, qty, ts FROM bronze";
    silver.expect = {{"qty_positive", "qty > 0", OnFail::quarantine, {}}};
    silver.dedupe = DedupeSpec{{"id"}, std::chrono::hours(24), "ts", {}};
    silver.land = "silver.sales";
    StepSpec gold;
    gold.name = "gold";
    gold.from = {"silver"};
    gold.window = WindowSpec{.size = std::chrono::minutes(1), .time = "ts", .lateness = std::chrono::seconds(5), .idle_timeout = std::chrono::hours(24)};
    gold.sql = "SELECT store, window_start, sum(qty) AS units, count(*) AS n FROM silver GROUP BY ALL";
    gold.land = "gold.units";
    spec.steps = {bronze, silver, gold};
    spec.sinks = {delta_sink("bronze", "bronze.sales"), delta_sink("silver", "silver.sales"), delta_sink("gold", "gold.units")};
    workspace_->streams = {spec};
    std::ofstream(folder_->filePath("sale.json").toStdString()) << contract();
    peers_ = std::make_unique<MemoryPeers>();
    catalog_ = std::make_unique<ConnectorCatalog>();
    add_json_formats(*catalog_);
    catalog_->add(delta_connector());
    add_delta_tables(*catalog_);
    peers_->add_to(*catalog_);
    if (more_connectors_) more_connectors_(*catalog_);
    peers_->topic("pos", 3);
    sent_ = 0;
    if (sharded_) spec_of_shards();
  }

  void spec_of_shards() {
    stream().sources.front().partitioned_by = {"store"};
    stream().shards = 3;
  }

  // Gold is no window, but each sale beside those of the same store that were near in time; and those that had no such.
  void join_gold() {
    StepSpec other;
    other.name = "other";
    other.from = {"bronze"};
    other.sql = "SELECT id AS other_id, store, qty AS other_qty, ts FROM bronze WHERE qty % 3 = 1";
    StepSpec& step = gold();
    step.window.reset();
    step.sql.clear();
    step.from = {"silver", "other"};
    step.join = JoinSpec{.left = {"silver", {}, "ts"}, .right = {"other", {}, "ts"}, .on = "silver.store = other.store AND silver.id <> other.other_id",
                         .within = std::chrono::seconds(12), .type = JoinType::full, .select = "silver.id, silver.qty, other.other_id, other.other_qty",
                         .lateness = std::chrono::seconds(5), .idle_timeout = std::chrono::hours(24)};
    stream().steps.insert(stream().steps.end() - 1, other);
  }

  // The same records in every run: duplicates, broken ones, such that fail their expectation, a little out of order.
  void send(int records) {
    auto topic = peers_->topic("pos");
    for (const int until = sent_ + records; sent_ < until; ++sent_) topic->append(sent_ % 3, record(sent_), time_of(sent_));
  }
  static std::int64_t time_of(int i) { return noon + (i * 2 - (i % 5)) * second; }
  std::string record(int i) const {
    const std::string id = std::to_string(i % 10 == 7 ? i - 3 : i);
    if (i % 31 == 3) return "{broken " + std::to_string(i);
    return "{\"id\":\"" + id + "\",\"store\":" + std::to_string(i % (sharded_ ? 3 : 4)) + ",\"qty\":" + std::to_string(i % 23 == 5 ? 0 : 1 + i % 7) + ",\"ts\":\"" +
           to_iso8601(from_micros(time_of(i))) + "\"}";
  }

  Status start(StateChoice choice = StateChoice::none) {
    if (!pod_) pod_ = std::make_unique<PodRuntime>(*catalog_, PodRuntime::Options{.pod = "test-0", .window_rows = window_rows_, .cpu = cpu_});
    StreamLaunch launch;
    launch.workspace = std::make_shared<Workspace>(*workspace_);
    launch.stream = "sales";
    launch.version = ++version_;
    launch.state_root = state().string();
    launch.tables_root = folder_->filePath("tables").toStdString();
    launch.state_choice = choice;
    return pod_->start(launch);
  }
  StreamReport report() const {
    const PodReport all = pod_ ? pod_->report() : PodReport();
    std::vector<const StreamReport*> shards;
    for (const StreamReport& shard : all.streams) shards.push_back(&shard);
    return shards.empty() ? StreamReport() : merged(shards);
  }
  bool all_delivered() const {
    const StreamReport now = report();
    return now.sinks.size() == workspace_->streams.front().sinks.size() + 2 && std::all_of(now.sinks.begin(), now.sinks.end(), [](const SinkReport& sink) { return sink.waiting_rows == 0; });
  }
  QMap<QString, QStringList> tables() const {
    return table_texts(folder_->filePath("tables"), kTables, {"_ingest_time", "_rejected_at", "_values", "_shard"});
  }

  void run_to_end() {
    peers_->topic("pos")->end();
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::stopped, 60000);
    pod_.reset();
  }
  // What an undisturbed run of so many records gives, with the workspace as it is.
  QMap<QString, QStringList> undisturbed(int records) {
    const StreamSpec as_it_is = stream();
    const QString kept = folder_->filePath("disturbed");
    pod_.reset();
    auto peers = std::exchange(peers_, nullptr);
    auto catalog = std::exchange(catalog_, nullptr);
    fs::create_directories(kept.toStdString());
    for (const char* part : {"state", "tables"})
      if (fs::exists(folder_->filePath(part).toStdString())) fs::rename(folder_->filePath(part).toStdString(), (kept + "/" + part).toStdString());
    make("clean");
    stream() = as_it_is;
    stream().flush = std::chrono::milliseconds(1);
    send(records);
    if (!start().ok()) qFatal("the undisturbed run does not start");
    run_to_end();
    const auto rows = tables();
    return rows;
  }
};

}  // namespace penstock::test
