#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include "connectors/avro/avro_formats.h"
#include "connectors/delta/delta_connector.h"
#include "connectors/delta/delta_tables.h"
#include "connectors/json/json_formats.h"
#include "stream/pod_runtime.h"
#include "support/decoded_records.h"
#include "support/memory_connectors.h"
#include "support/table_texts.h"

using namespace penstock;

namespace {

constexpr std::int64_t noon = 1763640000000000;      // 2025-11-20T12:00:00Z

constexpr const char* kFirstSale = R"({"type":"record","name":"Sale","fields":[{"name":"id","type":"string"},{"name":"qty","type":"int"}]})";
constexpr const char* kSecondSale = R"({"type":"record","name":"Sale","fields":[{"name":"id","type":"string"},{"name":"qty","type":"int"},
  {"name":"colour","type":["null",{"type":"enum","name":"Colour","symbols":["BLUE","RED"]}]},
  {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},{"name":"either","type":["int","string"]}]})";

Settings settings(const std::string& key, const std::string& text) {
  Setting root, value;
  root.kind = Setting::Kind::map;
  value.kind = Setting::Kind::text;
  value.text = text;
  root.entries.push_back({key, value});
  return Settings(root);
}

}  // namespace

// Contracts that a stream comes to by itself: inferred where none is declared, evolved where its drift says so.
class ContractsTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<test::MemoryPeers> peers_;
  std::unique_ptr<ConnectorCatalog> catalog_;
  std::unique_ptr<PodRuntime> pod_;
  Workspace workspace_;

  void send(const std::string& record) { peers_->topic("pos")->append(0, record, noon); }
  void send_sales(int from, int until, const std::string& more = "") {
    for (int i = from; i < until; ++i) send("{\"id\":\"" + std::to_string(i) + "\",\"qty\":" + std::to_string(i % 7) + more + "}");
  }
  Status start(const Clock& clock = Clock::system()) {
    if (!pod_) pod_ = std::make_unique<PodRuntime>(*catalog_, PodRuntime::Options{.pod = "test-0", .clock = &clock});
    StreamLaunch launch;
    launch.workspace = std::make_shared<Workspace>(workspace_);
    launch.stream = "sales";
    launch.version = 1;
    launch.state_root = folder_->filePath("state").toStdString();
    launch.tables_root = folder_->filePath("tables").toStdString();
    return pod_->start(launch);
  }
  StreamReport report() const {
    const PodReport all = pod_->report();
    return all.streams.empty() ? StreamReport() : all.streams.front();
  }
  QStringList rows(const char* table) const {
    const QStringList without = {"_ingest_time", "_source", "_partition", "_offset", "_source_time", "_raw", "_key", "_headers"};
    return test::table_texts(folder_->filePath("tables"), {table}, without)[table];
  }
  SinkSpec lands(const std::string& step, const std::string& table) {
    SinkSpec sink;
    sink.name = step + ".delta." + table;
    sink.from = step;
    sink.kind = "delta";
    sink.table = table;
    sink.settings = settings("table", table);
    return sink;
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    peers_ = std::make_unique<test::MemoryPeers>();
    catalog_ = std::make_unique<ConnectorCatalog>();
    add_json_formats(*catalog_);
    catalog_->add(delta_connector());
    add_delta_tables(*catalog_);
    peers_->add_to(*catalog_);
    peers_->topic("pos", 1);
    workspace_ = Workspace();
    workspace_.root = folder_->path().toStdString();
    StreamSpec stream;
    stream.name = "sales";
    stream.flush = std::chrono::milliseconds(1);
    SourceSpec source;
    source.name = "source";
    source.kind = "memory";
    source.format = "json";
    source.settings = settings("topic", "pos");
    stream.sources = {source};
    StepSpec bronze;
    bronze.name = "bronze";
    bronze.from = {"source"};
    bronze.land = "bronze.sales";
    StepSpec silver;
    silver.name = "silver";
    silver.from = {"bronze"};
    silver.sql = "SELECT * EXCLUDE (_raw, _key, _headers) FROM bronze WHERE qty > 0";
    silver.land = "silver.sales";
    stream.steps = {bronze, silver};
    stream.sinks = {lands("bronze", "bronze.sales"), lands("silver", "silver.sales")};
    workspace_.streams = {stream};
  }
  void cleanup() { pod_.reset(); }

  void ten_seconds_after_the_first_record_fewer_are_enough() {
    ManualClock clock(from_micros(noon));
    send_sales(0, 3);
    QVERIFY(start(clock).ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().reason.find("3 so far") != std::string::npos, 30000);
    clock.advance(std::chrono::milliseconds(9'900));
    send_sales(3, 4);
    QTRY_VERIFY_WITH_TIMEOUT(report().reason.find("4 so far") != std::string::npos, 30000);
    QCOMPARE(report().status, PipelineStatus::starting);
    clock.advance(std::chrono::milliseconds(100));
    // A stream that runs reports by the clock.
    QTRY_VERIFY_WITH_TIMEOUT((clock.advance(std::chrono::milliseconds(50)), report().status == PipelineStatus::running && report().rows_in == 4), 30000);
    pod_.reset();        // before its clock
  }

  void without_a_contract_it_is_inferred_from_a_thousand_records_and_then_evolves() {
    send_sales(0, 999);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().reason.find("999 so far") != std::string::npos, 30000);
    QCOMPARE(report().status, PipelineStatus::starting);
    send_sales(999, 1000);
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 1000, 60000);
    QVERIFY(rows("bronze/sales").contains("17|3|"));

    send_sales(1000, 1003, ",\"colour\":\"red\",\"at\":\"2025-11-20T12:00:00Z\"");
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 1003, 60000);
    QVERIFY2(rows("bronze/sales").contains("1001|0|red|2025-11-20T12:00:00.000Z|"), qPrintable(rows("bronze/sales").filter("1001").join(" ; ")));
    QVERIFY(rows("bronze/sales").contains("17|3|||"));
    QTRY_VERIFY_WITH_TIMEOUT(rows("silver/sales").contains("1002|1|red|2025-11-20T12:00:00.000Z|"), 60000);
    QCOMPARE(report().dead, 0);

    // A type mismatch is a dead letter, never a cast; and the kept version is what the next life decodes with.
    pod_.reset();
    send("{\"id\":\"x\",\"qty\":\"three\"}");
    send_sales(1003, 1004, ",\"colour\":\"blue\"");
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(rows("bronze/sales").contains("1003|2|blue||"), 60000);
    QTRY_COMPARE_WITH_TIMEOUT(report().dead, 1, 30000);
  }

  void a_declared_contract_gets_new_fields_where_its_drift_is_evolve() {
    std::ofstream(folder_->filePath("sale.avsc").toStdString())
        << "{\"type\": \"record\", \"name\": \"sale\", \"fields\": [{\"name\": \"id\", \"type\": \"string\"}, {\"name\": \"qty\", \"type\": \"int\"}]}";
    workspace_.streams[0].sources[0].contract = "sale.avsc";
    workspace_.streams[0].drift = DriftPolicy::evolve;
    send_sales(0, 3);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 3, 30000);
    send_sales(3, 5, ",\"discount\":0.5,\"tags\":[1]");      // a list has no type in this contract: it stays in _raw
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 5, 60000);
    QVERIFY2(rows("bronze/sales").contains("4|4|0.5|"), qPrintable(rows("bronze/sales").join(" ; ")));
    QTRY_VERIFY_WITH_TIMEOUT(!report().drift.empty() && report().drift.front().field == "tags", 30000);
  }

  // A registry that holds the schemas of the topic's writers, and a contract that is the first of them.
  std::shared_ptr<test::FakeRegistry> read_avro(DriftPolicy drift) {
    auto registry = std::make_shared<test::FakeRegistry>();
    registry->add(1, kFirstSale);
    registry->add(2, kSecondSale);
    catalog_->set_registry([registry](const Settings&, const std::string&) { return Result<std::shared_ptr<SchemaRegistry>>(registry); });
    add_avro_formats(*catalog_);
    std::ofstream(folder_->filePath("sale.avsc").toStdString()) << kFirstSale;
    workspace_.streams[0].sources[0].contract = "sale.avsc";
    workspace_.streams[0].sources[0].format = "avro";
    workspace_.streams[0].drift = drift;
    return registry;
  }

  void fields_of_another_writer_are_added_as_its_schema_says_them() {
    read_avro(DriftPolicy::evolve);
    send(test::framed(1, std::string("\2a\6", 3)));
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 1, 30000);
    send(test::framed(2, std::string("\2b\10\2\2\4\0\320\0\2", 10)));      // colour RED, price 2.08, either 1
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 2, 60000);
    QVERIFY2(rows("bronze/sales").contains("b|4|RED|2.08|"), qPrintable(rows("bronze/sales").join(" ; ")));
    QVERIFY2(rows("bronze/sales").contains("a|3|||"), qPrintable(rows("bronze/sales").join(" ; ")));
    QCOMPARE(report().dead, 0);
  }

  void a_subject_is_the_contract_as_it_was_at_the_first_start() {
    const auto registry = read_avro(DriftPolicy::evolve);
    registry->add_version("sales", kFirstSale);
    registry->set_down(true);
    workspace_.streams[0].sources[0].contract = "registry:sales";
    send(test::framed(1, std::string("\2a\6", 3)));
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::degraded, 30000);
    QVERIFY2(report().reason.find("the registry does not answer") != std::string::npos, report().reason.c_str());
    registry->set_down(false);
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 1, 60000);
    QCOMPARE(rows("bronze/sales").first(), "a|3|");

    // Down, and with a newer version: the contract is kept.
    pod_.reset();
    registry->add_version("sales", kSecondSale);
    registry->set_down(true);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::running, 30000);
    registry->set_down(false);
    send(test::framed(1, std::string("\2b\6", 3)));
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 2, 60000);
    QVERIFY(rows("bronze/sales").contains("b|3|"));

    pod_.reset();
    workspace_.streams[0].sources[0].contract = "registry:sales@7";
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::failing, 30000);
    QVERIFY2(report().reason.find("the registry has no subject sales") != std::string::npos, report().reason.c_str());
  }

  void records_of_a_schema_that_cannot_be_fetched_wait() {
    const auto registry = read_avro(DriftPolicy::quarantine);
    registry->add(3, kFirstSale);
    send(test::framed(1, std::string("\2a\6", 3)));
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 1, 30000);
    registry->set_down(true);
    send(test::framed(1, std::string("\2b\6", 3)));
    send(test::framed(3, std::string("\2c\6", 3)));
    send(test::framed(1, std::string("\2d\6", 3)));
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 2, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::degraded, 30000);
    QVERIFY2(report().reason.find("schema 3: the registry does not answer") != std::string::npos, report().reason.c_str());
    QCOMPARE(rows("bronze/sales").size(), 2);
    registry->set_down(false);
    QTRY_COMPARE_WITH_TIMEOUT(rows("bronze/sales").size(), 4, 60000);
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::running, 30000);
    QCOMPARE(report().dead, 0);
  }
};

QTEST_GUILESS_MAIN(ContractsTest)
#include "contracts_test.moc"
