#include "connectors/kafka/kafka_sink.h"

#include <QProcess>
#include <QTest>

#include <algorithm>
#include <csignal>

#include "backend/connectors/kafka/kafka_topic.h"
#include "backend/sql/rows.h"
#include "support/kafka_server.h"

using namespace penstock;
using namespace penstock::kafka;
using test::KafkaTopic;
using test::TopicMessage;

namespace {

const SchemaPtr kSchema = test::make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int64}}, {"price", {TypeKind::decimal, 10, 2}},
                                             {"at", {TypeKind::timestamp}}, {"note", {TypeKind::json}}, {"_offset", {TypeKind::int64}}});

SinkEpoch epoch_of(std::int64_t epoch, const std::vector<std::vector<std::string>>& rows) {
  return {.epoch = epoch, .rows = {test::make_batch(kSchema, rows)}};
}

std::vector<std::string> row(const std::string& sku, const std::string& qty) { return {sku, qty, "1299", "0", "NULL", "7"}; }

Status no_rejects(const std::vector<RefusedRow>&) { return Error(ErrorKind::internal, "no row should be refused"); }

void same(const std::string& actual, const std::string& expected) {
  QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected));
}

std::string message_text(const Status& status) { return status.ok() ? "" : status.error().to_string(); }

}  // namespace

// Against a real broker, read back by librdkafka alone.
class KafkaSinkTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void init();
  void rows_become_keyed_json_messages();
  void the_marker_tells_the_last_epoch();
  void several_epochs_go_in_one_transaction();
  void upsert_turns_deleted_rows_into_tombstones();
  void changes_go_in_debeziums_envelope();
  void debeziums_envelope_has_a_schema_part_where_it_is_asked_for();
  void a_row_that_is_too_large_is_refused_alone();
  void rejects_that_cannot_be_recorded_stop_the_delivery();
  void a_topic_of_another_state_is_refused_until_it_is_taken_over();
  void a_marker_that_is_gone_while_an_epoch_is_in_doubt_is_refused();
  void a_second_sink_fences_the_first();
  void a_topic_that_there_is_not_is_named();
  void every_crash_point_delivers_each_epoch_once_data();
  void every_crash_point_delivers_each_epoch_once();

 private:
  KafkaSinkConfig config() const { return {.properties = {{"bootstrap.servers", server_.brokers()}}, .topic = topic_->name()}; }
  Marker marker(const std::string& state = "state") const { return {.state_id = state, .sink = topic_->name(), .stream = "sales"}; }
  std::vector<std::string> values() const;

  test::KafkaServer server_;
  std::unique_ptr<KafkaTopic> topic_;
  int topics_ = 0;
};

void KafkaSinkTest::initTestCase() { QCOMPARE(server_.start(), QString()); }

void KafkaSinkTest::init() { topic_ = std::make_unique<KafkaTopic>(server_.brokers(), "sink-" + std::to_string(++topics_)); }

std::vector<std::string> KafkaSinkTest::values() const {
  std::vector<std::string> values;
  for (const TopicMessage& message : topic_->read_all(1)) values.push_back(message.value.value_or("(none)"));
  return values;
}

void KafkaSinkTest::rows_become_keyed_json_messages() {
  same(topic_->create(1), "");
  KafkaSinkConfig keyed = config();
  keyed.key = {"sku"};
  KafkaSink sink(keyed);
  const auto opened = sink.open(marker(), kSchema);
  QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
  QVERIFY(!opened->has_value());
  same(message_text(sink.deliver({epoch_of(1, {{"a\"b\n", "3", "1299", "1795185127250001", R"({"x":[1]})", "7"}, {"c", "NULL", "-5", "NULL", "NULL", "8"}})}, no_rejects, {})), "");
  const auto messages = topic_->read_all(1);
  QCOMPARE(messages.size(), std::size_t(2));
  same(*messages[0].key, "a\"b\n");
  const std::string expected = "{\"sku\":\"a\\\"b\\n\",\"qty\":3,\"price\":12.99,\"at\":\"2026-11-20T14:32:07.250001Z\",\"note\":{\"x\":[1]}}";
  same(*messages[0].value, expected);
  same(*messages[1].value, R"({"sku":"c","qty":null,"price":-0.05,"at":null,"note":null})");
}

