#include "e2e/programs.h"

#include <QDeadlineTimer>
#include <QDateTime>
#include <QFloat16>      // QCOMPARE of a JSON value asks for it
#include <filesystem>
#include <zlib.h>

#include "backend/connectors/kafka/kafka_topic.h"
#include "support/delta_totals.h"
#include "support/kafka_server.h"
#include "support/lossy_proxy.h"
#include "support/postgres_server.h"

namespace penstock::e2e {

using json = nlohmann::json;

// What goes wrong around a pipeline, on real programs: nothing is lost, and where and why is said.
class BadInputTest : public QObject {
  Q_OBJECT

  test::KafkaServer kafka_;

 private slots:
  void initTestCase() { QCOMPARE(kafka_.start(), QString()); }
  void garbage_and_a_message_of_ten_megabytes_are_dead_letters();
  void a_broker_that_is_gone_for_a_minute_degrades_the_pipeline_and_loses_nothing();
  void a_cut_gzip_and_a_ragged_row_are_told_and_the_rest_comes();
  void a_foreign_delta_table_is_refused_by_the_names_of_its_features();
  void a_lost_commit_answer_doubles_nothing();
  void a_full_disk_under_the_state_ends_the_pod_until_there_is_room();
  void a_state_that_was_put_back_is_refused();
};

namespace {

constexpr const char* kSteps =
    "steps:\n"
    "  bronze: { land: bronze.sales }\n"
    "  silver:\n"
    "    sql: SELECT event_id, store_id, sku, qty, sold_at FROM bronze\n"
    "    land: silver.sales\n";
constexpr int kLong = 180000;

std::string sale(int number) {
  return "{\"event_id\":\"e" + std::to_string(number) + "\",\"store_id\":1,\"register\":1,\"cashier_id\":\"c\",\"sku\":\"s\",\"qty\":2,\"unit_price\":1.5,"
         "\"discount\":0.0,\"currency\":\"GBP\",\"payment_method\":\"card\",\"customer_email\":null,\"sold_at\":1767225600000000}";
}

test::TopicMessage message(std::optional<std::string> value) { return {.value = std::move(value), .timestamp_millis = 1767225600000}; }

QByteArray source(const QByteArray& source) { return "stream: sales\nsource:\n  " + source + "\n" + kSteps; }

// The pipeline's sum: everything that came in is somewhere.
QString sum_of(const json& pipeline) {
  const json& rows = pipeline["rows"];
  return QString("in %1 landed %2 dead %3").arg(rows["in"].get<qlonglong>()).arg(rows["landed"].get<qlonglong>()).arg(rows["dead"].get<qlonglong>());
}

}  // namespace

void BadInputTest::garbage_and_a_message_of_ten_megabytes_are_dead_letters() {
  const test::KafkaTopic topic(kafka_.brokers(), "garbage");
  QCOMPARE(topic.create(1, {{"max.message.bytes", "50000000"}}), std::string());
  const std::string huge(10 << 20, 'x'), larger(20 << 20, 'y');
  std::vector<test::TopicMessage> messages = {message(sale(1)), message(""), message(std::nullopt), message("not json"), message("{\"event_id\":"),
                                              message(std::string("\xff\xfe\x00\x01 bytes", 10)), message(std::string(5000, '[')), message("[1,2]"), message(huge),
                                              message(larger), message("{\"event_id\":\"no others\"}"), message(sale(2))};
  QCOMPARE(topic.produce(messages), std::string());
  Site site("minimal");
  site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n");
  site.write("pipelines/sales.yaml", source("kafka: { connection: hub, topic: garbage, contract: contracts/pos_sale.avsc, format: json }"));
  const auto drained = site.ctl({"run", "sales", "--drain"});
  QVERIFY2(drained.exit_code == 0, drained.err.c_str());
  QCOMPARE(site.number("SELECT count(*) FROM silver.sales"), 2);
  QCOMPARE(site.number("SELECT count(*) FROM dead_letters.sales"), 10);
  QCOMPARE(site.number("SELECT count(DISTINCT _offset) FROM dead_letters.sales WHERE _reason <> ''"), 10);
  // As it came; what is larger than message_max by its beginning.
  QCOMPARE(site.number("SELECT octet_length(_raw) FROM dead_letters.sales WHERE _offset = 8"), std::int64_t(huge.size()));
  QCOMPARE(site.number("SELECT octet_length(_raw) FROM dead_letters.sales WHERE _offset = 9"), 64 << 10);
}

void BadInputTest::a_broker_that_is_gone_for_a_minute_degrades_the_pipeline_and_loses_nothing() {
  const test::KafkaTopic topic(kafka_.brokers(), "interrupted");
  QCOMPARE(topic.create(1), std::string());
  QCOMPARE(topic.produce({message(sale(1))}), std::string());
  Site site("minimal");
  site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n");
  site.write("pipelines/sales.yaml", source("kafka: { connection: hub, topic: interrupted, contract: contracts/pos_sale.avsc, format: json }"));
  site.start_engine();
  const QString rows = "SELECT count(*) FROM silver.sales";
  QTRY_COMPARE_WITH_TIMEOUT(site.number(rows), 1, kLong);
  QCOMPARE(kafka_.stop_for_a_while(), QString());
  const auto others_need_it = qScopeGuard([this] { (void)kafka_.start(); });
  const QDeadlineTimer minute(60'000);
  QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("sales")["status"], json("degraded"), kLong);
  QTRY_VERIFY_WITH_TIMEOUT(minute.hasExpired(), kLong);
  QCOMPARE(site.pipeline("sales")["status"], json("degraded"));
  const std::string reason = site.pipeline("sales")["reason"];
  QVERIFY2(reason.find("the broker of interrupted does not answer") != std::string::npos, reason.c_str());
  QCOMPARE(kafka_.start(), QString());
  QCOMPARE(topic.produce({message(sale(2)), message(sale(3))}), std::string());
  QTRY_COMPARE_WITH_TIMEOUT(site.number(rows), 3, kLong);
  QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("sales")["status"], json("running"), kLong);
  QCOMPARE(sum_of(site.pipeline("sales")), QString("in 3 landed 3 dead 0"));
}

