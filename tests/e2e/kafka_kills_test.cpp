#include "e2e/programs.h"

#include <QFloat16>      // QCOMPARE of a JSON value asks for it
#include <atomic>
#include <thread>

#include "backend/connectors/kafka/kafka_topic.h"
#include "support/delta_totals.h"
#include "support/kafka_server.h"
#include "support/pos_feed.h"
#include "support/postgres_server.h"

namespace penstock::e2e {

using test::PosFeed;
using json = nlohmann::json;

// The retail demo with its tills on a real broker: pods are killed while events come, and at the end delta-rs and psql find
// each event once. PENSTOCK_EVENTS and PENSTOCK_KILLS ask for more than a minute's worth, PENSTOCK_SEED for another course.
class KafkaKillsTest : public QObject {
  Q_OBJECT

  test::KafkaServer kafka_;
  test::PostgresServer postgres_;

 private slots:
  void initTestCase();
  void events_are_neither_lost_nor_doubled_while_pods_are_killed();
};

namespace {

constexpr const char* kTopic = "pos.sales";

std::int64_t number_from(const char* variable, std::int64_t fallback) {
  const QString said = qEnvironmentVariable(variable);
  return said.isEmpty() ? fallback : said.toLongLong();
}

// Sends the feed's records, evenly over `seconds`, on a thread of its own.
class Tills {
 public:
  Tills(std::string brokers, PosFeed& feed, std::int64_t events, double seconds)
      : producer_(test::KafkaTopic(brokers, kTopic).make_producer({{"enable.idempotence", "true"}, {"linger.ms", "5"}, {"compression.type", "lz4"}})),
        thread_([this, &feed, events, seconds] { run(feed, events, seconds); }) {}

  std::int64_t sent() const { return sent_; }
  std::string failure() {
    thread_.join();
    return failure_;
  }

