#include <QTest>

#include "client/activity_client.h"
#include "client/connection.h"
#include "client/lineage_client.h"
#include "client/pipeline_client.h"
#include "client/pod_client.h"
#include "client/quality_client.h"
#include "client/query_client.h"
#include "client/replay_client.h"
#include "client/series_client.h"
#include "client/workspace_client.h"
#include "support/fake_engine.h"

using namespace penstock::ui;
using penstock::test::FakeEngine;

namespace {
constexpr int patience = 30'000;
}

// Keeps the answer of one call until the test has seen it.
template <typename T>
struct Kept {
  std::optional<Answer<T>> answer;
  Reply<T> reply() {
    return [this](const Answer<T>& given) { answer = given; };
  }
};

class CallsTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    connection_ = std::make_unique<Connection>(Endpoint{"retail", QString::fromStdString(engine_->address()), {}, nullptr});
  }
  void cleanup() {
    connection_.reset();
    engine_.reset();
  }

  void rejectedRowsComeInPagesWithTheTotal() {
    Kept<RejectedPage> page;
    QualityClient(*connection_).listRejected({.stream = "sales", .expectation = "known_store"}, 10, 5, "time", this, page.reply());
    QTRY_VERIFY_WITH_TIMEOUT(page.answer, patience);
    QVERIFY(*page.answer);
    const RejectedPage& rows = **page.answer;
    QCOMPARE(rows.total, 1'204);
    QCOMPARE(rows.rows.size(), size_t(5));
    QCOMPARE(rows.rows[0].origin.offset, 88'120'394 + 10 * 37);
    QCOMPARE(rows.columns[1].name, QString("store_id"));
    QCOMPARE(rows.rows[0].values[1].toLongLong(), 118);
    QVERIFY(rows.rows[0].values[5].canConvert<Instant>());
  }

  void aFilterWithExceptionsReachesTheEngine() {
    Kept<ReplayPreview> preview;
    ReplayClient(*connection_).previewRedrive({.filter = {.stream = "sales", .exceptIds = {"sales/pos.sales/3/88120394/0"}}}, this, preview.reply());
    QTRY_VERIFY_WITH_TIMEOUT(preview.answer, patience);
    QCOMPARE((*preview.answer)->rows, 1'203);
    QCOMPARE((*preview.answer)->sinks[0].effect, QString("idempotent"));
  }

  void anErrorCarriesItsKindMessageAndAction() {
    engine_->fail_next("Pause", "failed_precondition", "sales is draining", "wait until it has stopped");
    Kept<CommandOutcome> outcome;
    PipelineClient(*connection_).pause({.id = "1", .why = "test"}, "sales", this, outcome.reply());
    QTRY_VERIFY_WITH_TIMEOUT(outcome.answer, patience);
    QVERIFY(!*outcome.answer);
    QCOMPARE(outcome.answer->error().kind, QString("failed_precondition"));
    QCOMPARE(outcome.answer->error().message, QString("sales is draining"));
    QCOMPARE(outcome.answer->error().action, QString("wait until it has stopped"));
  }

  void theSameCommandIdRunsOnce() {
    Kept<CommandOutcome> first, second;
    PipelineClient(*connection_).pause({.id = "same", .why = "test"}, "sales", this, first.reply());
    QTRY_VERIFY_WITH_TIMEOUT(first.answer, patience);
    PipelineClient(*connection_).pause({.id = "same", .why = "test"}, "sales", this, second.reply());
    QTRY_VERIFY_WITH_TIMEOUT(second.answer, patience);
    QVERIFY(!(*first.answer)->repeated);
    QVERIFY((*second.answer)->repeated);
    QCOMPARE((*second.answer)->outcome, (*first.answer)->outcome);
  }

  void aResetReportsProgressAndThenItsOutcome() {
    std::vector<ResetProgress> seen;
    bool ended = false;
    PodClient(*connection_).reset({.id = "r1", .why = "stuck"}, "loyalty-2", this,
                                  {[&](std::vector<ResetProgress> some) { seen.insert(seen.end(), some.begin(), some.end()); },
                                   [&](const std::optional<CallError>& error) { ended = !error; }});
    QTRY_VERIFY_WITH_TIMEOUT(ended, patience);
    QCOMPARE(seen.front().stage, QString("stopping"));
    QCOMPARE(seen.back().stage, QString("done"));
    QCOMPARE(seen.back().replayedRows, 182'400);
    QCOMPARE(seen.back().outcome, QString("resumed at 88,120,394 · 182400 of 182400 rows · 0 lost · 0 doubled"));
    QTRY_COMPARE_WITH_TIMEOUT(connection_->picture().pipelines["loyalty"].status, PipelineStatus::Running, patience);
  }

  void aLargeResultArrivesWholeAndInOrder() {
    qint64 rows = 0;
    std::vector<Column> columns;
    QueryPart last;
    bool ended = false;
    QueryClient(*connection_).run("SELECT 60000", 0, 0, this,
                                  {[&](std::vector<QueryPart> parts) {
                                     for (const QueryPart& part : parts) {
                                       if (!part.columns.empty()) columns = part.columns;
                                       rows += static_cast<qint64>(part.rows.size());
                                       last = part;
                                     }
                                   },
                                   [&](const std::optional<CallError>& error) { ended = !error; }});
    QTRY_VERIFY_WITH_TIMEOUT(ended, patience);
    QCOMPARE(rows, 60'000);
    QCOMPARE(columns.size(), size_t(6));
    QVERIFY(last.done);
    QCOMPARE(last.totalRows, 60'000);
  }

  void aCancelledQueryGivesNoReply() {
    bool replied = false;
    Call call = QueryClient(*connection_).run("SELECT sleep", 0, 0, this,
                                              {[&](std::vector<QueryPart>) { replied = true; },
                                               [&](const std::optional<CallError>&) { replied = true; }});
    QVERIFY(call.isRunning());
    call.cancel();
    QVERIFY(!call.isRunning());
    Kept<LineageGraph> after;
    LineageClient(*connection_).graph(false, this, after.reply());
    QTRY_VERIFY_WITH_TIMEOUT(after.answer, patience);
    QVERIFY(!replied);
  }

  void aReceiverThatIsGoneGetsNoReply() {
    bool replied = false;
    {
      QObject receiver;
      LineageClient(*connection_).graph(false, &receiver, [&](const Answer<LineageGraph>&) { replied = true; });
    }
    Kept<LineageGraph> after;
    LineageClient(*connection_).graph(true, this, after.reply());
    QTRY_VERIFY_WITH_TIMEOUT(after.answer, patience);
    QCOMPARE((*after.answer)->nodes.size(), size_t(24));
    QCOMPARE((*after.answer)->edges.size(), size_t(23));
    QVERIFY(!replied);
  }

  void seriesAuditSeedsAndConnectionsAreRead() {
    Kept<std::vector<Series>> series;
    SeriesClient(*connection_).series({"pipeline/sales/queryable_p99"}, instantOf(1'000'000), instantOf(61'000'000), 61, this, series.reply());
    Kept<AuditPage> audit;
    ActivityClient(*connection_).audit("apply", 0, 10, this, audit.reply());
    Kept<std::vector<WorkspaceConnection>> connections;
    WorkspaceClient(*connection_).connections(this, connections.reply());
    Kept<ConnectionTest> tested;
    WorkspaceClient(*connection_).testConnection("ops_db", this, tested.reply());
    QTRY_VERIFY_WITH_TIMEOUT(series.answer && audit.answer && connections.answer && tested.answer, patience);
    QCOMPARE((**series.answer)[0].at.size(), size_t(61));
    QCOMPARE((**series.answer)[0].at.back(), 61'000'000);
    QCOMPARE((*audit.answer)->entries[0].outcome, QString("version 41 applied"));
    QCOMPARE((**connections.answer)[1].endpoint, QString("ops-db:5432/ops"));
    QVERIFY(!(*tested.answer)->reached);
  }

  void aSeedOfAnotherRevisionIsRefused() {
    Kept<Seed> seed;
    QualityClient(*connection_).readSeed("stores", this, seed.reply());
    QTRY_VERIFY_WITH_TIMEOUT(seed.answer, patience);
    Seed changed = **seed.answer;
    changed.csv += "118,Hull\n";
    Kept<CommandOutcome> first, second;
    QualityClient(*connection_).writeSeed({.id = "w1"}, changed, this, first.reply());
    QTRY_VERIFY_WITH_TIMEOUT(first.answer, patience);
    QVERIFY(*first.answer);
    QualityClient(*connection_).writeSeed({.id = "w2"}, changed, this, second.reply());
    QTRY_VERIFY_WITH_TIMEOUT(second.answer, patience);
    QCOMPARE(second.answer->error().action, QString("read it again"));
  }

 private:
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Connection> connection_;
};

QTEST_GUILESS_MAIN(CallsTest)
#include "calls_test.moc"