void BadInputTest::a_cut_gzip_and_a_ragged_row_are_told_and_the_rest_comes() {
  Site site("minimal");
  const QString inbox = site.workspace() + "/../inbox";
  QDir().mkpath(inbox);
  const auto long_ago = [](QFile& file, int seconds) {
    file.flush();
    return file.setFileTime(QDateTime::currentDateTimeUtc().addSecs(-seconds), QFileDevice::FileModificationTime);
  };
  const QString whole = site.workspace() + "/../whole.gz";
  gzFile packed = gzopen(whole.toStdString().c_str(), "wb");
  gzputs(packed, "event_id,store_id,register,cashier_id,sku,qty,unit_price,discount,currency,payment_method,customer_email,sold_at\n");
  for (int number = 0; number < 5; ++number) {
    gzputs(packed, ("g" + std::to_string(number) + ",1,1,c,s,2,1.5,0.0,GBP,card,,2026-01-01T00:00:00Z\n").c_str());
    gzflush(packed, Z_FULL_FLUSH);
  }
  gzclose(packed);
  QFile original(whole), cut(inbox + "/a.csv.gz"), ragged(inbox + "/b.csv");
  QVERIFY(original.open(QIODevice::ReadOnly) && cut.open(QIODevice::WriteOnly) && ragged.open(QIODevice::WriteOnly));
  const QByteArray bytes = original.readAll();
  cut.write(bytes.left(bytes.size() - 12));
  QVERIFY(long_ago(cut, 300));
  ragged.write("event_id,store_id,register,cashier_id,sku,qty,unit_price,discount,currency,payment_method,customer_email,sold_at\n"
               "r1,1,1,c,s,2,1.5,0.0,GBP,card,,2026-01-01T00:00:00Z\n"
               "r2,1,1,c,s,2,1.5\n"
               "r3,1,1,c,s,2,1.5,0.0,GBP,card,,2026-01-01T00:00:00Z\n");
  QVERIFY(long_ago(ragged, 200));
  site.write("pipelines/sales.yaml", source("files: { path: ../inbox, pattern: \"*.csv*\", contract: contracts/pos_sale.avsc, format: csv, every: 100ms }"));
  site.start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(*) FROM silver.sales"), 7, kLong);
  QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(*) FROM dead_letters.sales WHERE _reason LIKE 'line 3: 7 cells where there are 12 columns'"), 1, kLong);
  QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("sales")["status"], json("degraded"), kLong);
  const std::string reason = site.pipeline("sales")["reason"];
  QVERIFY2(reason.find("a.csv.gz: the compressed data ends too early") != std::string::npos, reason.c_str());
  QCOMPARE(sum_of(site.pipeline("sales")), QString("in 8 landed 7 dead 1"));
}

