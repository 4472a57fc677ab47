#include <QTest>

#include "backend/connectors/kafka/kafka_topic.h"
#include "connectors/avro/avro_wire.h"
#include "e2e/programs.h"
#include "support/kafka_server.h"
#include "support/schema_registry_server.h"

namespace penstock::e2e {
namespace {

constexpr const char* kFirst = R"({"type":"record","name":"Sale","fields":[{"name":"id","type":"string"},{"name":"qty","type":"long"},{"name":"note","type":"string","default":"none"}]})";
constexpr const char* kSecond = R"({"type":"record","name":"Sale","fields":[{"name":"qty","type":"int"},{"name":"id","type":"string"}]})";
constexpr const char* kThird = R"({"type":"record","name":"Sale","fields":[{"name":"id","type":"string"},{"name":"qty","type":["int","long"]}]})";

std::string frame(int id) { return {'\0', static_cast<char>(id >> 24), static_cast<char>(id >> 16), static_cast<char>(id >> 8), static_cast<char>(id)}; }

test::TopicMessage sale(int schema, int form, int number) {
  std::string value = frame(schema);
  if (form == 2) avro::write_long(number, value);
  avro::write_bytes("s" + std::to_string(number), value);
  if (form == 3) avro::write_long(0, value);
  if (form != 2) avro::write_long(number, value);
  if (form == 1) avro::write_bytes("first", value);
  return {.value = value};
}

}  // namespace

// A topic of Avro records whose schemas, and whose contract, a registry holds.
class SchemaRegistryTest : public QObject {
  Q_OBJECT

  test::KafkaServer kafka_;
  test::SchemaRegistryServer registry_;

 private slots:
  void initTestCase() {
    QCOMPARE(kafka_.start(), QString());
    QCOMPARE(registry_.start(), QString());
  }

  void a_registry_that_is_down_holds_only_records_of_schemas_that_were_not_seen() {
    const test::KafkaTopic topic(kafka_.brokers(), "pos.sales");
    QCOMPARE(topic.create(1), std::string());
    registry_.put("/config/pos.sales-value", {{"compatibility", "NONE"}});
    const int first = registry_.add("pos.sales-value", kFirst);
    QVERIFY(first > 0);
    QCOMPARE(topic.produce({sale(first, 1, 1), {.value = "no frame"}, {.value = frame(54321) + "x"}}), std::string());
    Site site("minimal");
    site.write("connections.yaml", QByteArray::fromStdString("hub: { kafka: { brokers: \"" + kafka_.brokers() + "\", registry: \"" + registry_.url() + "\" } }\n"));
    site.write("pipelines/sales.yaml", "stream: sales\nsource:\n  kafka: { connection: hub, topic: pos.sales, contract: \"registry:pos.sales-value\" }\n"
                                       "steps:\n  silver:\n    sql: SELECT id, qty, note FROM source\n    land: silver.sales\n");
    const auto valid = site.ctl({"validate"});
    QVERIFY2(valid.exit_code == 0, valid.out.c_str());
    site.start_engine();
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT sum(qty) FROM silver.sales WHERE note = 'first'"), 1, 120'000);
    QTRY_COMPARE_WITH_TIMEOUT(site.ctl({"dlq", "list"}).json()["rows"].size(), 2u, 60'000);

    const auto reached = site.ctl({"connections", "test"}).json();
    QVERIFY2(reached.dump().find("its registry answers") != std::string::npos, reached.dump().c_str());

    // Another writer's schema, and a third that nobody has asked for yet.
    const int second = registry_.add("pos.sales-value", kSecond), third = registry_.add("pos.sales-value", kThird);
    QVERIFY(second > 0 && third > 0);
    QCOMPARE(topic.produce({sale(second, 2, 10)}), std::string());
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT sum(qty) FROM silver.sales WHERE note = 'none'"), 10, 60'000);

    QCOMPARE(registry_.stop_for_a_while(), QString());
    QCOMPARE(topic.produce({sale(first, 1, 100), sale(second, 2, 200), sale(third, 3, 1000), sale(first, 1, 2000)}), std::string());
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT sum(qty) FROM silver.sales"), 311, 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("sales")["status"].get<std::string>(), std::string("degraded"), 60'000);
    const auto tested = site.ctl({"connections", "test"});
    QVERIFY2(tested.exit_code == 1 && tested.out.find("the registry at") != std::string::npos, (tested.out + tested.err).c_str());
    const std::string reason = site.pipeline("sales")["reason"].get<std::string>();
    QVERIFY2(reason.find("schema " + std::to_string(third) + ": the registry at") != std::string::npos, reason.c_str());

    // Over a restart, too: what was seen is kept.
    site.stop_engine();
    site.start_engine();
    QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("sales")["status"].get<std::string>(), std::string("degraded"), 60'000);
    QCOMPARE(site.number("SELECT sum(qty) FROM silver.sales"), 311);
    QCOMPARE(registry_.start(), QString());
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT sum(qty) FROM silver.sales"), 3311, 120'000);
    QCOMPARE(site.ctl({"dlq", "list"}).json()["rows"].size(), 2u);
  }

  void protobuf_is_read_by_the_contract_of_a_subject_and_by_that_of_a_file() {
    const test::KafkaTopic topic(kafka_.brokers(), "pos.refunds");
    QCOMPARE(topic.create(1), std::string());
    const std::string contract = "syntax = \"proto3\";\npackage pos;\nmessage Other { string a = 1; }\nmessage Refund { string id = 1; int64 cents = 2; }\n";
    const int id = registry_.add("pos.refunds-value", contract, "PROTOBUF");
    QVERIFY(id > 0);
    // Its second message: one index, 1. Then {id: "r1", cents: 250}.
    const std::string refund = std::string("\x0a\x02r1\x10\xfa\x01", 7);
    QCOMPARE(topic.produce({{.value = frame(id) + "\x02\x02" + refund}, {.value = frame(id) + std::string(1, '\0') + "\x0a\x01x"}}), std::string());
    Site site("minimal");
    site.write("connections.yaml", QByteArray::fromStdString("hub: { kafka: { brokers: \"" + kafka_.brokers() + "\", registry: \"" + registry_.url() + "\" } }\n"));
    site.write("contracts/refund.proto", QByteArray::fromStdString(contract));
    const auto stream = [](const QByteArray& name, const QByteArray& contract, const QByteArray& more) {
      return "stream: " + name + "\nsource:\n  kafka: { connection: hub, topic: pos.refunds, contract: \"" + contract + "\", message: Refund" + more + " }\n"
             "steps:\n  silver:\n    sql: SELECT id, cents FROM source\n    land: silver." + name + "\n";
    };
    site.write("pipelines/sales.yaml", stream("by_file", "contracts/refund.proto", "") + "---\n" + stream("by_subject", "registry:pos.refunds-value", ", format: protobuf"));
    site.start_engine();
    for (const QString name : {"by_file", "by_subject"}) {
      QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT sum(cents) FROM silver." + name), 250, 120'000);
      QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(*) FROM dead_letters." + name), 1, 60'000);
    }
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::SchemaRegistryTest)
#include "schema_registry_test.moc"
