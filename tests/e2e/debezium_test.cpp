#include <QTest>

#include "backend/connectors/kafka/kafka_topic.h"
#include "e2e/programs.h"
#include "support/debezium_server.h"
#include "support/schema_registry_server.h"

namespace penstock::e2e {
namespace {

constexpr const char* kContract =
    "{\"type\": \"object\", \"required\": [\"id\", \"name\"], \"properties\": {\"id\": {\"type\": \"integer\"}, \"name\": {\"type\": \"string\"},"
    "\"price\": {\"type\": [\"number\", \"null\"], \"x-precision\": 12, \"x-scale\": 2}, \"ordered_at\": {\"type\": [\"string\", \"null\"], \"format\": \"date-time\"},"
    "\"changed_at\": {\"type\": [\"string\", \"null\"], \"format\": \"date-time\"}, \"due\": {\"type\": [\"string\", \"null\"], \"format\": \"date\"},"
    "\"paid\": {\"type\": [\"boolean\", \"null\"]}, \"more\": {}, \"tags\": {\"type\": [\"array\", \"null\"]}}}";

constexpr const char* kTable =
    "CREATE TABLE orders (id bigint PRIMARY KEY, name text NOT NULL, price numeric(12,2), ordered_at timestamp, changed_at timestamptz, due date, paid boolean, more jsonb, tags text[])";

// Of the source, and of what Penstock landed, in the same notation.
constexpr const char* kFromTheTable =
    "SELECT coalesce(string_agg(id || '|' || name || '|' || coalesce(price::text, '-') || '|' || coalesce(to_char(ordered_at, 'YYYY-MM-DD HH24:MI:SS.US'), '-') || '|' || "
    "coalesce(to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '-') || '|' || coalesce(due::text, '-') || '|' || coalesce(paid::text, '-') || '|' || "
    "coalesce(more->>'a', '-') || '|' || coalesce(tags[2], '-'), ' / ' ORDER BY id), '') FROM orders";
constexpr const char* kFromSilver =
    "SELECT string_agg(id || '|' || name || '|' || coalesce(price::VARCHAR, '-') || '|' || coalesce(strftime(ordered_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f'), '-') || '|' || "
    "coalesce(strftime(changed_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f'), '-') || '|' || coalesce(due::VARCHAR, '-') || '|' || coalesce(paid::VARCHAR, '-') || '|' || "
    "coalesce(more->>'a', '-') || '|' || coalesce(tags->>1, '-'), ' / ' ORDER BY id) AS rows FROM silver.orders";

}  // namespace

// An estate that Debezium feeds: its topics are read as they are.
class DebeziumTest : public QObject {
  Q_OBJECT

  test::PostgresServer postgres_;
  test::KafkaServer kafka_;
  test::SchemaRegistryServer registry_;

