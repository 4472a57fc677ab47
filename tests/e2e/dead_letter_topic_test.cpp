#include <QTest>

#include "backend/connectors/kafka/kafka_topic.h"
#include "e2e/endless_stream.h"
#include "support/http_peer.h"
#include "support/kafka_server.h"
#include "support/loopback_port.h"

namespace penstock::e2e {

// What cannot be processed leaves as a topic, as Kafka Connect writes it: once, also where the stream is killed meanwhile.
class DeadLetterTopicTest : public QObject {
  Q_OBJECT

  test::KafkaServer kafka_;
  int topics_ = 0;

 private slots:
  void initTestCase() { QCOMPARE(kafka_.start(), QString()); }

  void each_dead_letter_is_there_once_with_its_headers_data() {
    QTest::addColumn<QString>("crash_at");
    QTest::addRow("undisturbed") << "";
    QTest::addRow("killed before the transaction is over") << "kafka.after_marker:1";
    QTest::addRow("killed after the transaction") << "kafka.after_commit:1";
  }
  void each_dead_letter_is_there_once_with_its_headers() {
    QFETCH(QString, crash_at);
    const test::KafkaTopic topic(kafka_.brokers(), "dead_" + std::to_string(++topics_));
    QCOMPARE(topic.create(1), std::string());
    const int port = test::free_loopback_port();
    const EndlessStream stream("webhook: { connection: door, path: /rows, contract: contracts/row.json }",
                               "door: { webhook: { listen: \"127.0.0.1:" + std::to_string(port) + "\" } }\nhub: { kafka: { brokers: \"" + kafka_.brokers() + "\" } }\n",
                               "  - { from: dead_letters, kafka: { connection: hub, topic: " + topic.name() + " } }\n");
    auto child = stream.start(crash_at);
    const auto post = [&](const std::string& body, const std::string& key) {
      return QTest::qWaitFor([&] { return test::http_post(port, "/rows", body, {{"Idempotency-Key", key}}).status == 200; }, 60'000);
    };
    QVERIFY(post("[{\"id\":1},{\"id\":\"no\"},{\"id\":2}]", "first"));
    if (!crash_at.isEmpty()) {
      QVERIFY2(child->waitForFinished(60'000) && child->exitStatus() == QProcess::CrashExit, "the point was not reached");
      child = stream.start();
    }
    QVERIFY(post("[{\"id\":3},{\"qty\":1}]", "second"));
    QStringList rows;
    QVERIFY(QTest::qWaitFor([&] { return (rows = stream.rows("id")).size() == 3; }, 60'000));
    std::vector<test::TopicMessage> found;
    QVERIFY(QTest::qWaitFor([&] { return (found = topic.read_all(1)).size() >= 2; }, 60'000));
    child->kill();
    child->waitForFinished();
    QCOMPARE(topic.read_all(1).size(), std::size_t{2});
    QCOMPARE(*found[0].value, std::string("{\"id\":\"no\"}"));
    QCOMPARE(*found[1].value, std::string("{\"qty\":1}"));
    QStringList headers;
    for (const auto& [name, value] : found[0].headers) headers << QString::fromStdString(name + "=" + value);
    const QString reason = headers.isEmpty() ? QString() : headers.takeLast();
    QCOMPARE(headers, (QStringList{"content-type=application/json", "idempotency-key=first", "__connect.errors.topic=/rows", "__connect.errors.partition=0", "__connect.errors.offset=1",
                                   "__connect.errors.connector.name=rows", "__connect.errors.task.id=0", "__connect.errors.stage=VALUE_CONVERTER", "__connect.errors.class.name=decode",
                                   "__connect.errors.exception.class.name=penstock.DeadLetter"}));
    QVERIFY2(reason.startsWith("__connect.errors.exception.message=id"), qPrintable(reason));
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::DeadLetterTopicTest)
#include "dead_letter_topic_test.moc"