void KafkaSinkTest::the_marker_tells_the_last_epoch() {
  same(topic_->create(1), "");
  {
    KafkaSink sink(config());
    QVERIFY(!(*sink.open(marker(), kSchema)).has_value());
    for (const std::int64_t epoch : {7, 8, 12}) same(message_text(sink.deliver({epoch_of(epoch, {row("a", std::to_string(epoch))})}, no_rejects, {})), "");
    QCOMPARE(*sink.open(marker(), kSchema), std::optional<std::int64_t>(12));
  }
  KafkaSink again(config());
  QCOMPARE(*again.open(marker(), kSchema), std::optional<std::int64_t>(12));
  // Another shard of the same sink has a marker of its own.
  Marker other = marker();
  other.shard = 1;
  KafkaSink shard(config());
  QVERIFY(!(*shard.open(other, kSchema)).has_value());
}

void KafkaSinkTest::several_epochs_go_in_one_transaction() {
  same(topic_->create(1), "");
  KafkaSink sink(config());
  QVERIFY(sink.open(marker(), kSchema).ok());
  same(message_text(sink.deliver({epoch_of(1, {row("a", "1")}), epoch_of(2, {}), epoch_of(3, {row("b", "2")})}, no_rejects, {})), "");
  QCOMPARE(values().size(), std::size_t(2));
  QCOMPARE(*sink.open(marker(), kSchema), std::optional<std::int64_t>(3));
}

void KafkaSinkTest::upsert_turns_deleted_rows_into_tombstones() {
  same(topic_->create(1), "");
  KafkaSinkConfig upsert = config();
  upsert.upsert = true;
  upsert.key = {"sku", "region"};
  const SchemaPtr schema = test::make_schema({{"sku", {TypeKind::varchar}}, {"region", {TypeKind::int64}}, {"_op", {TypeKind::varchar}}});
  same(KafkaSink(config()).open(marker(), schema).error().message, "topic " + topic_->name() + " would get changes, which cannot be appended");
  KafkaSink sink(upsert);
  QVERIFY(sink.open(marker(), schema).ok());
  QVERIFY(sink.traits().replaces);
  same(message_text(sink.deliver({{.epoch = 1, .rows = {test::make_batch(schema, {{"a", "1", "c"}, {"a", "1", "d"}})}}}, no_rejects, {})), "");
  const auto messages = topic_->read_all(1);
  QCOMPARE(messages.size(), std::size_t(2));
  same(*messages[0].key, R"({"sku":"a","region":1})");
  same(*messages[0].value, R"({"sku":"a","region":1})");
  same(*messages[1].key, R"({"sku":"a","region":1})");
  QVERIFY(!messages[1].value);
}

