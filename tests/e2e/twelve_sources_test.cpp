#include "e2e/programs.h"

#include <QFloat16>      // QCOMPARE of a JSON value asks for it
#include <QRegularExpression>
#include <atomic>
#include <thread>

#include "backend/connectors/kafka/kafka_topic.h"
#include "support/debezium_server.h"
#include "support/delta_totals.h"
#include "support/pos_feed.h"

namespace penstock::e2e {

using json = nlohmann::json;
using namespace std::chrono_literals;

// The retail demo's twelve systems at 580 events a second, three of them real: tills on a broker, a table under pgbench by its log, and
// what Debezium writes of another table. All of them burst to ten times that at once. By itself a minute with one burst; PENSTOCK_MINUTES=30
// has one of 20 seconds in every five minutes. Memory of each pod, the lag after each burst and what was counted are told as it runs.
class TwelveSourcesTest : public QObject {
  Q_OBJECT

  static constexpr int kTills = 150, kAccounts = 60, kOrders = 35, kFactor = 10;      // a second; the others' rates are the demo's
  static constexpr std::int64_t kCloseRows = 200;                                    // behind, of all twelve: a third of a second
  static constexpr std::int64_t kMostBytes = 600ll << 20;                             // of a pod
  static constexpr int kPatience = 240'000;

  const int minutes_ = std::max(1, qEnvironmentVariableIntValue("PENSTOCK_MINUTES"));
  const int seconds_ = minutes_ * 60;
  const int first_burst_ = minutes_ > 4 ? 120 : 25, every_ = 300, burst_ = minutes_ > 4 ? 20 : 5;

  test::PostgresServer postgres_;
  test::KafkaServer kafka_;

  bool bursts(double second) const { return second >= first_burst_ && second - first_burst_ - every_ * std::floor((second - first_burst_) / every_) < burst_; }

  // As it is but for its faults and rush hours, with the bursts.
  QByteArray bursting(QByteArray pipeline) const {
    QString yaml = QString::fromUtf8(pipeline);
    yaml.remove(QRegularExpression("^ *(faults: \\[ )?(- )?\\{ kind: (burst|dead_source|stuck),.*\\n", QRegularExpression::MultilineOption));
    yaml.remove(QRegularExpression("^ *diurnal:.*\\n", QRegularExpression::MultilineOption));
    const QString burst = QString("{ kind: burst, after: %1s, for: %2s, every: %3s, rate: %4 }").arg(first_burst_).arg(burst_).arg(every_).arg(kFactor);
    if (yaml.contains("faults: [")) yaml.replace("faults: [", "faults: [ " + burst + ",");
    else if (yaml.contains("    faults:\n")) yaml.replace("    faults:\n", "    faults:\n      - " + burst + "\n");
    else yaml.replace(QRegularExpression("^( *)(rate: [0-9]+)\\n", QRegularExpression::MultilineOption), "\\1\\2\n\\1faults: [ " + burst + " ]\n");
    yaml.replace(QRegularExpression("^( *)(rate: [0-9]+)\\n", QRegularExpression::MultilineOption), "\\1\\2\n\\1diurnal: false\n");
    return yaml.toUtf8();
  }

  void connect(Site& site) const {
    site.set_variable("SHOP_PASSWORD", test::PostgresServer::kPassword);
    site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n"
                                   "shop: { postgres: { host: 127.0.0.1, port: " + QByteArray::number(postgres_.port()) + ", database: shop, user: penstock, password: \"${env:SHOP_PASSWORD}\" } }\n");
    const QDir pipelines(site.workspace() + "/pipelines");
    for (const QString& name : pipelines.entryList({"*.yaml"})) site.write("pipelines/" + name, bursting(site.read("pipelines/" + name)));
    QByteArray tills = site.read("pipelines/pos_sales.yaml");
    const auto source = tills.indexOf("  simulate:"), steps = tills.indexOf("steps:");
    tills.replace(source, steps - source, "  kafka: { connection: hub, topic: pos.sales, contract: contracts/pos_sale.avsc, format: json, partitioned_by: [store_id] }\n");
    site.write("pipelines/pos_sales.yaml", tills);
    site.write("pipelines/returns.yaml", "stream: returns\nsource:\n  postgres_cdc: { connection: shop, table: public.pgbench_accounts, key: [aid] }\n"
                                         "steps:\n  silver: { sql: \"SELECT aid, bid, abalance FROM source\", land: silver.bank_accounts }\n");
    site.write("contracts/order.json", "{\"type\": \"object\", \"required\": [\"id\", \"units\"], \"properties\": {\"id\": {\"type\": \"integer\"}, \"units\": {\"type\": \"integer\"}}}");
    site.write("pipelines/supplier_edi.yaml", "stream: supplier_edi\nsource:\n  kafka: { connection: hub, topic: twelve.public.orders, format: debezium, contract: contracts/order.json, key: [id] }\n"
                                              "steps:\n  silver: { sql: \"SELECT id, units FROM source\", land: silver.supplier_orders }\n");
  }