  QString from_the_table() const { return postgres_.psql(kFromTheTable).value(0); }
  static QString from_silver(Site& site) {
    const auto result = site.ctl({"query", kFromSilver}).json();
    if (!result.is_object() || !result.contains("rows") || result["rows"].empty()) return "nothing";
    const auto& value = result["rows"][0].begin().value();
    return value.is_string() ? QString::fromStdString(value.get<std::string>()) : "nothing";
  }
  // What each message says of a key, in order: times without a zone are numbers to Debezium, and texts to us; so are lists lists.
  static QStringList changes_in(const test::KafkaTopic& topic) {
    QStringList changes;
    for (const test::TopicMessage& message : topic.read_all(1)) {
      QString change = QString::fromStdString(message.key.value_or("no key")) + " ";
      if (message.value) {
        auto value = nlohmann::json::parse(*message.value, nullptr, false);
        for (const char* part : {"before", "after"})
          for (const char* other : {"ordered_at", "tags"})
            if (value[part].is_object()) value[part].erase(other);
        // Of a row that is gone Debezium fills in columns that are never NULL.
        if (value["before"].is_object()) value["before"] = value["before"]["id"];
        change += QString::fromStdString(value["op"].dump() + value["before"].dump() + value["after"].dump());
      } else {
        change += "tombstone";
      }
      changes << change;
    }
    return changes;
  }
  void equal_in_the_end(Site& site) const {
    const QString expected = from_the_table();
    QString last;
    const bool same = QTest::qWaitFor([&] { return (last = from_silver(site)) == expected; }, 120'000);
    QVERIFY2(same, qPrintable("expected " + expected + "\n     got " + last + "\n" + site.ctl({"dlq", "list"}).out.c_str()));
  }

 private slots:
  void initTestCase() {
    QCOMPARE(postgres_.start(), QString());
    QCOMPARE(kafka_.start(), QString());
    QCOMPARE(registry_.start(), QString());
  }

  void its_topics_become_the_table_again_data() {
    QTest::addColumn<QString>("prefix");
    QTest::addColumn<QByteArray>("properties");
    QTest::newRow("without schemas") << "plain" << QByteArray();
    QTest::newRow("in Avro") << "avro" << QByteArray("debezium.format.value=avro\ndebezium.format.value.apicurio.registry.auto-register=true\ndebezium.format.value.apicurio.registry.find-latest=true\n"
                                                     "debezium.sink.kafka.producer.value.serializer=org.apache.kafka.common.serialization.ByteArraySerializer\ndebezium.format.value.apicurio.registry.url=") +
                                                     QByteArray::fromStdString(registry_.url()).replace("/apis/ccompat/v7", "/apis/registry/v3") + "\n";
    QTest::newRow("with schemas") << "schemas" << QByteArray("debezium.format.value.schemas.enable=true\ndebezium.format.key.schemas.enable=true\n");
  }
  void its_topics_become_the_table_again() {
    QFETCH(QString, prefix);
    QFETCH(QByteArray, properties);
    QCOMPARE(postgres_.psql("DROP TABLE IF EXISTS orders"), QStringList());
    QCOMPARE(postgres_.psql(kTable), QStringList());
    QCOMPARE(postgres_.psql("INSERT INTO orders SELECT i, 'order ' || i, i * 1.25, timestamp '2026-01-31 12:00:00.123456' + i * interval '1 hour', now(), date '2026-02-01' + i, i % 2 = 0, "
                            "jsonb_build_object('a', i), ARRAY['x', 'tag ' || i] FROM generate_series(1, 500) i"),
             QStringList());
    const test::KafkaTopic topic(kafka_.brokers(), prefix.toStdString() + ".public.orders");
    QCOMPARE(topic.create(2), std::string());
    test::DebeziumServer debezium(postgres_, kafka_, prefix, properties);
    QCOMPARE(debezium.start(), QString());

    Site site("minimal");
    site.write("connections.yaml", QByteArray::fromStdString("hub: { kafka: { brokers: \"" + kafka_.brokers() + "\", registry: \"" + registry_.url() + "\" } }\n"));
    site.write("contracts/order.json", kContract);
    site.write("pipelines/sales.yaml", "stream: orders\nflush: 200ms\nsource:\n  kafka: { connection: hub, topic: " + prefix.toUtf8() + ".public.orders, format: debezium, contract: contracts/order.json, key: [id] }\n"
                                       "steps:\n  silver:\n    sql: SELECT id, name, price, ordered_at, changed_at, due, paid, more, tags FROM source\n    land: silver.orders\n");
    const auto valid = site.ctl({"validate"});
    QVERIFY2(valid.exit_code == 0, valid.out.c_str());
    site.start_engine();
    equal_in_the_end(site);

    QCOMPARE(postgres_.psql("UPDATE orders SET name = upper(name), price = NULL WHERE id % 7 = 0"), QStringList());
    QCOMPARE(postgres_.psql("DELETE FROM orders WHERE id % 5 = 0"), QStringList());
    QCOMPARE(postgres_.psql("UPDATE orders SET id = id + 10000 WHERE id IN (1, 2)"), QStringList());
    QCOMPARE(postgres_.psql("BEGIN; INSERT INTO orders (id, name) VALUES (9001, 'short of life'); DELETE FROM orders WHERE id = 9001; INSERT INTO orders (id, name) VALUES (9001, 'again'); COMMIT"), QStringList());
    equal_in_the_end(site);

    site.stop_engine();
    QCOMPARE(postgres_.psql("UPDATE orders SET more = '{\"a\": \"while nobody looked\"}' WHERE id BETWEEN 11 AND 13"), QStringList());
    QCOMPARE(postgres_.psql("DELETE FROM orders WHERE id = 9001"), QStringList());
    site.start_engine();
    equal_in_the_end(site);
    // Each delete had a tombstone behind it: counted as left out, not as refused.
    const auto pipeline = site.pipeline("orders");
    QCOMPARE(pipeline["rows"]["dead"].get<std::int64_t>(), 0);
    QVERIFY2(pipeline["rows"]["filtered"].get<std::int64_t>() >= 104, pipeline.dump().c_str());
    QCOMPARE(site.number("SELECT count(*) FROM silver.orders WHERE _source_time IS NULL"), 0);
  }

  // The same table by Debezium Server and by our own source and sink: what reads the one topic reads the other.
  void what_goes_out_in_its_envelope_is_what_it_writes() {
    QCOMPARE(postgres_.psql("DROP TABLE IF EXISTS orders"), QStringList());
    QCOMPARE(postgres_.psql(kTable), QStringList());
    const test::KafkaTopic theirs(kafka_.brokers(), "theirs.public.orders"), ours(kafka_.brokers(), "ours.public.orders");
    QCOMPARE(theirs.create(1), std::string());
    QCOMPARE(ours.create(1), std::string());
    test::DebeziumServer debezium(postgres_, kafka_, "theirs", {});
    QCOMPARE(debezium.start(), QString());
    Site site("minimal");
    site.set_variable("SHOP_PASSWORD", test::PostgresServer::kPassword);
    site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\nshop: { postgres: { host: 127.0.0.1, port: " + QByteArray::number(postgres_.port()) +
                                       ", database: shop, user: penstock, password: \"${env:SHOP_PASSWORD}\" } }\n");
    site.write("contracts/order.json", kContract);
    site.write("pipelines/sales.yaml", "stream: out\nsource:\n  postgres_cdc: { connection: shop, table: public.orders, key: [id] }\n"
                                       "steps:\n  rows: { sql: \"SELECT id, name, price, ordered_at, changed_at, due, paid, more, tags FROM source\" }\n"
                                       "sinks:\n  - { from: rows, kafka: { connection: hub, topic: ours.public.orders, envelope: debezium } }\n---\n"
                                       "stream: orders\nflush: 200ms\nsource:\n  kafka: { connection: hub, topic: ours.public.orders, format: debezium, contract: contracts/order.json, key: [id] }\n"
                                       "steps:\n  silver:\n    sql: SELECT id, name, price, ordered_at, changed_at, due, paid, more, tags FROM source\n    land: silver.orders\n");
    const auto valid = site.ctl({"validate"});
    QVERIFY2(valid.exit_code == 0, valid.out.c_str());
    site.start_engine();
    QVERIFY(QTest::qWaitFor([&] { return postgres_.psql("SELECT count(*) FROM pg_replication_slots WHERE active").value(0) == "2"; }, 120'000));
    QCOMPARE(postgres_.psql("INSERT INTO orders SELECT i, 'order ' || i, i * -1.25, timestamp '2026-01-31 12:00:00.123456' + i * interval '1 hour', timestamptz '2026-01-31 12:00:00.123456+02' + i * interval '1 hour', "
                            "date '2026-02-01' + i, i % 2 = 0, jsonb_build_object('a', i), ARRAY['x', 'tag ' || i] FROM generate_series(1, 300) i"),
             QStringList());
    QCOMPARE(postgres_.psql("UPDATE orders SET name = upper(name), price = NULL WHERE id % 7 = 0"), QStringList());
    QCOMPARE(postgres_.psql("DELETE FROM orders WHERE id % 5 = 0"), QStringList());
    QCOMPARE(postgres_.psql("UPDATE orders SET id = id + 10000 WHERE id IN (1, 2)"), QStringList());
    equal_in_the_end(site);
    site.stop_engine();
    const auto expected = changes_in(theirs);
    QVERIFY(expected.size() > 300);
    QCOMPARE(changes_in(ours), expected);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::DebeziumTest)
#include "debezium_test.moc"
