#include "connectors/kafka/kafka_connector.h"

#include <QTest>
#include <set>

#include "backend/connectors/kafka/kafka_topic.h"
#include "support/kafka_server.h"

using namespace penstock;
using test::KafkaTopic;
using test::TopicMessage;

namespace {

Setting map_of(std::initializer_list<std::pair<std::string, std::string>> entries) {
  Setting map{.kind = Setting::Kind::map};
  for (const auto& [key, value] : entries) map.entries.emplace_back(key, Setting{.kind = Setting::Kind::text, .text = value});
  return map;
}

void same(const std::string& actual, const std::string& expected) {
  QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected));
}

}  // namespace

// Against a real broker.
class KafkaSourceTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void init();
  void messages_come_with_everything_that_they_carry();
  void a_restart_goes_on_at_the_position();
  void a_range_ends_at_its_until();
  void aborted_transactions_are_not_seen_and_marks_are_no_lag();
  void a_range_that_ends_in_marks_ends();
  void positions_that_are_gone_are_named();
  void latest_begins_at_the_end();
  void a_message_that_is_too_large_is_cut_and_the_next_one_comes();
  void a_partition_is_behind_until_its_end_was_seen();
  void what_was_given_out_counts_as_reached();
  void a_topic_larger_than_the_queue_comes_whole_and_in_order();
  void committed_positions_can_be_seen_by_others();
  void a_long_wait_ends_when_it_is_to_stop();
  void a_topic_that_there_is_not_is_named();
  void a_broker_that_is_gone_is_unavailable_and_nothing_is_lost();
  void a_pattern_reads_every_topic_that_it_matches();
  void new_topics_and_partitions_are_found();
  void a_topic_that_was_made_anew_is_told_from_the_old_one();
  void a_connection_is_tested();

 private:
  Settings connection() const { return Settings(map_of({{"brokers", server_.brokers()}})); }
  std::unique_ptr<Source> make(std::initializer_list<std::pair<std::string, std::string>> more = {}, const std::string& topic = "") const;
  // Polls until `rows` rows came (or the source ended); each as "partition:offset=value".
  std::vector<std::string> read(Source& source, std::size_t rows);
  static std::vector<TopicMessage> numbered(int count, int partition = 0, int first = 0);

  test::KafkaServer server_;
  std::unique_ptr<KafkaTopic> topic_;
  int topics_ = 0;
  PollOutcome outcome_ = PollOutcome::idle;      // of the last poll
  RawBatch read_;                                // what the last read() gave
};

void KafkaSourceTest::initTestCase() { QCOMPARE(server_.start(), QString()); }

void KafkaSourceTest::init() { topic_ = std::make_unique<KafkaTopic>(server_.brokers(), "source-" + std::to_string(++topics_)); }

std::unique_ptr<Source> KafkaSourceTest::make(std::initializer_list<std::pair<std::string, std::string>> more, const std::string& topic) const {
  Setting settings = map_of({{"topic", topic.empty() ? topic_->name() : topic}});
  for (const auto& [key, value] : more) settings.entries.emplace_back(key, Setting{.kind = Setting::Kind::text, .text = value});
  ConnectorContext context;
  context.stream = "sales";
  context.memory_bytes = 2 << 20;
  auto source = kafka_connector().make_source(connection(), Settings(settings), context);
  if (!source.ok()) qFatal("%s", source.error().to_string().c_str());
  return std::move(*source);
}

std::vector<std::string> KafkaSourceTest::read(Source& source, std::size_t rows) {
  std::vector<std::string> all;
  read_ = {};
  QElapsedTimer timer;
  timer.start();
  while (timer.elapsed() < 60'000) {
    RawBatch batch;
    const auto outcome = source.poll(batch, {}, {});
    if (!outcome.ok()) {
      all.push_back("! " + outcome.error().message);
      return all;
    }
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      all.push_back(std::to_string(batch[row].position.partition) + ":" + std::to_string(batch[row].position.offset) + "=" + std::string(batch[row].value));
      read_.append(batch[row]);
    }
    outcome_ = *outcome;
    if (outcome_ == PollOutcome::ended || all.size() >= rows) return all;
  }
  return all;
}

std::vector<TopicMessage> KafkaSourceTest::numbered(int count, int partition, int first) {
  std::vector<TopicMessage> messages;
  for (int i = first; i < first + count; ++i) messages.push_back({.partition = partition, .value = "v" + std::to_string(i)});
  return messages;
}