  // A program that writes to the database at a steady rate until it is asked to end.
  std::unique_ptr<QProcess> writer(const QStringList& what, int rate, int seconds) const {
    auto process = std::make_unique<QProcess>();
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PGPASSWORD", test::PostgresServer::kPassword);
    process->setProcessEnvironment(environment);
    process->start("pgbench", QStringList{"-h", "127.0.0.1", "-p", QString::number(postgres_.port()), "-U", "penstock", "-n", "-c", "2", "-R", QString::number(rate), "-T", QString::number(seconds)} + what + QStringList{"shop"});
    process->waitForStarted();
    return process;
  }

 private slots:
  void initTestCase() {
    QCOMPARE(postgres_.start(), QString());
    QCOMPARE(kafka_.start(), QString());
  }

  void memory_is_bounded_lag_goes_back_to_zero_and_every_count_adds_up() {
    const auto prepared = test::lines_of_program("pgbench", {"-h", "127.0.0.1", "-p", QString::number(postgres_.port()), "-U", "penstock", "-i", "-q", "shop"}, [] {
      auto environment = QProcessEnvironment::systemEnvironment();
      environment.insert("PGPASSWORD", test::PostgresServer::kPassword);
      return environment;
    }());
    QVERIFY2(!prepared.value(0).startsWith("pgbench:"), qPrintable(prepared.join('\n')));
    QCOMPARE(postgres_.psql("CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, units int NOT NULL)"), QStringList());
    const test::KafkaTopic sales(kafka_.brokers(), "pos.sales"), orders(kafka_.brokers(), "twelve.public.orders");
    QCOMPARE(sales.create(test::PosFeed::kPartitions), std::string());
    QCOMPARE(orders.create(2), std::string());
    test::DebeziumServer debezium(postgres_, kafka_, "twelve", "debezium.source.table.include.list=public.orders\n");
    QCOMPARE(debezium.start(), QString());

    Site site("retail");
    connect(site);
    const Ended valid = site.ctl({"validate"});
    QVERIFY2(valid.exit_code == 0, (valid.out + valid.err).c_str());
    site.start_engine();
    const auto began = std::chrono::steady_clock::now();
    const auto now = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };

    QTemporaryDir folder;
    QFile script(folder.filePath("orders.sql"));
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write("\\set units random(1, 9)\nINSERT INTO orders (units) VALUES (:units);\n");
    script.close();
    const QStringList by_script{"-f", script.fileName()}, accounts{"-b", "simple-update"};
    std::vector<std::unique_ptr<QProcess>> writers;
    writers.push_back(writer(accounts, kAccounts, seconds_));
    writers.push_back(writer(by_script, kOrders, seconds_));

