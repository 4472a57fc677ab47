#include "e2e/programs.h"

#include <QFloat16>      // QCOMPARE of a JSON value asks for it
#include <fstream>
#include <functional>
#include <random>
#include <set>
#include <thread>

#include "backend/connectors/kafka/kafka_topic.h"
#include "support/delta_totals.h"
#include "support/kafka_server.h"
#include "support/postgres_server.h"

namespace penstock::e2e {
namespace {

using json = nlohmann::json;

constexpr int kPartitions = 4, kStores = 16, kPatience = 300'000;

// What was fed: row n has id n and a quantity by it.
struct Account {
  std::int64_t rows = 0, units = 0;
};

int units_of(std::int64_t id) { return static_cast<int>(1 + id % 7); }
int store_of(std::int64_t id) { return static_cast<int>(id % kStores); }
std::string row_of(std::int64_t id) {
  const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  char text[160];
  const time_t seconds = at / 1000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "{\"id\":%lld,\"store\":%d,\"units\":%d,\"sold_at\":\"%s.%03dZ\"}", static_cast<long long>(id), store_of(id), units_of(id), date, static_cast<int>(at % 1000));
  return text;
}

// Feeds a source on a thread of its own until it is asked for what it has fed.
class Feeder {
 public:
  // `feed` gives rows from `id` on and says how many; again and again.
  explicit Feeder(std::function<int(std::int64_t id)> feed)
      : thread_([this, feed = std::move(feed)](std::stop_token stop) {
          while (!stop.stop_requested()) {
            for (int left = feed(account_.rows); left > 0; --left) account_.units += units_of(account_.rows++);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
          }
        }) {}
  Account end() {
    thread_.request_stop();
    thread_.join();
    return account_;
  }

 private:
  Account account_;
  std::jthread thread_;
};

}  // namespace

// Pods are killed (-9) at random moments while rows flow: while shards go from pod to pod, while the engine is away, and while the
// broker or the database restarts. In the end another program than Penstock finds each row once. By itself ten kills a path;
// PENSTOCK_KILLS=250 asks for more, PENSTOCK_SEED for another course, and a path's name as argument for that path alone.
class RandomKillsTest : public QObject {
  Q_OBJECT

  test::KafkaServer kafka_;
  test::PostgresServer postgres_;
  std::mt19937_64 random_;

  std::uint64_t below(std::uint64_t most) { return random_() % most; }