void KafkaSourceTest::messages_come_with_everything_that_they_carry() {
  same(topic_->create(2), "");
  same(topic_->produce({{.partition = 1, .key = "k", .value = "one", .headers = {{"trace", "a\"b"}, {"n", "1"}, {"n", "2"}, {"raw", "\xff"}}, .timestamp_millis = 1'700'000'000'123},
                        {.partition = 1, .key = "k", .value = std::nullopt},
                        {.partition = 1, .value = ""}}), "");
  const auto source = make();
  same(source->name(), topic_->name());
  QVERIFY(source->assign({{.partition = 0}, {.partition = 1}}).ok());
  QCOMPARE(read(*source, 3).size(), std::size_t(3));
  same(std::string(read_[0].key), "k");
  same(std::string(read_[0].headers), R"({"trace":"a\"b","n":["1","2"],"raw":{"base64":"/w=="}})");
  QCOMPARE(read_[0].source_time_micros, 1'700'000'000'123'000);
  QVERIFY(read_[0].has_key && !read_[0].tombstone);
  QVERIFY(read_[1].tombstone && read_[1].headers.empty());
  QVERIFY(!read_[2].has_key && !read_[2].tombstone);
}

void KafkaSourceTest::a_restart_goes_on_at_the_position() {
  same(topic_->create(2), "");
  same(topic_->produce(numbered(5)), "");
  same(topic_->produce(numbered(3, 1)), "");
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0, .from = 3}, {.partition = 1}}).ok());
  std::vector<std::string> rows = read(*source, 5);
  std::sort(rows.begin(), rows.end());
  QCOMPARE(rows, (std::vector<std::string>{"0:3=v3", "0:4=v4", "1:0=v0", "1:1=v1", "1:2=v2"}));
  const auto ranges = source->partitions();
  QVERIFY(ranges.ok());
  QCOMPARE(ranges->size(), std::size_t(2));
  QCOMPARE(ranges->at(0).earliest, 0);
  QCOMPARE(ranges->at(0).head, 5);
  QCOMPARE(ranges->at(1).head, 3);
}

void KafkaSourceTest::a_range_ends_at_its_until() {
  same(topic_->create(1), "");
  same(topic_->produce(numbered(10)), "");
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0, .from = 2, .until = 5}}).ok());
  QCOMPARE(read(*source, 100), (std::vector<std::string>{"0:2=v2", "0:3=v3", "0:4=v4"}));
  QVERIFY(outcome_ == PollOutcome::ended || (read(*source, 1).empty() && outcome_ == PollOutcome::ended));
}

void KafkaSourceTest::aborted_transactions_are_not_seen_and_marks_are_no_lag() {
  same(topic_->create(1), "");
  same(topic_->produce(numbered(2, 0, 0), KafkaTopic::Transaction::commit), "");      // 0, 1, mark 2
  same(topic_->produce(numbered(2, 0, 10), KafkaTopic::Transaction::abort), "");      // 3, 4, mark 5
  same(topic_->produce(numbered(1, 0, 20), KafkaTopic::Transaction::commit), "");     // 6, mark 7
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0}}).ok());
  QCOMPARE(read(*source, 3), (std::vector<std::string>{"0:0=v0", "0:1=v1", "0:6=v20"}));
  QTRY_VERIFY_WITH_TIMEOUT((read(*source, 0), source->partitions()->at(0).head == 7), 60'000);
  QCOMPARE(source->reached(), (Positions{{0, 8}}));
}

void KafkaSourceTest::a_range_that_ends_in_marks_ends() {
  same(topic_->create(1), "");
  same(topic_->produce(numbered(2), KafkaTopic::Transaction::commit), "");
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0, .from = 0, .until = 3}}).ok());
  QCOMPARE(read(*source, 100), (std::vector<std::string>{"0:0=v0", "0:1=v1"}));
  QVERIFY(outcome_ == PollOutcome::ended);
}

void KafkaSourceTest::positions_that_are_gone_are_named() {
  same(topic_->create(1), "");
  same(topic_->produce(numbered(10)), "");
  same(topic_->delete_before(0, 6), "");
  const auto source = make();
  const Status gone = source->assign({{.partition = 0, .from = 2}});
  QVERIFY(!gone.ok());
  QVERIFY(gone.error().kind == ErrorKind::data_loss);
  same(gone.error().message, topic_->name() + "[0]: positions 2 to 5 are gone, the earliest held is 6");
  const Status ahead = source->assign({{.partition = 0, .from = 11}});
  QVERIFY(ahead.error().kind == ErrorKind::data_loss);
  same(ahead.error().message, topic_->name() + "[0]: position 11 is asked for, but the topic ends at 10: it was cut or made anew");
  QVERIFY(source->assign({{.partition = 3}}).error().kind == ErrorKind::not_found);
  QVERIFY(source->assign({{.partition = 0, .from = 6}}).ok());
  QCOMPARE(read(*source, 4).size(), std::size_t(4));
}

