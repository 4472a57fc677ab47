#include "e2e/programs.h"

#include <QFloat16>      // QCOMPARE of a JSON value asks for it
#include <QUuid>
#include <random>

#include "backend/connectors/kafka/kafka_topic.h"
#include "support/kafka_server.h"

namespace penstock::e2e {

using json = nlohmann::json;

// What happens to topics while a pipeline reads them, on real programs: nothing is lost or jumped over in silence.
class KafkaTopicsTest : public QObject {
  Q_OBJECT

  static constexpr int kLong = 180'000;

  // It takes what is larger than anything that the pipelines want, and lets in who says who he is.
  const QString password_ = QUuid::createUuid().toString(QUuid::WithoutBraces);
  test::KafkaServer kafka_{password_, "1g"};

  // The minimal workspace with one stream that reads `topic`.
  void read_from(Site& site, const QByteArray& topic, const QByteArray& columns = "event_id, store_id, sku, qty, sold_at", const QByteArray& more = "") const {
    site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.brokers()) + "\" } }\n");
    site.write("pipelines/sales.yaml", "stream: sales\nsource:\n  kafka: { connection: hub, topic: '" + topic + "', contract: contracts/pos_sale.avsc, format: json }\n"
                                       "steps:\n  bronze: { land: bronze.sales }\n  silver:\n    sql: SELECT " + columns + " FROM bronze\n    land: silver.sales\n" + more);
  }
  static test::TopicMessage sale(int number, int partition = 0) {
    return {.partition = partition,
            .value = "{\"event_id\":\"e" + std::to_string(number) + "\",\"store_id\":1,\"register\":1,\"cashier_id\":\"c\",\"sku\":\"s\",\"qty\":2,\"unit_price\":1.5,"
                     "\"discount\":0.0,\"currency\":\"GBP\",\"payment_method\":\"card\",\"customer_email\":null,\"sold_at\":1767225600000000}",
            .timestamp_millis = 1'767'225'600'000 + number};
  }
  static std::vector<test::TopicMessage> sales(int first, int count, int partition = 0) {
    std::vector<test::TopicMessage> messages;
    for (int number = first; number < first + count; ++number) messages.push_back(sale(number, partition));
    return messages;
  }
  static bool has_rows(Site& site, std::int64_t rows) {
    return QTest::qWaitFor([&] { return site.number("SELECT count(*) FROM silver.sales") == rows; }, kLong);
  }
  static QString sum_of(const json& pipeline) {
    const json& rows = pipeline["rows"];
    return QString("in %1 landed %2 dead %3").arg(rows["in"].get<qlonglong>()).arg(rows["landed"].get<qlonglong>()).arg(rows["dead"].get<qlonglong>());
  }
  // Waits until the pipeline has the status and says so much.
  static bool says(Site& site, const std::string& status, const std::string& part) {
    json seen;
    const bool said = QTest::qWaitFor([&] {
      seen = site.pipeline("sales");
      return seen.is_object() && seen.contains("status") && seen["status"] == status && seen["reason"].get<std::string>().find(part) != std::string::npos;
    }, kLong);
    if (!said) qWarning("%s", seen.dump().c_str());
    return said;
  }

 private slots:
  void initTestCase() { QCOMPARE(kafka_.start(), QString()); }

  void topics_and_partitions_that_come_later_are_read_whole() {
    const test::KafkaTopic uk(kafka_.brokers(), "shop.uk"), fr(kafka_.brokers(), "shop.fr"), other(kafka_.brokers(), "other");
    QCOMPARE(uk.create(1), std::string());
    QCOMPARE(other.create(1), std::string());
    QCOMPARE(uk.produce(sales(0, 2)), std::string());
    QCOMPARE(other.produce(sales(100, 1)), std::string());
    Site site("minimal");
    read_from(site, "^shop\\.", "event_id, _headers->>'__topic' AS topic", "shards: 2\n");
    site.start_engine();
    QVERIFY(has_rows(site, 2));
    // A topic, and partitions of both shards.
    QCOMPARE(fr.create(2), std::string());
    QCOMPARE(fr.produce({sale(10, 0), sale(11, 1), sale(12, 1)}), std::string());
    QCOMPARE(uk.grow(3), std::string());
    QCOMPARE(uk.produce({sale(20, 1), sale(21, 2)}), std::string());
    QVERIFY(has_rows(site, 7));
    QCOMPARE(site.number("SELECT count(DISTINCT event_id) FROM silver.sales"), 7);
    QCOMPARE(site.number("SELECT count(*) FROM silver.sales WHERE topic = 'shop.fr'"), 3);
    QCOMPARE(site.number("SELECT count(DISTINCT _partition) FROM silver.sales WHERE topic = 'shop.uk'"), 3);
    // What came while nothing ran is no different, and nothing is read twice.
    site.stop_engine();
    QCOMPARE(uk.produce({sale(30, 0)}), std::string());
    QCOMPARE(uk.grow(4), std::string());
    QCOMPARE(uk.produce({sale(31, 3)}), std::string());
    site.start_engine();
    QVERIFY(has_rows(site, 9));
    QCOMPARE(site.number("SELECT count(DISTINCT event_id) FROM silver.sales"), 9);
    QCOMPARE(sum_of(site.pipeline("sales")), QString("in 9 landed 9 dead 0"));
  }

  void a_topic_that_is_made_anew_stops_the_stream_by_its_name() {
    const test::KafkaTopic topic(kafka_.brokers(), "anew");
    QCOMPARE(topic.create(1), std::string());
    QCOMPARE(topic.produce(sales(0, 3)), std::string());
    Site site("minimal");
    read_from(site, "anew");
    site.start_engine();
    QVERIFY(has_rows(site, 3));
    QCOMPARE(topic.remove(), std::string());
    QVERIFY(says(site, "degraded", "anew"));
    // More than was read of the old one: by its position alone it would go on in the middle of the new one.
    std::string made = "already exists";
    for (int i = 0; i < 600 && made.find("already exists") != std::string::npos; ++i) made = topic.create(1);
    QCOMPARE(made, std::string());
    QCOMPARE(topic.produce(sales(50, 10)), std::string());
    QVERIFY(says(site, "failing", "anew[0]: at position 2 was a record of 2026-01-01T00:00:00.002Z, and there is another one of 2026-01-01T00:00:00.052Z now: the topic was cut or made anew"));
    QCOMPARE(site.number("SELECT count(*) FROM silver.sales WHERE event_id >= 'e50'"), 0);
    // Also after a new start, which knows nothing but the state.
    site.stop_engine();
    site.start_engine();
    QVERIFY(says(site, "degraded", "anew[0]: at position 2 was a record of"));
    QCOMPARE(site.number("SELECT count(*) FROM silver.sales"), 3);
  }

  void what_retention_took_before_it_was_read_is_counted_and_named() {
    const test::KafkaTopic topic(kafka_.brokers(), "kept_short");
    QCOMPARE(topic.create(1), std::string());
    QCOMPARE(topic.produce(sales(0, 3)), std::string());
    Site site("minimal");
    read_from(site, "kept_short");
    QCOMPARE(site.ctl({"run", "sales", "--drain"}).exit_code, 0);
    QCOMPARE(topic.produce(sales(3, 3)), std::string());
    QCOMPARE(topic.delete_before(0, 5), std::string());
    site.start_engine();
    QVERIFY(says(site, "degraded", "2 rows are lost: the source no longer holds kept_short[0] positions 3 to 4"));
    QVERIFY(has_rows(site, 4));
  }

  void a_wrong_password_is_told_and_never_shown() {
    const test::KafkaTopic topic(kafka_.brokers(), "secret");
    QCOMPARE(topic.create(1), std::string());
    QCOMPARE(topic.produce(sales(0, 3)), std::string());
    Site site("minimal");
    read_from(site, "secret");
    site.write("connections.yaml", "hub: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.sasl_brokers()) + "\", sasl: { mechanism: PLAIN, username: app, password: \"${env:PENSTOCK_TEST_PASSWORD}\" } } }\n");
    const QString wrong = "wrong-" + password_;
    site.set_variable("PENSTOCK_TEST_PASSWORD", wrong);
    site.start_engine();
    QVERIFY(says(site, "degraded", "the broker does not let us in: "));
    const auto tested = site.ctl({"connections", "test"});
    QCOMPARE(tested.exit_code, 1);
    const std::string message = tested.json()["connections"][0]["message"];
    QVERIFY2(message.find("the broker does not let us in: ") != std::string::npos && message.find("uthentication") != std::string::npos, message.c_str());
    const std::string shown = tested.out + tested.err + site.pipeline("sales").dump() + site.ctl({"logs"}).out + site.said_by_engine().toStdString();
    QVERIFY(shown.find(password_.toStdString()) == std::string::npos);
    site.stop_engine();
    site.set_variable("PENSTOCK_TEST_PASSWORD", password_);
    site.start_engine();
    QVERIFY(has_rows(site, 3));
    QCOMPARE(site.ctl({"connections", "test"}).exit_code, 0);
  }

  // What a sink cannot bring waits for it, and penstockctl says since when and when it tries again.
  void a_sink_that_is_not_let_in_opens_its_circuit_and_loses_nothing() {
    const test::KafkaTopic topic(kafka_.brokers(), "circuit"), out(kafka_.brokers(), "circuit.out");
    QCOMPARE(topic.create(1), std::string());
    QCOMPARE(out.create(1), std::string());
    QCOMPARE(topic.produce(sales(0, 3)), std::string());
    Site site("minimal");
    read_from(site, "circuit", "event_id, qty", "sinks:\n  - { from: silver, kafka: { connection: locked, topic: circuit.out } }\n");
    site.write("connections.yaml", site.read("connections.yaml") + "locked: { kafka: { brokers: \"" + QByteArray::fromStdString(kafka_.sasl_brokers()) +
                                       "\", sasl: { mechanism: PLAIN, username: app, password: \"${env:PENSTOCK_TEST_PASSWORD}\" } } }\n");
    site.set_variable("PENSTOCK_TEST_PASSWORD", "wrong-" + password_);
    site.start_engine();
    QVERIFY(says(site, "degraded", "the broker does not let us in: "));
    json sink;
    QVERIFY(QTest::qWaitFor([&] {
      const json pipeline = site.pipeline("sales");
      for (const json& one : pipeline.value("sinks", json::array()))
        if (one["kind"] == "kafka") sink = one;
      return sink.is_object() && sink["circuit"] == "open" && sink["waiting_rows"] == 3;
    }, kLong));
    QVERIFY(sink["circuit_since"].get<std::int64_t>() > 0);
    QVERIFY(sink["next_try"].get<std::int64_t>() > sink["circuit_since"].get<std::int64_t>());
    QVERIFY(sink["error"].get<std::string>().find("the broker does not let us in: ") != std::string::npos);
    const auto page = site.run("penstockctl", {"--workspace", site.workspace(), "metrics", "sales"});
    QVERIFY2(page.out.find("next try") != std::string::npos && page.out.find("since") != std::string::npos, page.out.c_str());
    site.stop_engine();
    site.set_variable("PENSTOCK_TEST_PASSWORD", password_);
    site.start_engine();
    QVERIFY(QTest::qWaitFor([&] { return out.read_all(1).size() == 3; }, kLong));
    QVERIFY(says(site, "running", ""));
  }

  void a_dead_letter_that_its_topic_refuses_stays_in_the_table() {
    const test::KafkaTopic topic(kafka_.brokers(), "letters"), dead(kafka_.brokers(), "letters.dead");
    QCOMPARE(topic.create(1), std::string());
    QCOMPARE(dead.create(1, {{"max.message.bytes", "4000"}}), std::string());
    QCOMPARE(topic.produce({sale(0), {.value = "{" + std::string(20'000, 'x')}, {.value = "{small"}, sale(1)}), std::string());
    Site site("minimal");
    read_from(site, "letters", "event_id, qty", "sinks:\n  - { from: dead_letters, kafka: { connection: hub, topic: letters.dead } }\n");
    site.start_engine();
    QVERIFY(has_rows(site, 2));
    QVERIFY(QTest::qWaitFor([&] { return site.number("SELECT count(*) FROM dead_letters.sales") == 2; }, kLong));
    QVERIFY(QTest::qWaitFor([&] { return dead.read_all(1).size() == 1; }, kLong));
    QCOMPARE(*dead.read_all(1).front().value, std::string("{small"));
    // It is told, and neither comes back as a dead letter of its own nor holds what comes later.
    QCOMPARE(topic.produce({{.value = "{later"}, sale(2)}), std::string());
    QVERIFY(has_rows(site, 3));
    QVERIFY(QTest::qWaitFor([&] { return dead.read_all(1).size() == 2; }, kLong));
    QVERIFY(QTest::qWaitFor([&] { return site.number("SELECT count(*) FROM dead_letters.sales") == 3; }, kLong));
  }

  void a_poison_row_in_every_partition_holds_none_of_them() {
    const test::KafkaTopic topic(kafka_.brokers(), "poison");
    QCOMPARE(topic.create(4), std::string());
    for (int partition = 0; partition < 4; ++partition)
      QCOMPARE(topic.produce({sale(partition, partition), {.partition = partition, .value = "{\"event_id\":\"e" + std::to_string(partition) + "\",\"qty\":"}, sale(10 + partition, partition)}), std::string());
    Site site("minimal");
    read_from(site, "poison");
    site.start_engine();
    QVERIFY(has_rows(site, 8));
    QVERIFY(QTest::qWaitFor([&] { return site.number("SELECT count(DISTINCT _partition) FROM dead_letters.sales WHERE _offset = 1") == 4; }, kLong));
    QVERIFY(QTest::qWaitFor([&] { return sum_of(site.pipeline("sales")) == "in 12 landed 8 dead 4"; }, kLong));
    QCOMPARE(site.pipeline("sales")["status"], json("running"));
  }

  void messages_of_a_hundred_megabytes_are_dead_letters_in_bounded_memory() {
    const test::KafkaTopic topic(kafka_.brokers(), "huge");
    QCOMPARE(topic.create(1, {{"max.message.bytes", "150000000"}}), std::string());
    Site site("minimal");
    read_from(site, "huge");
    site.start_engine();
    // Not to be packed, so that it is as large on its way.
    std::string huge(100'000'000, ' ');
    std::minstd_rand random(7);
    for (std::size_t i = 0; i < huge.size(); i += 4) {
      const auto some = random();
      std::memcpy(huge.data() + i, &some, 4);
    }
    const auto peak = [&]() -> std::int64_t {
      const auto pods = site.running_pods();
      if (pods.size() != 1) return -1;
      QFile status("/proc/" + QString::number(pods[0]["process_id"].get<std::int64_t>()) + "/status");
      if (!status.open(QIODevice::ReadOnly)) return -1;
      const QByteArray text = status.readAll();
      return text.mid(text.indexOf("VmHWM:") + 6).trimmed().split(' ').first().toLongLong() << 10;
    };
    for (int number = 0; number < 2; ++number) {
      const std::string wrong = topic.produce({{.value = huge}}) + topic.produce({sale(number)});
      QVERIFY2(wrong.empty(), wrong.c_str());
    }
    QVERIFY(has_rows(site, 2));
    QVERIFY(QTest::qWaitFor([&] { return site.number("SELECT count(*) FROM dead_letters.sales") == 2; }, kLong));
    QCOMPARE(site.number("SELECT max(octet_length(_raw)) FROM dead_letters.sales"), 64 << 10);
    const std::int64_t most = peak();
    qInfo("at most %lld MiB", static_cast<long long>(most >> 20));
    QVERIFY(most > 0);
    QVERIFY2(most < (std::int64_t{700} << 20), std::to_string(most).c_str());
    QVERIFY(QTest::qWaitFor([&] { return sum_of(site.pipeline("sales")) == "in 4 landed 2 dead 2"; }, kLong));
    QCOMPARE(site.pods()[0]["restarts"], json(0));
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::KafkaTopicsTest)
#include "kafka_topics_test.moc"