 private:
  void run(PosFeed& feed, std::int64_t events, double seconds) {
    const auto began = std::chrono::steady_clock::now();
    for (std::int64_t number = 0; number < events; ++number) {
      const test::PosRecord record = feed.next();
      rd_kafka_resp_err_t code;
      while ((code = rd_kafka_producev(producer_.get(), RD_KAFKA_V_TOPIC(kTopic), RD_KAFKA_V_PARTITION(record.partition),
                                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()),
                                       RD_KAFKA_V_END)) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        rd_kafka_poll(producer_.get(), 100);
      if (code) failure_ = rd_kafka_err2str(code);
      sent_ = number + 1;
      if (number % 1000 != 0) continue;
      rd_kafka_poll(producer_.get(), 0);
      std::this_thread::sleep_until(began + std::chrono::duration<double>(seconds * static_cast<double>(number) / static_cast<double>(events)));
    }
    if (const auto code = rd_kafka_flush(producer_.get(), 300'000)) failure_ = rd_kafka_err2str(code);
  }

  test::KafkaTopic::Client producer_;
  std::atomic<std::int64_t> sent_ = 0;
  std::string failure_;
  std::jthread thread_;
};

// A running pod, the one that runs `pos_sales` or another; its name, or nothing when there is none to kill now.
QString kill_a_pod(Site& site, bool of_the_tills) {
  for (const json& pod : site.running_pods()) {
    const bool runs_the_tills = std::find(pod["pipelines"].begin(), pod["pipelines"].end(), "pos_sales") != pod["pipelines"].end();
    if (runs_the_tills == of_the_tills && QProcess::execute("kill", {"-9", QString::number(pod["process_id"].get<qlonglong>())}) == 0)
      return QString::fromStdString(pod["name"].get<std::string>());
  }
  return {};
}

// The demo's stream `pos_sales`, from the broker instead of the simulation, and into PostgreSQL as well.
QByteArray on_the_broker(QByteArray pipeline) {
  const auto source = pipeline.indexOf("  simulate:"), steps = pipeline.indexOf("steps:");
  pipeline.replace(source, steps - source,
                   "  kafka: { connection: hub, topic: pos.sales, contract: contracts/pos_sale.avsc, format: json, partitioned_by: [store_id] }\n");
  return pipeline +
         "sinks:\n"
         "  - { from: silver, postgres: { connection: ops, table: sales } }\n"
         "  - { from: velocity, postgres: { connection: ops, table: sales_velocity, mode: upsert, key: [sku, window_start] } }\n";
}

QString money(std::int64_t cents) { return QString("%1.%2").arg(cents / 100).arg(cents % 100, 2, 10, QChar('0')); }

}  // namespace

void KafkaKillsTest::initTestCase() {
  QCOMPARE(kafka_.start(), QString());
  QCOMPARE(postgres_.start(), QString());
  qputenv("PENSTOCK_TEST_PASSWORD", test::PostgresServer::kPassword);
}

void KafkaKillsTest::events_are_neither_lost_nor_doubled_while_pods_are_killed() {
  const auto events = number_from("PENSTOCK_EVENTS", 200'000);
  const auto kills = number_from("PENSTOCK_KILLS", events >= 1'000'000 ? 20 : 5);
  const auto seed = static_cast<std::uint32_t>(number_from("PENSTOCK_SEED", 20261121));
  qInfo("seed %u, %lld events, %lld kills", seed, static_cast<long long>(events), static_cast<long long>(kills));
  std::mt19937_64 random(seed);

  const test::KafkaTopic topic(kafka_.brokers(), kTopic);
  QCOMPARE(topic.create(PosFeed::kPartitions), std::string());
  Site site("retail");
  site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\nops: { postgres: { host: 127.0.0.1, port: " +
                                     QByteArray::number(postgres_.port()) + ", database: shop, user: penstock, password: \"${env:PENSTOCK_TEST_PASSWORD}\" } }\n");
  site.write("pipelines/pos_sales.yaml", on_the_broker(site.read("pipelines/pos_sales.yaml")));
  site.start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("pos_sales")["status"], json("running"), 120'000);

  const auto began = std::chrono::system_clock::now();
  const auto seconds_since = [&] { return std::chrono::duration<double>(std::chrono::system_clock::now() - began).count(); };
  PosFeed feed(seed, std::chrono::duration_cast<std::chrono::microseconds>(began.time_since_epoch()).count());
  Tills tills(kafka_.brokers(), feed, events, std::max(20.0, static_cast<double>(events) / 40'000));

  std::vector<std::int64_t> moments;
  for (std::int64_t kill = 0; kill < kills; ++kill) moments.push_back(events / 50 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(events)) * 45 / 50);
  std::sort(moments.begin(), moments.end());
  for (const std::int64_t moment : moments) {
    QTRY_VERIFY_WITH_TIMEOUT(tills.sent() >= moment, 600'000);
    const bool of_the_tills = random() % 4 != 0;
    QString killed;
    QTRY_VERIFY_WITH_TIMEOUT(!killed.isEmpty() || !(killed = kill_a_pod(site, of_the_tills)).isEmpty(), 120'000);
    qInfo("at %lld events: kill -9 %s", static_cast<long long>(tills.sent()), qPrintable(killed));
  }
  const std::string failure = tills.failure();
  QCOMPARE(failure, std::string());
  const double produced = seconds_since();
  const test::PosAccount& made = feed.account();
  QCOMPARE(made.records(), events);

  // The pod that was killed last may still be on its way back.
  QTRY_COMPARE_WITH_TIMEOUT(site.ctl({"run", "pos_sales", "--drain", "--close"}).exit_code, 0, 1'800'000);
  qInfo("produced in %.1f s, drained after %.1f s", produced, seconds_since());

  // What the engine counts.
  const json rows = site.pipeline("pos_sales")["rows"];
  QCOMPARE(rows["in"], json(events));
  QCOMPARE(rows["dead"], json(made.broken));
  QCOMPARE(rows["quarantined"], json(made.quarantined()));
  QCOMPARE(rows["duplicates"], json(made.duplicates));
  // Each partition is in order: whatever happens to the pods, nothing is late.
  QCOMPARE(rows["late"], json(0));
  QCOMPARE(rows["landed"], json(made.good));

  // What delta-rs finds.
  const QString tables = site.tables();
  const auto bronze = test::delta_totals(tables + "/bronze/pos_sales", {"_partition,_offset"});
  QCOMPARE(bronze, json({{"rows", events - made.broken}, {"distinct _partition,_offset", events - made.broken}}));
  const std::string cents = money(made.cents).toStdString();
  const auto silver = test::delta_totals(tables + "/silver/sales", {"event_id"}, {"qty", "qty*unit_price"});
  QCOMPARE(silver, json({{"rows", made.good}, {"distinct event_id", made.good}, {"sum qty", std::to_string(made.units)}, {"sum qty*unit_price", cents}}));
  const auto gold = test::delta_totals(tables + "/gold/sales_velocity", {"sku,window_start"}, {"units", "revenue"});
  QCOMPARE(gold["rows"], gold["distinct sku,window_start"]);
  QCOMPARE(gold["sum units"], json(std::to_string(made.units)));
  QCOMPARE(gold["sum revenue"], json(cents));
  QVERIFY(!QFile::exists(tables + "/gold/sales_late/_delta_log/00000000000000000000.json"));
  QCOMPARE(test::delta_totals(tables + "/quarantine/pos_sales", {"_partition,_offset"}),
           json({{"rows", made.quarantined()}, {"distinct _partition,_offset", made.quarantined()}}));
  QCOMPARE(test::delta_totals(tables + "/dead_letters/pos_sales", {"_partition,_offset"}),
           json({{"rows", made.broken}, {"distinct _partition,_offset", made.broken}}));

  // What psql finds.
  QCOMPARE(postgres_.psql("SELECT count(*), count(DISTINCT event_id), sum(qty), sum(qty * unit_price) FROM sales"),
           QStringList(QString("%1|%1|%2|%3").arg(made.good).arg(made.units).arg(money(made.cents))));
  QCOMPARE(postgres_.psql("SELECT count(*), sum(units), sum(revenue) FROM sales_velocity"),
           QStringList(QString("%1|%2|%3").arg(gold["rows"].get<qlonglong>()).arg(made.units).arg(money(made.cents))));
  qInfo("checked after %.1f s: %lld good, %lld duplicates, %lld broken, %lld unknown stores, %lld without quantity", seconds_since(),
        static_cast<long long>(made.good), static_cast<long long>(made.duplicates), static_cast<long long>(made.broken),
        static_cast<long long>(made.unknown_stores), static_cast<long long>(made.without_quantity));
}

}  // namespace penstock::e2e

int main(int count, char** arguments) {
  qputenv("QTEST_FUNCTION_TIMEOUT", "3000000");      // five million events take longer than Qt Test waits by itself
  QCoreApplication application(count, arguments);
  penstock::e2e::KafkaKillsTest test;
  return QTest::qExec(&test, count, arguments);
}
#include "kafka_kills_test.moc"