void KafkaSourceTest::latest_begins_at_the_end() {
  same(topic_->create(1), "");
  same(topic_->produce(numbered(3)), "");
  const auto source = make({{"start", "latest"}});
  QVERIFY(source->assign({{.partition = 0}}).ok());
  // Only once the end was found is anything new behind it.
  QTRY_VERIFY_WITH_TIMEOUT((read(*source, 0), source->partitions()->at(0).head == 3), 60'000);
  for (int i = 0; i < 20 && outcome_ == PollOutcome::idle; ++i) read(*source, 0);
  same(topic_->produce(numbered(1, 0, 3)), "");
  QCOMPARE(read(*source, 1), (std::vector<std::string>{"0:3=v3"}));
}

void KafkaSourceTest::a_message_that_is_too_large_is_cut_and_the_next_one_comes() {
  same(topic_->create(1, {{"max.message.bytes", "30000000"}}), "");
  same(topic_->produce({{.value = std::string(3'000'000, 'x')}, {.value = "small"}}), "");
  const auto source = make({{"message_max", "128KiB"}});
  QVERIFY(source->assign({{.partition = 0}}).ok());
  std::vector<std::int64_t> sizes;
  bool cut = false;
  for (int i = 0; i < 600 && sizes.size() < 2; ++i) {
    RawBatch batch;
    QVERIFY(source->poll(batch, {}, {}).ok());
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      sizes.push_back(static_cast<std::int64_t>(batch[row].value.size()));
      if (sizes.size() == 1) cut = batch[row].damage == RawBatch::Damage::cut; else QVERIFY(batch[row].damage == RawBatch::Damage::none);
    }
  }
  QCOMPARE(sizes, (std::vector<std::int64_t>{65'536, 5}));
  QVERIFY(cut);
}

void KafkaSourceTest::a_partition_is_behind_until_its_end_was_seen() {
  QCOMPARE(topic_->create(2), std::string());
  QCOMPARE(topic_->produce(numbered(3)), std::string());
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0}, {.partition = 1}}).ok());
  QCOMPARE(source->behind(), (std::vector<std::int32_t>{0, 1}));
  QCOMPARE(read(*source, 3).size(), std::size_t(3));
  const auto still_behind = [&] {
    RawBatch none;
    return source->poll(none, {}, {}).ok() && source->behind().empty() ? 0 : 1;
  };
  QTRY_COMPARE_WITH_TIMEOUT(still_behind(), 0, 60000);
  QCOMPARE(topic_->produce(numbered(1, 0, 3)), std::string());
  QCOMPARE(read(*source, 1).size(), std::size_t(1));
  QTRY_COMPARE_WITH_TIMEOUT(still_behind(), 0, 60000);
}

void KafkaSourceTest::what_was_given_out_counts_as_reached() {
  same(topic_->create(2), "");
  same(topic_->produce(numbered(3)), "");
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0, .from = 1}, {.partition = 1}}).ok());
  QCOMPARE(source->reached(), (Positions{{0, 1}}));
  QCOMPARE(read(*source, 2).size(), std::size_t(2));
  QTRY_COMPARE_WITH_TIMEOUT((read(*source, 0), source->reached()), (Positions{{0, 3}, {1, 0}}), 60'000);
}

void KafkaSourceTest::a_topic_larger_than_the_queue_comes_whole_and_in_order() {
  same(topic_->create(1), "");
  std::vector<TopicMessage> messages = numbered(3'000);
  for (TopicMessage& message : messages) *message.value += std::string(4'000, '.');
  same(topic_->produce(messages), "");
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0}}).ok());
  const std::vector<std::string> rows = read(*source, messages.size());
  QCOMPARE(rows.size(), messages.size());
  for (std::size_t i = 0; i < rows.size(); ++i) QCOMPARE(rows[i], "0:" + std::to_string(i) + "=" + *messages[i].value);
}