// A removal says what it knows, its key, and a tombstone follows it; a key that changes comes as a removal and a creation.
void KafkaSinkTest::changes_go_in_debeziums_envelope() {
  same(topic_->create(1), "");
  const ManualClock clock(from_micros(1795185200000000));
  KafkaSinkConfig debezium = config();
  debezium.clock = &clock;
  debezium.debezium = DebeziumOptions{.key = {"sku"}, .stream = "sales", .topic = topic_->name()};
  const SchemaPtr schema = test::make_schema({{"sku", {TypeKind::varchar}}, {"price", {TypeKind::decimal, 10, 2}}, {"due", {TypeKind::date}}, {"at", {TypeKind::timestamp}}, {"note", {TypeKind::json}},
                                              {"photo", {TypeKind::blob}}, {"_op", {TypeKind::varchar}}, {"_source_time", {TypeKind::timestamp}}});
  KafkaSink sink(debezium);
  QVERIFY(sink.open(marker(), schema).ok());
  same(message_text(sink.deliver({{.epoch = 1, .rows = {test::make_batch(schema, {{"a", "1299", "20454", "1795185127250001", R"({"x": 1})", "ab", "u", "1795185127000000"},
                                                                                 {"a", "NULL", "NULL", "NULL", "NULL", "NULL", "d", "NULL"},
                                                                                 {"b", "-129", "NULL", "NULL", "NULL", "NULL", "c", "NULL"}})}}}, no_rejects, {})), "");
  const auto messages = topic_->read_all(1);
  QCOMPARE(messages.size(), std::size_t(4));
  const std::string source = R"("source":{"version":"1","connector":"penstock","name":"sales","snapshot":"false","db":"","table":")" + topic_->name() + "\"";
  const std::string at_now = R"(,"ts_ms":1795185200000,"ts_us":1795185200000000})", ts_ms = R"(,"ts_ms":1795185200000})";
  same(*messages[0].key, R"({"sku":"a"})");
  same(*messages[0].value, R"({"before":null,"after":{"sku":"a","price":"BRM=","due":20454,"at":"2026-11-20T14:32:07.250001Z","note":"{\"x\": 1}","photo":"YWI="},)" + source +
                               R"(,"ts_ms":1795185127000,"ts_us":1795185127000000},"op":"u")" + ts_ms);
  same(*messages[1].value, R"({"before":{"sku":"a","price":null,"due":null,"at":null,"note":null,"photo":null},"after":null,)" + source + at_now + R"(,"op":"d")" + ts_ms);
  same(*messages[2].key, R"({"sku":"a"})");
  QVERIFY(!messages[2].value);
  same(*messages[3].value, R"({"before":null,"after":{"sku":"b","price":"/38=","due":null,"at":null,"note":null,"photo":null},)" + source + at_now + R"(,"op":"c")" + ts_ms);
}

void KafkaSinkTest::debeziums_envelope_has_a_schema_part_where_it_is_asked_for() {
  same(topic_->create(1), "");
  KafkaSinkConfig debezium = config();
  debezium.debezium = DebeziumOptions{.key = {"sku"}, .schemas = true, .stream = "sales", .topic = "shop"};
  const SchemaPtr schema = test::make_schema({{"sku", {TypeKind::varchar}}, {"price", {TypeKind::decimal, 10, 2}}});
  KafkaSink sink(debezium);
  QVERIFY(sink.open(marker(), schema).ok());
  same(message_text(sink.deliver({{.epoch = 1, .rows = {test::make_batch(schema, {{"a", "1299"}})}}}, no_rejects, {})), "");
  const auto messages = topic_->read_all(1);
  QCOMPARE(messages.size(), std::size_t(1));
  same(*messages[0].key, R"({"schema":{"type":"struct","fields":[{"type":"string","optional":false,"field":"sku"}],"optional":false,"name":"shop.Key"},"payload":{"sku":"a"}})");
  const std::string row = R"({"type":"struct","fields":[{"type":"string","optional":false,"field":"sku"},{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","version":1,)"
                          R"("parameters":{"scale":"2","connect.decimal.precision":"10"},"optional":true,"field":"price"}],"optional":true,"name":"shop.Value","field":)";
  QVERIFY2(messages[0].value->starts_with(R"({"schema":{"type":"struct","fields":[)" + row + R"("before"},)" + row + R"("after"},)"), messages[0].value->c_str());
  QVERIFY2(messages[0].value->find(R"("payload":{"before":null,"after":{"sku":"a","price":"BRM="},)") != std::string::npos, messages[0].value->c_str());
}

