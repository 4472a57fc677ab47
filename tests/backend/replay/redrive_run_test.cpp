#include "replay/redrive_run.h"

#include <QTemporaryDir>
#include <QTest>
#include <map>
#include <set>

#include "store/operations_db.h"

namespace penstock {
namespace {

// Takes each part once, as a pod does; rejects chosen offsets again, with one hop more.
struct FakePod {
  explicit FakePod(RejectedIndex& rejected) : rejected(rejected) {}
  Result<RedriveOutcome> take(const std::string& part, const std::vector<RedriveRow>& rows) {
    if (failing) return Error(ErrorKind::unavailable, "the pod does not answer");
    RedriveOutcome outcome;
    if (!parts.insert(part).second) {
      outcome.repeated = static_cast<std::int64_t>(rows.size());
      return outcome;
    }
    for (const auto& row : rows) {
      ++taken[row.position.offset];
      hops[row.position.offset] = row.hop;
      ++(bad.contains(row.position.offset) ? outcome.rejected_again : outcome.accepted);
    }
    if (dies_after_taking) return Error(ErrorKind::deadline_exceeded, "no answer in time");
    return outcome;
  }
  RejectedIndex& rejected;
  std::set<std::string> parts;
  std::map<std::int64_t, int> taken;
  std::map<std::int64_t, int> hops;
  std::set<std::int64_t> bad;
  bool failing = false, dies_after_taking = false;
};

}  // namespace

class RedriveRunTest : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void every_open_row_is_sent_once_with_one_hop_more();
  void rows_at_the_hop_limit_stay_where_they_are();
  void rows_without_a_record_stay_where_they_are();
  void an_interrupted_redrive_neither_doubles_nor_forgets_a_row();
  void a_pod_that_does_not_answer_leaves_the_rows_open();

 private:
  void insert(std::int64_t first, std::int64_t rows, std::int32_t hop = 0, const char* raw = "{}") {
    std::vector<RejectedDetail> details;
    for (auto offset = first; offset < first + rows; ++offset) {
      RejectedDetail detail;
      detail.raw = raw;
      detail.row = {.stream = "sales", .table = "quarantine", .step = "silver", .expectation = "known_store", .reason = "unknown", .source = "pos",
                    .position = {0, offset}, .hop = hop};
      details.push_back(std::move(detail));
    }
    QCOMPARE(*rejected_->insert(details), rows);
  }
  Result<RedriveProgress> redrive(FakePod& pod, const std::string& id) {
    RedriveRun run(id, {.stream = "sales"}, 0, *rejected_, [&](const auto& part, const auto& rows) { return pod.take(part, rows); });
    return run.run({}, [](const RedriveProgress&) {});
  }
  std::int64_t open() const { return *rejected_->count({.stream = "sales"}); }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<RejectedIndex> rejected_;
};

void RedriveRunTest::init() {
  rejected_.reset();
  database_.reset();
  folder_ = std::make_unique<QTemporaryDir>();
  auto opened = open_operations_db(folder_->filePath("operations.db").toStdString());
  QVERIFY(opened.ok());
  database_ = std::move(opened).value();
  rejected_ = std::make_unique<RejectedIndex>(*database_);
}

void RedriveRunTest::every_open_row_is_sent_once_with_one_hop_more() {
  insert(0, 1204);
  FakePod pod(*rejected_);
  pod.bad = {7};
  const auto progress = redrive(pod, "c1");
  QVERIFY(progress.ok());
  QCOMPARE(pod.taken.size(), 1204u);
  for (const auto& [offset, times] : pod.taken) QCOMPARE(times, 1);
  QCOMPARE(pod.hops[5], 1);
  QCOMPARE(open(), 0);
  QCOMPARE(outcome_sentence(*progress), std::string("1,203 of 1,204 rows redriven · 1 rejected again"));
}

void RedriveRunTest::rows_at_the_hop_limit_stay_where_they_are() {
  insert(0, 3);
  insert(100, 2, kMostHops);
  const auto preview = preview_redrive(*rejected_, {.stream = "sales"});
  QCOMPARE(preview->rows, 3);
  QCOMPARE(preview->refused, 2);
  FakePod pod(*rejected_);
  const auto progress = redrive(pod, "c1");
  QVERIFY(progress.ok());
  QCOMPARE(progress->refused, 2);
  QVERIFY(!pod.taken.contains(100));
  QCOMPARE(open(), 2);
}

// They came out of a window or a join.
void RedriveRunTest::rows_without_a_record_stay_where_they_are() {
  insert(0, 3);
  insert(100, 2, 0, "");
  QCOMPARE(preview_redrive(*rejected_, {.stream = "sales"})->refused, 2);
  FakePod pod(*rejected_);
  const auto progress = redrive(pod, "c1");
  QVERIFY(progress.ok());
  QCOMPARE(progress->accepted, 3);
  QCOMPARE(open(), 2);
}

void RedriveRunTest::an_interrupted_redrive_neither_doubles_nor_forgets_a_row() {
  insert(0, 700);
  FakePod pod(*rejected_);
  pod.dies_after_taking = true;
  QVERIFY(!redrive(pod, "c1").ok());
  QCOMPARE(open(), 700);      // taken, but nobody knows
  pod.dies_after_taking = false;
  QVERIFY(redrive(pod, "c1").ok());
  QCOMPARE(open(), 0);
  QCOMPARE(pod.taken.size(), 700u);
  for (const auto& [offset, times] : pod.taken) QCOMPARE(times, 1);
}

void RedriveRunTest::a_pod_that_does_not_answer_leaves_the_rows_open() {
  insert(0, 5);
  FakePod pod(*rejected_);
  pod.failing = true;
  const auto progress = redrive(pod, "c1");
  QVERIFY(!progress.ok());
  QCOMPARE(progress.error().kind, ErrorKind::unavailable);
  QCOMPARE(open(), 5);
}

}  // namespace penstock

QTEST_GUILESS_MAIN(penstock::RedriveRunTest)
#include "redrive_run_test.moc"