void KafkaSourceTest::committed_positions_can_be_seen_by_others() {
  same(topic_->create(2), "");
  same(topic_->produce(numbered(4)), "");
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0}, {.partition = 1}}).ok());
  QCOMPARE(read(*source, 4).size(), std::size_t(4));
  source->committed({{0, 3}});
  QTRY_COMPARE_WITH_TIMEOUT((read(*source, 0), topic_->committed("penstock-sales", 0)), 3, 60'000);
  QCOMPARE(topic_->committed("penstock-sales", 1), -1);
}

void KafkaSourceTest::a_long_wait_ends_when_it_is_to_stop() {
  same(topic_->create(1), "");
  const auto source = make();
  QVERIFY(source->assign({{0, 0, std::nullopt}}).ok());
  std::stop_source stop;
  PollLimits limits;
  limits.wait = std::chrono::hours(24);
  std::jthread stopper([&] { stop.request_stop(); });
  RawBatch batch;
  const auto outcome = source->poll(batch, limits, stop.get_token());
  QVERIFY(outcome.ok());
  QVERIFY(*outcome == PollOutcome::idle);
}

void KafkaSourceTest::a_topic_that_there_is_not_is_named() {
  const auto source = make();
  const auto ranges = source->partitions();
  QVERIFY(!ranges.ok());
  QVERIFY(ranges.error().kind == ErrorKind::not_found);
  same(ranges.error().message, "there is no topic '" + topic_->name() + "'");
}

void KafkaSourceTest::a_broker_that_is_gone_is_unavailable_and_nothing_is_lost() {
  same(topic_->create(1), "");
  same(topic_->produce(numbered(3)), "");
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0}}).ok());
  QCOMPARE(read(*source, 3).size(), std::size_t(3));
  QCOMPARE(server_.stop_for_a_while(), QString());
  std::string problem;
  for (int i = 0; i < 600 && problem.empty(); ++i) {
    RawBatch batch;
    const auto outcome = source->poll(batch, {}, {});
    if (outcome.ok()) continue;
    QVERIFY(outcome.error().kind == ErrorKind::unavailable);
    problem = outcome.error().message;
  }
  QVERIFY2(QString::fromStdString(problem).startsWith(QString::fromStdString("the broker of " + topic_->name() + " does not answer: ")), problem.c_str());
  QCOMPARE(server_.start(), QString());
  same(topic_->produce(numbered(2, 0, 3)), "");
  std::vector<std::string> rows;
  for (int i = 0; i < 600 && rows.size() < 2; ++i)
    for (const std::string& row : read(*source, 2))
      if (!row.starts_with("!")) rows.push_back(row);
  QCOMPARE(rows, (std::vector<std::string>{"0:3=v3", "0:4=v4"}));
}

void KafkaSourceTest::a_pattern_reads_every_topic_that_it_matches() {
  const KafkaTopic uk(server_.brokers(), "pattern.uk"), fr(server_.brokers(), "pattern.fr"), other(server_.brokers(), "other.pattern.uk");
  for (const KafkaTopic* topic : {&uk, &fr, &other}) {
    same(topic->create(2), "");
    same(topic->produce({{.partition = 1, .value = topic->name(), .headers = {{"trace", "t"}}}}), "");
  }
  const auto source = make({}, "^pattern\\.");
  same(source->name(), "^pattern\\.");
  const auto ranges = source->partitions();
  QVERIFY(ranges.ok());
  std::vector<Assignment> assignments;
  std::set<std::string> names;
  for (const PartitionRange& range : *ranges) {
    assignments.push_back({.partition = range.partition});
    names.insert(source->partition_name(range.partition));
  }
  QCOMPARE(names, (std::set<std::string>{"pattern.fr[0]", "pattern.fr[1]", "pattern.uk[0]", "pattern.uk[1]"}));
  // Partitions of the same number stay together, whatever divides them over shards.
  for (const PartitionRange& range : *ranges) QCOMPARE(shard_of(range.partition, 8), source->partition_name(range.partition).ends_with("[1]") ? 1 : 0);
  QVERIFY(source->assign(assignments).ok());
  std::set<std::string> values;
  for (int i = 0; i < 600 && values.size() < 2; ++i) {
    RawBatch batch;
    QVERIFY(source->poll(batch, {}, {}).ok());
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      const std::string value(batch[row].value);
      values.insert(value);
      same(source->partition_name(batch[row].position.partition), value + "[1]");
      same(std::string(batch[row].headers), "{\"__topic\":\"" + value + "\",\"__partition\":\"1\",\"trace\":\"t\"}");
    }
  }
  QCOMPARE(values, (std::set<std::string>{"pattern.fr", "pattern.uk"}));
  // Another source gives the same numbers, and goes on at the positions of the first.
  const auto again = make({}, "^pattern\\.");
  const auto numbers = again->partitions();
  QVERIFY(numbers.ok());
  QCOMPARE(numbers->size(), ranges->size());
  for (std::size_t i = 0; i < numbers->size(); ++i) QCOMPARE(numbers->at(i).partition, ranges->at(i).partition);
}

