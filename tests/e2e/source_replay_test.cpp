#include <QTest>

#include "backend/connectors/kafka/kafka_topic.h"
#include "e2e/programs.h"
#include "support/kafka_server.h"

namespace penstock::e2e {

// A stream that keeps no bronze is replayed from its topic, by a pod that goes on reading it.
class SourceReplayTest : public QObject {
  Q_OBJECT

  test::KafkaServer kafka_;

  static QByteArray stream(const QByteArray& sql) {
    return "stream: sales\nsource:\n  kafka: { connection: hub, topic: pos.sales, contract: contracts/pos_sale.avsc, format: json }\n"
           "steps:\n  silver:\n    sql: " + sql + "\n    land: silver.sales\n";
  }
  static test::TopicMessage sale(int number) {
    return {.value = "{\"event_id\":\"e" + std::to_string(number) + "\",\"store_id\":1,\"register\":1,\"cashier_id\":\"c\",\"sku\":\"s\",\"qty\":2,"
                     "\"unit_price\":1.5,\"discount\":0.0,\"currency\":\"GBP\",\"payment_method\":\"card\",\"customer_email\":null,\"sold_at\":1767225600000000}",
            .timestamp_millis = 1767225600000 + number * 1000};
  }

  static bool runs(const nlohmann::json& pipeline, int version) { return pipeline["version"] == version && pipeline["status"] == "running"; }

 private slots:
  void initTestCase() { QCOMPARE(kafka_.start(), QString()); }

  void the_rows_of_the_range_are_made_anew_and_the_others_stay() {
    const test::KafkaTopic topic(kafka_.brokers(), "pos.sales");
    QCOMPARE(topic.create(2), std::string());
    std::vector<test::TopicMessage> messages;
    for (int i = 0; i < 100; ++i) messages.push_back(sale(i));
    QCOMPARE(topic.produce(messages, test::KafkaTopic::Transaction::commit), std::string());
    Site site("minimal");
    site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n");
    site.write("pipelines/sales.yaml", stream("SELECT event_id, qty, sold_at FROM source"));
    site.start_engine();
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(*) FROM silver.sales"), 100, 120'000);

    site.write("pipelines/sales.yaml", stream("SELECT event_id, qty * 10 AS qty, sold_at FROM source"));
    QCOMPARE(site.ctl({"apply"}).exit_code, 0);
    QTRY_VERIFY_WITH_TIMEOUT(runs(site.pipeline("sales"), 2), 120'000);
    QCOMPARE(topic.produce({sale(100)}), std::string());
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT sum(qty) FROM silver.sales"), 100 * 2 + 20, 120'000);
    const QStringList range{"replay", "sales", "--from", "2026-01-01T00:00:10Z", "--to", "2026-01-01T00:00:30Z"};
    const auto previewed = site.ctl(range + QStringList{"--dry-run"}).json();
    QVERIFY2(previewed["warnings"][0].get<std::string>().starts_with("its records are not landed"), previewed.dump().c_str());
    const auto replayed = site.ctl(range);
    QVERIFY2(replayed.exit_code == 0, replayed.err.c_str());
    QVERIFY2(replayed.out.find("20 of 20 rows") != std::string::npos, replayed.out.c_str());
    QCOMPARE(site.number("SELECT sum(qty) FROM silver.sales"), 80 * 2 + 21 * 20);
    QCOMPARE(topic.produce({sale(101)}), std::string());
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT sum(qty) FROM silver.sales"), 80 * 2 + 22 * 20, 120'000);
    QCOMPARE(site.number("SELECT count(DISTINCT event_id) FROM silver.sales"), 102);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::SourceReplayTest)
#include "source_replay_test.moc"