void BadInputTest::a_foreign_delta_table_is_refused_by_the_names_of_its_features() {
  Site site("minimal");
  const auto state = site.workspace() + "/../tables";
  site.write("penstock.yaml", "workspace: minimal\ntables: " + QDir::cleanPath(state).toUtf8() + "\ndefaults: { shards: 1, flush: 200ms }\n");
  QDir().mkpath(state + "/silver/sales/_delta_log");
  QFile commit(state + "/silver/sales/_delta_log/00000000000000000000.json");
  QVERIFY(commit.open(QIODevice::WriteOnly));
  commit.write("{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\"],\"writerFeatures\":[\"deletionVectors\",\"rowTracking\"]}}\n"
               "{\"metaData\":{\"id\":\"t\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[]}\","
               "\"partitionColumns\":[],\"configuration\":{}}}\n");
  commit.close();
  const test::KafkaTopic topic(kafka_.brokers(), "foreign");
  QCOMPARE(topic.create(1), std::string());
  QCOMPARE(topic.produce({message(sale(1))}), std::string());
  site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n");
  site.write("pipelines/sales.yaml", source("kafka: { connection: hub, topic: foreign, contract: contracts/pos_sale.avsc, format: json }"));
  site.start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("sales")["status"], json("degraded"), kLong);
  const std::string reason = site.pipeline("sales")["reason"];
  QVERIFY2(reason.find("Delta features that Penstock does not support: deletionVectors, rowTracking") != std::string::npos, reason.c_str());
  QCOMPARE(QDir(state + "/silver/sales").entryList({"*.parquet"}, QDir::Files).size(), 0);
}

void BadInputTest::a_lost_commit_answer_doubles_nothing() {
  test::PostgresServer postgres;
  QCOMPARE(postgres.start(), QString());
  qputenv("PENSTOCK_TEST_PASSWORD", test::PostgresServer::kPassword);
  test::LossyProxy proxy(postgres.port());
  const test::KafkaTopic topic(kafka_.brokers(), "answers");
  QCOMPARE(topic.create(1), std::string());
  Site site("minimal");
  site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\nops: { postgres: { host: 127.0.0.1, port: " +
                                     QByteArray::number(proxy.port()) + ", database: shop, user: penstock, password: \"${env:PENSTOCK_TEST_PASSWORD}\", sslmode: disable } }\n");
  site.write("pipelines/sales.yaml", source("kafka: { connection: hub, topic: answers, contract: contracts/pos_sale.avsc, format: json }") +
                                         "sinks: [ { from: silver, postgres: { connection: ops, table: sales } } ]\n");
  site.start_engine();
  const QString rows = "SELECT count(*), count(DISTINCT event_id) FROM sales";
  for (int number = 1; number <= 4; ++number) {
    if (number % 2 == 0) proxy.lose_next("COMMIT", test::LossyProxy::Loss::answer);
    QCOMPARE(topic.produce({message(sale(number))}), std::string());
    QTRY_COMPARE_WITH_TIMEOUT(postgres.psql(rows), QStringList(QString("%1|%1").arg(number)), kLong);
  }
  QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("sales")["status"], json("running"), kLong);
  QCOMPARE(postgres.psql(rows), QStringList("4|4"));
}

