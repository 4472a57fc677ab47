#include <QRandomGenerator>
#include <QProcess>
#include <QTest>

#include "backend/connectors/kafka/kafka_topic.h"
#include "e2e/stream_lives.h"
#include "support/kafka_server.h"
#include "support/postgres_server.h"

namespace penstock::e2e {

using To = StreamLives::To;

// The same for what leaves Penstock: a stream into PostgreSQL, Kafka and SQLite is killed, and what psql, librdkafka and sqlite3 find is
// compared with a run that nobody disturbed.
class SinkCrashMatrixTest : public QObject {
  Q_OBJECT

  test::KafkaServer kafka_;
  test::PostgresServer postgres_;
  QStringList expected_rows_, expected_messages_, expected_filed_, expected_totals_;
  int streams_ = 0;

  // A stream with a table and a topic of its own.
  std::unique_ptr<StreamLives> make_stream() {
    const QString name = "sales_" + QString::number(++streams_);
    if (topic().create(1) != "") qWarning("there is no topic %s", qPrintable(name));
    return std::make_unique<StreamLives>(
        "  totals:\n"
        "    aggregate: { key: [sku] }\n"
        "    sql: SELECT sku, sum(qty) AS units, count(*) AS sales FROM silver GROUP BY sku\n"
        "sinks:\n"
        "  - { from: silver, sqlite: { path: files/shop.db, table: sales } }\n"
        "  - { from: totals, sqlite: { path: files/shop.db, table: totals } }\n"
        "  - { from: silver, postgres: { connection: ops, table: " + name + " } }\n"
        "  - { from: silver, kafka: { connection: hub, topic: " + name + ", mode: upsert, key: [event_id] } }\n",
        "hub: { kafka: { brokers: \"" + QString::fromStdString(kafka_.brokers()) + "\" } }\n"
        "ops: { postgres: { host: 127.0.0.1, port: " + QString::number(postgres_.port()) + ", database: shop, user: penstock, password: \"${env:PENSTOCK_TEST_PASSWORD}\" } }\n");
  }
  test::KafkaTopic topic() const { return {kafka_.brokers(), "sales_" + std::to_string(streams_)}; }

  QStringList rows() const {
    return postgres_.psql("SELECT _source, _partition, _offset, event_id, sku, qty, sold_at FROM sales_" + QString::number(streams_) + " ORDER BY 1, 2, 3, 4");
  }
  static QStringList sqlite(const StreamLives& lives, const QString& sql) {
    QProcess process;
    process.start("sqlite3", {lives.tables() + "/files/shop.db", sql});
    process.waitForFinished(-1);      // the test's own time limit comes first
    return QString::fromUtf8(process.readAllStandardOutput() + process.readAllStandardError()).split('\n', Qt::SkipEmptyParts);
  }
  static QStringList filed(const StreamLives& lives) { return sqlite(lives, "SELECT _source, _partition, _offset, event_id, sku, qty, sold_at FROM sales ORDER BY _source, _partition, _offset, event_id"); }
  static QStringList totals(const StreamLives& lives) { return sqlite(lives, "SELECT sku, units, sales FROM totals ORDER BY sku"); }
  QStringList messages() const {
    QStringList messages;
    for (const auto& message : topic().read_all(1)) messages << QString::fromStdString(*message.key + " " + message.value.value_or("(none)"));
    messages.sort();
    return messages;
  }
  // The topic has each message as often as it was meant to be sent.
  void compare(const StreamLives& lives, int sent) {
    QCOMPARE(rows(), expected_rows_);
    QCOMPARE(filed(lives), expected_filed_);
    QCOMPARE(totals(lives), expected_totals_);
    QStringList expected;
    for (const QString& message : expected_messages_)
      for (int i = 0; i < sent; ++i) expected << message;
    QCOMPARE(messages(), expected);
  }

 private slots:
  void initTestCase() {
    QCOMPARE(kafka_.start(), QString());
    QCOMPARE(postgres_.start(), QString());
    qputenv("PENSTOCK_TEST_PASSWORD", test::PostgresServer::kPassword);
    const auto undisturbed = make_stream();
    QVERIFY(undisturbed->live());
    expected_rows_ = rows();
    expected_filed_ = filed(*undisturbed);
    expected_totals_ = totals(*undisturbed);
    QCOMPARE(expected_filed_.size(), expected_rows_.size());
    QVERIFY(expected_totals_.size() > 100);
    expected_messages_ = messages();
    QVERIFY(expected_rows_.size() > StreamLives::kRows - 1000);
    QCOMPARE(expected_messages_.size(), expected_rows_.size());
  }

  void every_crash_point_leaves_the_same_rows_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"epoch.before_commit", "epoch.after_commit", "delivery.before", "delivery.after", "delivery.trimmed", "postgres.before_commit",
                              "postgres.after_commit", "kafka.before_begin", "kafka.after_produce", "kafka.after_marker", "kafka.after_commit", "sqlite.after_rows",
                              "sqlite.before_commit", "sqlite.after_commit"})
      for (const int pass : {1, 6}) QTest::addRow("%s, pass %d", point, pass) << QString("%1:%2").arg(point).arg(pass);
  }
  void every_crash_point_leaves_the_same_rows() {
    QFETCH(QString, point);
    const auto lives = make_stream();
    QVERIFY2(!lives->live(point), "the point was not reached");
    QVERIFY(lives->live());
    compare(*lives, 1);
  }

  void a_replay_that_is_killed_leaves_the_same_rows_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"replay.before_delivery", "delivery.before", "delivery.after", "postgres.before_commit", "postgres.after_commit",
                              "kafka.before_begin", "kafka.after_produce", "kafka.after_marker", "kafka.after_commit", "sqlite.before_commit", "sqlite.after_commit"})
      QTest::addRow("%s", point) << QString("%1:1").arg(point);
  }
  void a_replay_that_is_killed_leaves_the_same_rows() {
    QFETCH(QString, point);
    const auto lives = make_stream();
    QVERIFY(lives->live());
    QVERIFY2(!lives->live(point, To::replay), "the point was not reached");
    QVERIFY(lives->live({}, To::replay));
    compare(*lives, 2);
  }

  void a_marker_that_is_gone_while_an_epoch_is_in_doubt_stops_the_sink() {
    const auto lives = make_stream();
    QVERIFY(!lives->live("kafka.after_commit:3"));
    const auto before = messages();
    const std::string number = std::to_string(streams_);
    const std::string group = "penstock-sink-sales-silver.kafka.sales_" + number + "-0";
    QCOMPARE(topic().delete_group(group), std::string());
    QProcess child;
    child.setProcessChannelMode(QProcess::MergedChannels);
    child.start(STREAM_CHILD, lives->arguments(To::stream));
    QByteArray said;
    QTRY_VERIFY2_WITH_TIMEOUT((said += child.readAll()).contains("is gone, so nobody knows whether the last epoch"), said.constData(), 120000);
    child.kill();
    child.waitForFinished();
    QCOMPARE(messages(), before);
  }

  void random_kills_leave_the_same_rows_data() { add_crash_seeds(); }
  void random_kills_leave_the_same_rows() {
    QFETCH(quint32, seed);
    QRandomGenerator random(seed);
    const auto lives = make_stream();
    for (int life = 0; life < 4; ++life)
      if (lives->live({}, To::stream, random.bounded(100, 4000))) break;
    QVERIFY(lives->live());
    compare(*lives, 1);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::SinkCrashMatrixTest)
#include "sink_crash_matrix_test.moc"