void KafkaSinkTest::a_row_that_is_too_large_is_refused_alone() {
  same(topic_->create(1, {{"max.message.bytes", "20000"}}), "");
  KafkaSink sink(config());
  QVERIFY(sink.open(marker(), kSchema).ok());
  std::vector<RefusedRow> refused;
  const auto record = [&](const std::vector<RefusedRow>& rows) {
    refused.insert(refused.end(), rows.begin(), rows.end());
    return Status();
  };
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < 200; ++i) rows.push_back(row(i == 120 ? std::string(30'000, 'x') : "a" + std::to_string(i), "1"));
  same(message_text(sink.deliver({epoch_of(1, rows)}, record, {})), "");
  QCOMPARE(refused.size(), std::size_t(1));
  QCOMPARE(refused[0].epoch, 1);
  QCOMPARE(refused[0].row, 120);
  QVERIFY2(refused[0].reason.find("is larger than topic " + topic_->name() + " takes") != std::string::npos, refused[0].reason.c_str());
  QCOMPARE(values().size(), std::size_t(199));
}

void KafkaSinkTest::rejects_that_cannot_be_recorded_stop_the_delivery() {
  same(topic_->create(1, {{"max.message.bytes", "20000"}}), "");
  KafkaSink sink(config());
  QVERIFY(sink.open(marker(), kSchema).ok());
  const std::vector<std::vector<std::string>> rows = {row("a", "1"), row(std::string(30'000, 'x'), "1")};
  same(sink.deliver({epoch_of(1, rows)}, no_rejects, {}).error().message, "no row should be refused");
  QVERIFY(values().empty());
  QCOMPARE(*sink.open(marker(), kSchema), std::optional<std::int64_t>(0));
}

void KafkaSinkTest::a_topic_of_another_state_is_refused_until_it_is_taken_over() {
  same(topic_->create(1), "");
  KafkaSink sink(config());
  QVERIFY(sink.open(marker("first"), kSchema).ok());
  SinkEpoch fifth = epoch_of(5, {row("a", "1")});
  fifth.progress = "so far";
  same(message_text(sink.deliver({fifth}, no_rejects, {})), "");
  const auto refused = sink.open(marker("second"), kSchema);
  QVERIFY(!refused.ok());
  QVERIFY(refused.error().kind == ErrorKind::failed_precondition);
  same(refused.error().message, "topic " + topic_->name() + " was written up to epoch 5 by another state of stream sales");
  same(sink.holding()->state_id, "first");
  QCOMPARE(sink.holding()->epoch, 5);
  same(sink.holding()->progress, "so far");
  KafkaSinkConfig over = config();
  over.take_over = true;
  KafkaSink taker(over);
  QVERIFY(!(*taker.open(marker("second"), kSchema)).has_value());
  same(message_text(taker.deliver({epoch_of(1, {row("b", "1")})}, no_rejects, {})), "");
  QCOMPARE(*taker.open(marker("second"), kSchema), std::optional<std::int64_t>(1));
}

void KafkaSinkTest::a_marker_that_is_gone_while_an_epoch_is_in_doubt_is_refused() {
  same(topic_->create(1), "");
  Marker in_doubt = marker();
  in_doubt.in_doubt = true;
  {
    // Killed before its first epoch: the marker is there from the first open on.
    KafkaSink sink(config());
    QVERIFY(!(*sink.open(marker(), kSchema)).has_value());
    QCOMPARE(*sink.open(in_doubt, kSchema), std::optional<std::int64_t>(0));
    same(message_text(sink.deliver({epoch_of(1, {row("a", "1")})}, no_rejects, {})), "");
    QCOMPARE(*sink.open(in_doubt, kSchema), std::optional<std::int64_t>(1));
  }
  same(topic_->delete_group(marker_group(marker())), "");
  KafkaSink sink(config());
  const auto refused = sink.open(in_doubt, kSchema);
  QVERIFY(!refused.ok());
  QCOMPARE(refused.error().kind, ErrorKind::failed_precondition);
  QVERIFY2(refused.error().message.find("the marker of topic " + topic_->name()) == 0, refused.error().message.c_str());
  QCOMPARE(values().size(), std::size_t(1));
  // The operator has looked, and says that it is to be sent again.
  KafkaSinkConfig again = config();
  again.take_over = true;
  KafkaSink taken(again);
  QVERIFY(!(*taken.open(in_doubt, kSchema)).has_value());
  same(message_text(taken.deliver({epoch_of(2, {row("b", "2")})}, no_rejects, {})), "");
  QCOMPARE(values().size(), std::size_t(2));
  // Nothing is in doubt: an idle group that the broker forgot stops nobody.
  same(topic_->delete_group(marker_group(marker())), "");
  QVERIFY(!(*sink.open(marker(), kSchema)).has_value());
}

void KafkaSinkTest::a_second_sink_fences_the_first() {
  same(topic_->create(1), "");
  KafkaSink first(config());
  QVERIFY(first.open(marker(), kSchema).ok());
  same(message_text(first.deliver({epoch_of(1, {row("a", "1")})}, no_rejects, {})), "");
  KafkaSink second(config());
  QCOMPARE(*second.open(marker(), kSchema), std::optional<std::int64_t>(1));
  const Status fenced = first.deliver({epoch_of(2, {row("late", "1")})}, no_rejects, {});
  QVERIFY(!fenced.ok());
  QVERIFY2(fenced.error().kind == ErrorKind::failed_precondition, fenced.error().to_string().c_str());
  same(message_text(second.deliver({epoch_of(2, {row("b", "1")})}, no_rejects, {})), "");
  QCOMPARE(values().size(), std::size_t(2));
}

void KafkaSinkTest::a_topic_that_there_is_not_is_named() {
  KafkaSinkConfig nowhere = config();
  nowhere.properties.emplace_back("allow.auto.create.topics", "false");
  nowhere.topic = "no such topic";
  KafkaSink sink(nowhere);
  const auto opened = sink.open(marker(), kSchema);
  QVERIFY(!opened.ok());
  KafkaSinkConfig keyed = config();
  keyed.key = {"store"};
  same(topic_->create(1), "");
  same(KafkaSink(keyed).open(marker(), kSchema).error().message, "the rows for topic " + topic_->name() + " have no key column 'store'");
}

void KafkaSinkTest::every_crash_point_delivers_each_epoch_once_data() {
  QTest::addColumn<QString>("point");
  QTest::addColumn<int>("epoch");
  for (const char* point : {"kafka.before_begin", "kafka.after_produce", "kafka.after_marker", "kafka.after_commit"})
    for (const int epoch : {1, 4}) QTest::addRow("%s in epoch %d", point, epoch) << QString(point) << epoch;
}

void KafkaSinkTest::every_crash_point_delivers_each_epoch_once() {
  QFETCH(QString, point);
  QFETCH(int, epoch);
  constexpr int kEpochs = 6;
  same(topic_->create(1), "");
  const auto run_child = [&](const QString& crash_at) {
    QProcess child;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!crash_at.isEmpty()) environment.insert("PENSTOCK_CRASH_AT", crash_at);
    child.setProcessEnvironment(environment);
    child.start(QCoreApplication::applicationDirPath() + "/kafka_crash_child",
                {QString::fromStdString(server_.brokers()), QString::fromStdString(topic_->name()), QString::number(kEpochs)});
    if (!child.waitForFinished(180'000)) return -1;
    if (child.exitStatus() == QProcess::CrashExit) return SIGKILL;
    if (child.exitCode() != 0) qWarning("%s", child.readAllStandardError().constData());
    return child.exitCode();
  };
  QCOMPARE(run_child(point + ":" + QString::number(epoch)), SIGKILL);
  QCOMPARE(run_child({}), 0);
  std::vector<std::string> expected;
  for (int e = 1; e <= kEpochs; ++e)
    for (int n = 0; n < 10; ++n) expected.push_back("{\"epoch\":" + std::to_string(e) + ",\"n\":" + std::to_string(n) + "}");
  QCOMPARE(values(), expected);
}

QTEST_GUILESS_MAIN(KafkaSinkTest)
#include "kafka_sink_test.moc"