void BadInputTest::a_full_disk_under_the_state_ends_the_pod_until_there_is_room() {
  const test::KafkaTopic topic(kafka_.brokers(), "disk");
  QCOMPARE(topic.create(1), std::string());
  QCOMPARE(topic.produce({message(sale(1))}), std::string());
  Site site("minimal");
  const QString full = site.workspace() + "/../full";
  site.set_variable("LD_PRELOAD", FAILING_DISK);
  site.set_variable("ASAN_OPTIONS", qEnvironmentVariable("ASAN_OPTIONS") + ":verify_asan_link_order=0");
  site.set_variable("PENSTOCK_DISK_FULL_WHILE", full + ":/streams/sales/0/state/");
  site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n");
  site.write("pipelines/sales.yaml", source("kafka: { connection: hub, topic: disk, contract: contracts/pos_sale.avsc, format: json }"));
  site.start_engine();
  const QString rows = "SELECT count(*) FROM silver.sales";
  QTRY_COMPARE_WITH_TIMEOUT(site.number(rows), 1, kLong);
  const auto restarts = [&] {
    const auto pods = site.pods();
    return pods.empty() ? -1 : pods[0]["restarts"].get<int>();
  };
  QCOMPARE(restarts(), 0);
  QVERIFY(QFile(full).open(QIODevice::WriteOnly));
  QCOMPARE(topic.produce({message(sale(2)), message(sale(3))}), std::string());
  QTRY_VERIFY_WITH_TIMEOUT(restarts() > 0, kLong);
  const auto says = [&] {
    const auto pipeline = site.pipeline("sales");
    return pipeline["status"].get<std::string>() == "failing" && pipeline["reason"].get<std::string>().find("the disk that holds the stream's state is full") != std::string::npos;
  };
  QTRY_VERIFY_WITH_TIMEOUT(says(), kLong);
  QVERIFY(QFile::remove(full));
  QTRY_COMPARE_WITH_TIMEOUT(site.number(rows), 3, kLong);
  QCOMPARE(site.number("SELECT count(DISTINCT event_id) FROM silver.sales"), 3);
  QTRY_COMPARE_WITH_TIMEOUT(sum_of(site.pipeline("sales")), QString("in 3 landed 3 dead 0"), kLong);
}

void BadInputTest::a_state_that_was_put_back_is_refused() {
  namespace fs = std::filesystem;
  const test::KafkaTopic topic(kafka_.brokers(), "restored");
  QCOMPARE(topic.create(1), std::string());
  Site site("minimal");
  site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n");
  site.write("pipelines/sales.yaml", source("kafka: { connection: hub, topic: restored, contract: contracts/pos_sale.avsc, format: json }"));
  const auto drain = [&](int number) {
    const std::string wrong = topic.produce({message(sale(number))});
    return wrong.empty() ? site.ctl({"run", "sales", "--drain"}).exit_code : -1;
  };
  QCOMPARE(drain(1), 0);
  const fs::path state = fs::path((site.tables() + "/../streams/sales/0").toStdString()), kept = state.parent_path() / "kept";
  fs::copy(state, kept, fs::copy_options::recursive);
  QCOMPARE(drain(2), 0);
  QCOMPARE(drain(3), 0);
  fs::remove_all(state);
  fs::rename(kept, state);
  site.start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("sales")["status"], json("failing"), kLong);
  const std::string reason = site.pipeline("sales")["reason"];
  QVERIFY2(reason.find("an older state was put back") != std::string::npos, reason.c_str());
  QCOMPARE(test::delta_totals(site.tables() + "/silver/sales", {"event_id"}), json({{"rows", 3}, {"distinct event_id", 3}}));
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::BadInputTest)
#include "bad_input_test.moc"