void KafkaSourceTest::new_topics_and_partitions_are_found() {
  const KafkaTopic first(server_.brokers(), "growing.a"), second(server_.brokers(), "growing.b");
  const auto observer = make({}, "^growing\\."), reader = make({}, "^growing\\.");
  const auto partitions = [&] {
    const auto ranges = observer->partitions();
    return ranges.ok() ? ranges->size() : 99;
  };
  QCOMPARE(partitions(), 0u);
  // A source that has nothing to read yet waits: it has not ended.
  QVERIFY(reader->assign({}).ok());
  QCOMPARE(read(*reader, 0).size(), 0u);
  QVERIFY(outcome_ == PollOutcome::idle);
  same(first.create(1), "");
  QVERIFY(QTest::qWaitFor([&] { return partitions() == 1; }, 60'000));
  same(first.grow(3), "");
  same(second.create(2), "");
  QVERIFY(QTest::qWaitFor([&] { return partitions() == 5; }, 60'000));
}

void KafkaSourceTest::a_topic_that_was_made_anew_is_told_from_the_old_one() {
  same(topic_->create(2), "");
  std::vector<TopicMessage> old = numbered(5);
  for (TopicMessage& message : old) message.timestamp_millis = 1'700'000'000'000;
  same(topic_->produce(old), "");
  const auto source = make();
  QVERIFY(source->assign({{.partition = 0}, {.partition = 1}}).ok());
  QCOMPARE(read(*source, 5).size(), 5u);
  const Anchors anchors = source->anchors();
  QCOMPARE(anchors, (Anchors{{0, "4 1700000000000 0 2"}}));
  QVERIFY(source->check(anchors).ok());
  same(topic_->produce(numbered(1, 0, 5)), "");
  QVERIFY(source->check(anchors).ok());
  QVERIFY(source->check({{0, "no anchor"}, {1, ""}}).ok());

  // Shorter than what was read, and then longer: the position alone would not tell.
  same(topic_->make_anew(2), "");
  const auto again = make();
  Status shorter;
  QVERIFY(QTest::qWaitFor([&] { return !(shorter = again->check(anchors)).ok() && shorter.error().kind == ErrorKind::data_loss; }, 60'000));
  same(shorter.error().message, topic_->name() + "[0]: position 4 was read, and it ends at 0 now: the topic was cut or made anew");
  std::vector<TopicMessage> anew = numbered(10);
  for (TopicMessage& message : anew) message.timestamp_millis = 1'700'000'100'000;
  same(topic_->produce(anew), "");
  const Status longer = again->check(anchors);
  QVERIFY(!longer.ok());
  same(longer.error().message, topic_->name() + "[0]: at position 4 was a record of 2023-11-14T22:13:20.000Z, and there is another one of 2023-11-14T22:15:00.000Z now: the topic was cut or made anew");
  // Retention is no new topic.
  same(topic_->delete_before(0, 6), "");
  QVERIFY(again->check(anchors).ok());
  same(topic_->remove(), "");
  Status gone;
  QVERIFY(QTest::qWaitFor([&] { return !(gone = again->check(anchors)).ok() && gone.error().kind == ErrorKind::not_found; }, 60'000));
}

void KafkaSourceTest::a_connection_is_tested() {
  const auto reached = kafka_connector().test_connection(connection(), std::chrono::seconds(30));
  QVERIFY(reached.ok());
  QVERIFY2(reached->starts_with("reached " + server_.brokers()), reached->c_str());
  QVERIFY(reached->find(": 1 broker, ") != std::string::npos);
  const Settings nobody(map_of({{"brokers", "127.0.0.1:1"}}));
  const auto failed = kafka_connector().test_connection(nobody, std::chrono::seconds(2));
  QVERIFY(failed.error().kind == ErrorKind::unavailable);
}

QTEST_GUILESS_MAIN(KafkaSourceTest)
#include "kafka_source_test.moc"
