#include <QTest>

#include "telemetry/merged_report.h"

namespace penstock {

// Reports of a stream's shards, put together as the pipeline shows them.
class MergedReportTest : public QObject {
  Q_OBJECT

  static StreamReport shard(std::int32_t number, PipelineStatus status, std::int64_t rows) {
    StreamReport report;
    report.stream = "sales";
    report.shard = number;
    report.status = status;
    report.reason = name_of(status);
    report.rows_in = rows;
    report.behind_rows = 10 * number;
    report.behind_micros = 1'000 * number;
    report.watermark = 5'000 - number;
    report.positions = {{number, rows}};
    report.heads = {{number, rows + 10}};
    report.sources = {{"pos", {{number + 2, rows, rows + 10}, {number, rows, rows + 10}}, 100 * number}};
    StepReport step;
    step.step = "silver";
    step.rows_in = rows;
    step.expectations = {{"known", "true", "drop", rows, number, number}};
    report.steps = {step};
    SinkReport sink;
    sink.sink = "silver.delta";
    sink.delivered_epoch = 7 + number;
    sink.waiting_rows = 3;
    sink.failed_tries = number;
    sink.failing_since = 9'000 * number;
    report.sinks = {sink};
    for (std::int64_t i = 0; i < rows; ++i) report.queryable.record(1'000 * (number + 1));
    return report;
  }
  static StreamReport all(const std::vector<StreamReport>& shards) {
    std::vector<const StreamReport*> pointers;
    for (const StreamReport& one : shards) pointers.push_back(&one);
    return merged(pointers);
  }
  static ReplayReport part(std::int32_t number, const std::string& status, std::int64_t found, std::int64_t lost, std::int64_t doubled) {
    ReplayReport report;
    report.id = "r1";
    report.shard = number;
    report.shards = 2;
    report.status = status;
    report.rows_total = 100;
    report.rows_done = 50;
    report.rows_found = found;
    report.rows_lost = lost;
    report.rows_doubled = doubled;
    report.outcome = status;
    return report;
  }
  static ReplayReport both(const std::vector<ReplayReport>& parts) {
    std::vector<const ReplayReport*> pointers;
    for (const ReplayReport& one : parts) pointers.push_back(&one);
    return merged(pointers);
  }

 private slots:
  void what_is_counted_adds_up() {
    const StreamReport report = all({shard(0, PipelineStatus::running, 5), shard(1, PipelineStatus::running, 7)});
    QCOMPARE(report.rows_in, 12);
    QCOMPARE(report.behind_rows, 10);
    QCOMPARE(report.behind_micros, 1'000);
    QCOMPARE(report.watermark, 4'999);
    QCOMPARE(report.positions, (Positions{{0, 5}, {1, 7}}));
    QCOMPARE(report.heads, (Positions{{0, 15}, {1, 17}}));
    QCOMPARE(report.steps.size(), 1u);
    QCOMPARE(report.steps.front().rows_in, 12);
    QCOMPARE(report.steps.front().expectations.front().checked, 12);
    QCOMPARE(report.steps.front().expectations.front().failed, 1);
    QCOMPARE(report.sinks.size(), 1u);
    QCOMPARE(report.sinks.front().delivered_epoch, 7);
    QCOMPARE(report.sinks.front().waiting_rows, 6);
    QCOMPARE(report.sinks.front().failed_tries, 1);
    QCOMPARE(report.sinks.front().failing_since, 9'000);
    QCOMPARE(report.sources.size(), 1u);
    QCOMPARE(report.sources.front().partitions.size(), 4u);
    QCOMPARE(report.sources.front().partitions[1].partition, 1);
    QCOMPARE(report.sources.front().partitions[3].head, 17);
    QCOMPARE(report.sources.front().kept_log_bytes, 100);
    QCOMPARE(report.queryable.count(), 12u);
    QVERIFY(report.queryable.max() >= 2'000);
  }

  void what_one_shard_cannot_do_the_stream_cannot() {
    QCOMPARE(all({shard(0, PipelineStatus::running, 1), shard(1, PipelineStatus::failing, 1)}).status, PipelineStatus::failing);
    QCOMPARE(all({shard(0, PipelineStatus::failing, 1), shard(1, PipelineStatus::running, 1)}).reason, std::string("failing"));
    QCOMPARE(all({shard(0, PipelineStatus::stopped, 1), shard(1, PipelineStatus::running, 1)}).status, PipelineStatus::running);
    QCOMPARE(all({shard(0, PipelineStatus::stopped, 1), shard(1, PipelineStatus::stopped, 1)}).status, PipelineStatus::stopped);
  }

  void what_is_not_known_of_one_is_not_known_of_all() {
    StreamReport unknown = shard(1, PipelineStatus::running, 1);
    unknown.behind_rows = unknown.behind_micros = -1;
    const StreamReport report = all({shard(0, PipelineStatus::running, 1), unknown});
    QCOMPARE(report.behind_rows, -1);
    QCOMPARE(report.behind_micros, -1);
  }

  void a_replay_is_done_once_all_of_its_shards_are() {
    QCOMPARE(both({part(0, "done", 40, 0, 0)}).status, std::string("running"));
    QCOMPARE(both({part(0, "done", 40, 0, 0), part(1, "verifying", 0, 0, 0)}).status, std::string("verifying"));
    const ReplayReport done = both({part(0, "done", 40, 2, 0), part(1, "done", 31, 0, 1)});
    QCOMPARE(done.status, std::string("done"));
    QCOMPARE(done.rows_done, 100);
    QCOMPARE(done.outcome, std::string("71 of 72 rows · 2 lost · 1 doubled"));
    const ReplayReport failed = both({part(0, "failed", 0, 0, 0), part(1, "done", 31, 0, 0)});
    QCOMPARE(failed.status, std::string("failed"));
    QCOMPARE(failed.outcome, std::string("failed"));
  }
};

}  // namespace penstock

QTEST_GUILESS_MAIN(penstock::MergedReportTest)
#include "merged_report_test.moc"
