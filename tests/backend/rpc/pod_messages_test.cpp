#include "rpc/pod_messages.h"

#include <QTest>

#include "rpc/error_status.h"
#include "rpc/log_messages.h"
#include "rpc/rejected_messages.h"
#include "rpc/workspace_messages.h"

namespace penstock::rpc {

class PodMessagesTest : public QObject {
  Q_OBJECT

 private slots:
  void a_report_comes_back_as_it_was_sent();
  void a_damaged_histogram_is_refused();
  void what_a_peer_says_in_another_encoding_arrives();
};

void PodMessagesTest::a_report_comes_back_as_it_was_sent() {
  PodReport sent{.pod = "shared-0", .at = 7, .process_id = 41, .started_at = 3, .cpu_seconds = 1.5, .memory_bytes = 99};
  StreamReport stream{.stream = "sales", .status = PipelineStatus::catching_up, .reason = "behind", .version = 4, .epoch = 12,
                      .behind_rows = 20, .rows_in = 100, .dead = 2, .lost_rows = 1, .lost_detail = "0@5", .relaxed_durability = true};
  StepReport silver{.step = "silver", .from = {"bronze"}, .rows_in = 98, .rows_out = 90, .landed = 90, .quarantined = 5,
                    .duplicates = 3, .open = 6};
  silver.expectations.push_back({.name = "qty_positive", .sql = "qty > 0", .on_fail = "quarantine", .checked = 98, .failed = 5, .last_failed_at = 6});
  silver.latency.record(1500);
  stream.steps.push_back(silver);
  stream.sinks.push_back({.sink = "silver.delta", .from = "silver", .kind = "delta", .table = "silver.sales",
                          .circuit = CircuitState::half_open, .delivered_rows = 80, .rejected_rows = 1, .idempotent = false, .failed_tries = 3, .failing_since = 8});
  stream.sources.push_back({"pos.sales", {{0, 50, 60}, {3, 7, 17}}, 4'096});
  stream.drift.push_back({.field = "till_version", .what = "added", .rows = 2, .first_seen = 1});
  stream.positions = {{0, 50}, {3, 7}};
  stream.heads = {{0, 60}, {3, 17}};
  stream.queryable.record(20'000, 3);
  sent.streams.push_back(stream);
  sent.replays.push_back({.id = "r1", .stream = "sales", .status = "running", .rows_total = 10, .rows_done = 4});

  pod::v1::Report message;
  write_report(sent, message);
  const auto received = read_report(message);
  QVERIFY(received.ok());

  QCOMPARE(received->process_id, 41);
  QCOMPARE(received->cpu_seconds, 1.5);
  const auto& sales = received->streams.at(0);
  QCOMPARE(sales.status, PipelineStatus::catching_up);
  QCOMPARE(sales.rows_in, 100);
  QCOMPARE(sales.lost_detail, std::string("0@5"));
  QVERIFY(sales.relaxed_durability);
  QCOMPARE(sales.positions, (Positions{{0, 50}, {3, 7}}));
  QCOMPARE(sales.heads, (Positions{{0, 60}, {3, 17}}));
  QCOMPARE(sales.queryable.count(), 3u);
  const auto& step = sales.steps.at(0);
  QCOMPARE(step.from, std::vector<std::string>{"bronze"});
  QCOMPARE(step.open, 6);
  QCOMPARE(step.expectations.at(0).on_fail, std::string("quarantine"));
  QCOMPARE(step.latency.count(), 1u);
  QCOMPARE(sales.sinks.at(0).circuit, CircuitState::half_open);
  QCOMPARE(sales.sinks.at(0).rejected_rows, 1);
  QVERIFY(!sales.sinks.at(0).idempotent);
  QCOMPARE(sales.sinks.at(0).failed_tries, 3);
  QCOMPARE(sales.sinks.at(0).failing_since, 8);
  QCOMPARE(sales.sources.at(0).source, std::string("pos.sales"));
  QCOMPARE(sales.sources.at(0).partitions.at(1).partition, 3);
  QCOMPARE(sales.sources.at(0).partitions.at(1).position, 7);
  QCOMPARE(sales.sources.at(0).partitions.at(1).head, 17);
  QCOMPARE(sales.sources.at(0).kept_log_bytes, 4'096);
  QCOMPARE(received->replays.at(0).rows_done, 4);
}

void PodMessagesTest::a_damaged_histogram_is_refused() {
  pod::v1::Report message;
  message.add_streams()->set_queryable("\xff");
  const auto received = read_report(message);
  QVERIFY(!received.ok());
  QCOMPARE(received.error().kind, ErrorKind::data_loss);
}

// Whoever reads a message refuses all of it where one of its texts is no UTF-8.
void PodMessagesTest::what_a_peer_says_in_another_encoding_arrives() {
  const std::string said = "Gr\xF6\xDF" "e fehlt", shown = "Gr\uFFFD\uFFFD" "e fehlt";
  PodReport sent{.pod = "shared-0"};
  sent.streams.push_back({.stream = "sales", .reason = said, .lost_detail = said});
  sent.streams.back().sinks.push_back({.sink = "silver.http", .error = said});
  pod::v1::Report message, arrived;
  write_report(sent, message);
  QVERIFY(arrived.ParseFromString(message.SerializeAsString()));
  QCOMPARE(arrived.streams(0).reason(), shown);
  QCOMPARE(arrived.streams(0).lost_detail(), shown);
  QCOMPARE(arrived.streams(0).sinks(0).error(), shown);

  v1::ErrorDetail detail;
  QVERIFY(detail.ParseFromString(error_trailer(Error(ErrorKind::unavailable, said, said, said))));
  QCOMPARE(detail.message(), shown);

  v1::RejectedRow row, listed;
  write(RejectedRow{.reason = said, .key = said}, row);      // of a time when they were kept as they came
  QVERIFY(listed.ParseFromString(row.SerializeAsString()));
  QCOMPARE(listed.reason(), shown);
  QCOMPARE(listed.key(), shown);

  v1::Problem problem, told;
  write(Problem{.message = said}, problem);
  QVERIFY(told.ParseFromString(problem.SerializeAsString()));
  QCOMPARE(told.message(), shown);

  v1::LogLine line, read;
  write(LogLine{.level = "info", .origin = "engine", .text = said}, line);
  QVERIFY(read.ParseFromString(line.SerializeAsString()));
  QVERIFY(read.ParseFromString(log_line_of(said, "shared-0").SerializeAsString()));
  QVERIFY(read.ParseFromString(log_line_of("2026-11-22T10:00:00Z info " + said, "shared-0").SerializeAsString()));
  QCOMPARE(read.text(), shown);
}

}  // namespace penstock::rpc

QTEST_GUILESS_MAIN(penstock::rpc::PodMessagesTest)
#include "pod_messages_test.moc"