    const auto wall = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    test::PosFeed feed(20261122, wall);
    const auto producer = sales.make_producer({{"enable.idempotence", "true"}, {"linger.ms", "5"}, {"message.timeout.ms", "600000"}});
    std::jthread tills([&](std::stop_token stop) {
      double due = 0, last = now();
      while (!stop.stop_requested()) {
        const double at = now();
        due += (at - last) * kTills * (bursts(at) ? kFactor : 1);
        for (last = at; due >= 1; --due) {
          const test::PosRecord record = feed.next();
          while (rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC("pos.sales"), RD_KAFKA_V_PARTITION(record.partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                   RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()), RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_poll(producer.get(), 100);
        }
        rd_kafka_poll(producer.get(), 20);
      }
    });

    // What the engine says, looked at once a second; the most that a pod holds, by minutes.
    std::vector<double> megabytes(static_cast<std::size_t>(minutes_) + 1, 0);
    json seen;
    std::int64_t most_behind = 0;      // but for the table's log, whose positions are no rows
    const auto behind = [&]() -> std::int64_t {
      const json status = site.ctl({"status"}).json();
      if (!status.is_object() || status["pipelines"].size() != 12) return -1;
      seen = status["pipelines"];
      std::int64_t rows = 0, others = 0;
      for (const json& pipeline : seen) {
        const auto one = pipeline["behind_rows"].get<std::int64_t>();
        if (one < 0) return -1;
        rows += one;
        if (pipeline["name"] != "returns") others += one;
      }
      most_behind = std::max(most_behind, others);
      const auto minute = std::min<std::size_t>(static_cast<std::size_t>(now() / 60), megabytes.size() - 1);
      for (const json& pod : status["pods"]) megabytes[minute] = std::max(megabytes[minute], static_cast<double>(pod["memory_bytes"].get<std::int64_t>()) / 1048576);
      return rows;
    };
    bool was_bursting = false;
    int caught_up = 0;
    while (now() < seconds_) {
      const bool is_bursting = bursts(now());
      if (is_bursting && !was_bursting) {
        writers.push_back(writer(accounts, kAccounts * (kFactor - 1), burst_));
        writers.push_back(writer(by_script, kOrders * (kFactor - 1), burst_));
      }
      if (was_bursting && !is_bursting) {
        const double ended = now();
        QVERIFY2(QTest::qWaitFor([&] { const auto rows = behind(); return rows >= 0 && rows <= kCloseRows; }, kPatience), seen.dump().c_str());
        ++caught_up;
        qInfo("burst %d: at most %lld rows behind, caught up %.1f s after its end", caught_up, static_cast<long long>(most_behind), now() - ended);
        most_behind = 0;
      }
      was_bursting = is_bursting;
      behind();
      QTest::qWait(500);
    }
    QVERIFY(caught_up > 0);
    tills.request_stop();
    tills.join();
    QCOMPARE(rd_kafka_flush(producer.get(), kPatience), RD_KAFKA_RESP_ERR_NO_ERROR);
    for (const auto& one : writers) QVERIFY(QTest::qWaitFor([&] { return one->state() == QProcess::NotRunning; }, kPatience));
    const QString held_orders = postgres_.psql("SELECT count(*), count(*), sum(units) FROM orders").value(0), held_accounts = postgres_.psql("SELECT count(*), count(*), sum(abalance) FROM pgbench_accounts").value(0);
    QVERIFY2(QTest::qWaitFor([&] { return site.number("SELECT count(*) FROM silver.supplier_orders") == held_orders.section('|', 0, 0).toLongLong(); }, kPatience), qPrintable(held_orders));

    std::string list;
    for (const double most : megabytes) list += " " + std::to_string(static_cast<int>(most));
    qInfo("MB of the largest pod, by minutes:%s", list.c_str());
    QVERIFY(*std::max_element(megabytes.begin(), megabytes.end()) * 1048576 < kMostBytes);

    std::int64_t in = 0;
    behind();
    QCOMPARE(seen.size(), 12u);
    const json pipelines = seen;
    for (const json& pipeline : pipelines) {
      const QString name = QString::fromStdString(pipeline["name"].get<std::string>());
      Ended drained;
      QVERIFY2(QTest::qWaitFor([&] { return (drained = site.ctl({"run", name, "--drain", "--close"})).exit_code == 0; }, kPatience), (name.toStdString() + drained.err).c_str());
      const json after = site.pipeline(name);
      std::int64_t sum = after["open_rows"].get<std::int64_t>();
      for (const char* what : {"landed", "dead", "quarantined", "dropped", "duplicates", "late", "filtered"}) sum += after["rows"][what].get<std::int64_t>();
      QVERIFY2(sum == after["rows"]["in"].get<std::int64_t>() && sum > 0, after.dump().c_str());
      in += sum;
    }
    qInfo("%d minutes, %lld rows in", minutes_, static_cast<long long>(in));

    // The real ones, as others than Penstock count them.
    const test::PosAccount& made = feed.account();
    const auto silver = test::delta_totals(site.tables() + "/silver/sales", {"event_id"}, {"qty"});
    QCOMPARE(silver, json({{"rows", made.good}, {"distinct event_id", made.good}, {"sum qty", std::to_string(made.units)}}));
    const auto told = [&](const char* table, const char* key, const char* units) {
      const json totals = test::delta_totals(site.tables() + table, {key}, {units});
      return QString("%1|%2|%3").arg(totals["rows"].get<qlonglong>()).arg(totals[std::string("distinct ") + key].get<qlonglong>()).arg(QString::fromStdString(totals[std::string("sum ") + units].get<std::string>()));
    };
    QCOMPARE(told("/silver/supplier_orders", "id", "units"), held_orders);
    QCOMPARE(told("/silver/bank_accounts", "aid", "abalance"), held_accounts);
  }
};

}  // namespace penstock::e2e

int main(int count, char** arguments) {
  qputenv("QTEST_FUNCTION_TIMEOUT", "14400000");      // half an hour is longer than Qt Test waits by itself
  QCoreApplication application(count, arguments);
  penstock::e2e::TwelveSourcesTest test;
  return QTest::qExec(&test, count, arguments);
}
#include "twelve_sources_test.moc"