  void connect(Site& site, const QByteArray& pipeline) const {
    site.set_variable("SHOP_PASSWORD", test::PostgresServer::kPassword);
    site.write("penstock.yaml", "workspace: kills\ndefaults: { flush: 200ms }\n");
    site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n"
                                   "shop: { postgres: { host: 127.0.0.1, port: " + QByteArray::number(postgres_.port()) + ", database: shop, user: penstock, password: \"${env:SHOP_PASSWORD}\" } }\n");
    site.write("contracts/row.json", "{\"type\": \"object\", \"required\": [\"id\", \"store\", \"units\", \"sold_at\"], \"properties\": {\"id\": {\"type\": \"integer\"}, \"store\": {\"type\": \"integer\"},"
                                     " \"units\": {\"type\": \"integer\"}, \"sold_at\": {\"type\": \"string\", \"format\": \"date-time\"}}}");
    site.write("pipelines/sales.yaml", "stream: rows\npods: 1\n" + pipeline);
  }

  static void start(Site& site) {
    const Ended valid = site.ctl({"validate"});
    QVERIFY2(valid.exit_code == 0, valid.err.c_str());
    site.start_engine();
  }
  // A pod that ends again and again is started later and later; an engine that takes over does not know of that.
  int see_a_pod_run(Site& site) {
    if (QTest::qWaitFor([&] { return !site.running_pods().empty(); }, 3'000)) return 0;
    site.kill_engine();
    site.start_engine();
    QTest::qVerify(QTest::qWaitFor([&] { return !site.running_pods().empty(); }, kPatience), "a pod runs", site.said_by_engine(), __FILE__, __LINE__);
    return 1;
  }

  // `scales`: between one pod and two; `restart`: of what it reads from or writes to.
  void kill_at_random(Site& site, bool scales, const std::function<void()>& restart) {
    const auto kills = static_cast<std::uint64_t>(qEnvironmentVariable("PENSTOCK_KILLS", "10").toInt());
    const auto seed = qEnvironmentVariable("PENSTOCK_SEED", "20261122").toULongLong();
    random_.seed(seed);
    int pods = 1, restarts = 0, engines = 0, moves = 0;
    for (std::uint64_t killed = 0; killed < kills;) {
      engines += see_a_pod_run(site);
      if (QTest::currentTestFailed()) return;
      QTest::qWait(static_cast<int>(below(1'000)));
      const auto chance = below(100);
      if (scales && killed % 3 == 1) {
        pods = 3 - pods;
        ++moves;
        site.ctl({"pods", "scale", "rows", QString::number(pods)});
        QTest::qWait(static_cast<int>(below(600)));
      }
      const bool without_engine = killed % 10 == 4;
      const auto running = site.running_pods();
      if (running.empty()) continue;
      if (without_engine) site.kill_engine();
      const json& pod = running[below(running.size())];
      if (QProcess::execute("kill", {"-9", QString::number(pod["process_id"].get<qlonglong>())}) == 0) ++killed;
      if (killed % 10 == 0) qInfo("%llu kills", static_cast<unsigned long long>(killed));
      if (chance < 8 || killed == kills / 2) {
        ++restarts;
        restart();
      }
      if (!without_engine) continue;
      ++engines;
      site.start_engine();
    }
    qInfo("seed %llu: %llu kills, %d with the engine, %d times scaled, %d restarts of a peer", static_cast<unsigned long long>(seed), static_cast<unsigned long long>(kills), engines, moves, restarts);
  }
  static void drain(Site& site) {
    Ended drained;
    QVERIFY2(QTest::qWaitFor([&] { return (drained = site.ctl({"run", "rows", "--drain", "--close"})).exit_code == 0; }, kPatience), drained.err.c_str());
  }
  // Feeds while pods are killed, and has what was fed taken to its end. The test has failed where there is nothing.
  std::optional<Account> feed_over_kills(Site& site, std::function<int(std::int64_t)> feed, bool scales, const std::function<void()>& restart, const std::function<void()>& flush = {}) {
    start(site);
    if (QTest::currentTestFailed()) return std::nullopt;
    Feeder feeder(std::move(feed));
    kill_at_random(site, scales, restart);
    const Account fed = feeder.end();
    if (flush) flush();
    if (!QTest::currentTestFailed()) drain(site);
    if (QTest::currentTestFailed()) return std::nullopt;
    qInfo("%lld rows", static_cast<long long>(fed.rows));
    return fed;
  }
  static json expected_of(const Account& fed) { return {{"rows", fed.rows}, {"distinct id", fed.rows}, {"sum units", std::to_string(fed.units)}}; }

  // The producer waits for a broker that restarts.
  std::optional<Account> feed_topic_over_kills(Site& site, const test::KafkaTopic& topic) {
    const auto producer = topic.make_producer({{"enable.idempotence", "true"}, {"linger.ms", "5"}, {"message.timeout.ms", "600000"}});
    const auto feed = [&](std::int64_t first) {
      constexpr int kRows = 20;
      for (std::int64_t id = first; id < first + kRows; ++id) {
        const std::string row = row_of(id);
        while (rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC(topic.name().c_str()), RD_KAFKA_V_PARTITION(store_of(id) % kPartitions), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_VALUE(const_cast<char*>(row.data()), row.size()), RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR)
          rd_kafka_poll(producer.get(), 100);
      }
      rd_kafka_poll(producer.get(), 0);
      return kRows;
    };
    return feed_over_kills(site, feed, true, [this] { restart_broker(); }, [&] { QCOMPARE(rd_kafka_flush(producer.get(), kPatience), RD_KAFKA_RESP_ERR_NO_ERROR); });
  }
  void restart_broker() {
    QCOMPARE(kafka_.stop_for_a_while(), QString());
    QCOMPARE(kafka_.start(), QString());
  }
  void restart_database() {
    QCOMPARE(postgres_.stop_for_a_while(), QString());
    QCOMPARE(postgres_.start(), QString());
  }
  QByteArray from_topic(const test::KafkaTopic& topic) const {
    return "source:\n  kafka: { connection: hub, topic: " + QByteArray::fromStdString(topic.name()) + ", contract: contracts/row.json, partitioned_by: [store] }\nshards: 4\n";
  }

 private slots:
  void initTestCase() {
    QCOMPARE(kafka_.start(), QString());
    QCOMPARE(postgres_.start(), QString());
  }

  void kafka_to_delta() {
    const test::KafkaTopic topic(kafka_.brokers(), "delta.in");
    QCOMPARE(topic.create(kPartitions), std::string());
    Site site("minimal");
    connect(site, from_topic(topic) + "steps:\n  bronze: { land: bronze.rows }\n"
                  "  silver:\n    sql: SELECT id, store, units, sold_at FROM bronze\n    dedupe: { key: id, within: 10m }\n    land: silver.rows\n"
                  "  gold:\n    window: { tumbling: 1s, time: sold_at, lateness: 2s, idle_timeout: 1h }\n    sql: SELECT store, window_start, sum(units) AS units FROM silver GROUP BY ALL\n    land: gold.units\n");
    const auto fed = feed_topic_over_kills(site, topic);
    if (!fed) return;
    QCOMPARE(test::delta_totals(site.tables() + "/bronze/rows", {"id"}, {"units"}), expected_of(*fed));
    QCOMPARE(test::delta_totals(site.tables() + "/silver/rows", {"id"}, {"units"}), expected_of(*fed));
    const json gold = test::delta_totals(site.tables() + "/gold/units", {"store,window_start"}, {"units"});
    QCOMPARE(gold["sum units"], json(std::to_string(fed->units)));
    QCOMPARE(gold["rows"], gold["distinct store,window_start"]);
  }

  void kafka_to_kafka() {
    const test::KafkaTopic topic(kafka_.brokers(), "kafka.in"), out(kafka_.brokers(), "kafka.out");
    QCOMPARE(topic.create(kPartitions), std::string());
    QCOMPARE(out.create(kPartitions), std::string());
    Site site("minimal");
    connect(site, from_topic(topic) + "steps:\n  rows: { sql: \"SELECT id, store, units FROM source\" }\nsinks:\n  - { from: rows, kafka: { connection: hub, topic: kafka.out, key: [store] } }\n");
    const auto fed = feed_topic_over_kills(site, topic);
    if (!fed) return;
    std::set<std::int64_t> ids;
    Account found;
    for (const test::TopicMessage& message : out.read_all(kPartitions)) {
      const json row = json::parse(message.value.value_or(""));
      ids.insert(row["id"].get<std::int64_t>());
      ++found.rows;
      found.units += row["units"].get<std::int64_t>();
    }
    QCOMPARE(found.rows, fed->rows);
    QCOMPARE(static_cast<std::int64_t>(ids.size()), fed->rows);
    QCOMPARE(found.units, fed->units);
  }

  // What the server holds in the end, with what was changed and deleted, is what the table holds.
  void postgres_to_delta() {
    QCOMPARE(postgres_.psql("CREATE TABLE rows (id bigint PRIMARY KEY, store int NOT NULL, units int NOT NULL)"), QStringList());
    QCOMPARE(postgres_.psql("INSERT INTO rows SELECT -i, i % 16, 1 FROM generate_series(1, 20000) i"), QStringList());
    Site site("minimal");
    connect(site, "source:\n  postgres_cdc: { connection: shop, table: public.rows, key: [id] }\nsteps:\n  silver: { sql: \"SELECT id, store, units FROM source\", land: silver.rows }\n");
    // A statement that a restart of the server has cut off is there whole or not at all.
    const auto feed = [this](std::int64_t first) {
      const QString from = QString::number(first);
      postgres_.psql("BEGIN; INSERT INTO rows SELECT i, i % 16, 1 + i % 7 FROM generate_series(" + from + ", " + from + " + 49) i; UPDATE rows SET units = units + 1 WHERE id % 89 = " + from +
                     " / 50 % 89; DELETE FROM rows WHERE id = " + from + " - 75; UPDATE rows SET id = -1000000 - id WHERE id = " + from + " - 80; COMMIT");
      return 50;
    };
    if (!feed_over_kills(site, feed, false, [this] { restart_database(); })) return;
    const QString held = postgres_.psql("SELECT count(*), count(DISTINCT id), sum(units) FROM rows").value(0);
    const json silver = test::delta_totals(site.tables() + "/silver/rows", {"id"}, {"units"});
    QCOMPARE(QString("%1|%2|%3").arg(silver["rows"].get<qlonglong>()).arg(silver["distinct id"].get<qlonglong>()).arg(QString::fromStdString(silver["sum units"].get<std::string>())), held);
  }

  void files_to_postgres() {
    Site site("minimal");
    const QString folder = site.workspace() + "/incoming";
    QDir().mkpath(folder);
    connect(site, "source:\n  files: { path: incoming, pattern: '*.json', partitions: 4, every: 100ms, settle: 100ms, contract: contracts/row.json }\nshards: 4\n"
                  "steps:\n  rows: { sql: \"SELECT id, store, units FROM source\" }\nsinks:\n  - { from: rows, postgres: { connection: shop, table: landed } }\n");
    const auto feed = [folder](std::int64_t first) {
      const std::string name = folder.toStdString() + "/rows-" + std::to_string(first);
      {
        std::ofstream file(name + ".part");
        for (std::int64_t id = first; id < first + 200; ++id) file << row_of(id) << '\n';
      }
      std::rename((name + ".part").c_str(), (name + ".json").c_str());
      std::this_thread::sleep_for(std::chrono::milliseconds(90));
      return 200;
    };
    const auto fed = feed_over_kills(site, feed, true, [this] { restart_database(); });
    if (!fed) return;
    QCOMPARE(postgres_.psql("SELECT count(*), count(DISTINCT id), sum(units) FROM landed"), QStringList(QString("%1|%1|%2").arg(fed->rows).arg(fed->units)));
  }
};

}  // namespace penstock::e2e

int main(int count, char** arguments) {
  qputenv("QTEST_FUNCTION_TIMEOUT", "14400000");      // hundreds of kills take longer than Qt Test waits by itself
  QCoreApplication application(count, arguments);
  penstock::e2e::RandomKillsTest test;
  return QTest::qExec(&test, count, arguments);
}
#include "random_kills_test.moc"
