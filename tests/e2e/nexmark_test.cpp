#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/nexmark_events.h"
#include "engine/connectors.h"
#include "engine/workspace_control.h"
#include "sql/parquet_files.h"
#include "sql/session.h"
#include "stream/pod_runtime.h"

using namespace penstock;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kEvents = 60000;      // one minute of them
constexpr std::int64_t kEpochRows = 2000;
constexpr std::uint32_t kSeed = 20260301;

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

// The queries of Nexmark as streams (tests/bench/nexmark), each against the same query that DuckDB runs over all events at once.
class NexmarkTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  fs::path nexmark_ = qEnvironmentVariable("PENSTOCK_SOURCE").toStdString() + "/tests/bench/nexmark";
  fs::path root_;
  std::unique_ptr<ConnectorCatalog> catalog_;
  std::shared_ptr<const Workspace> workspace_;
  std::unique_ptr<PodRuntime> pod_;
  std::unique_ptr<Session> batch_;
  std::unique_ptr<Parquet> parquet_;
  int restarted_ = 0;                       // queries whose first life ended before all was read

  std::string tables() const { return folder_.filePath("tables").toStdString(); }

  StreamReport report(const std::string& stream) const {
    for (const StreamReport& one : pod_->report().streams)
      if (one.stream == stream) return one;
    return {};
  }

  void start(const std::string& stream) {
    pod_ = std::make_unique<PodRuntime>(*catalog_, PodRuntime::Options{.pod = "nexmark", .epoch_rows = kEpochRows});
    const Status started = pod_->start({.workspace = workspace_, .stream = stream, .version = 1, .state_root = folder_.filePath("state").toStdString(), .tables_root = tables()});
    QVERIFY2(started.ok(), started.ok() ? "" : started.error().to_string().c_str());
  }

  // In two lives: the first one ends with an epoch somewhere in the middle.
  void run_to_its_end(const std::string& stream) {
    start(stream);
    if (QTest::currentTestFailed()) return;
    StreamReport last;
    QVERIFY(QTest::qWaitFor([&] {
      last = report(stream);
      return last.rows_in > 0 || last.status == PipelineStatus::failing;
    }, 100000));
    QVERIFY2(last.status != PipelineStatus::failing, last.reason.c_str());
    pod_.reset();
    start(stream);
    if (QTest::currentTestFailed()) return;
    const bool stands = QTest::qWaitFor([&] {
      last = report(stream);
      return last.status == PipelineStatus::stopped || last.status == PipelineStatus::failing;
    }, 100000);
    QVERIFY2(stands && last.status == PipelineStatus::stopped, last.reason.c_str());
    restarted_ += last.rows_in_then > 0 && last.rows_in_then < last.rows_in ? 1 : 0;
    QCOMPARE(last.dead, 0);
    for (const StepReport& step : last.steps) QCOMPARE(step.late, 0);
    pod_.reset();
  }

  // What the stream landed becomes a table of the session.
  void load_streamed(const std::string& table) {
    std::vector<Batch> rows;
    const Status read = catalog_->table_reader()(tables(), table, "true", *parquet_, [&](const Batch& batch) -> Status {
      rows.push_back(batch);
      return {};
    });
    QVERIFY2(read.ok(), read.ok() ? "" : read.error().to_string().c_str());
    QVERIFY(!rows.empty());
    const Status loaded = batch_->load_table("streamed", rows.front().schema(), rows);
    QVERIFY2(loaded.ok(), loaded.ok() ? "" : loaded.error().to_string().c_str());
  }

  std::int64_t count(const std::string& sql) {
    const auto rows = batch_->query(sql);
    if (!rows.ok()) qFatal("%s: %s", sql.c_str(), rows.error().to_string().c_str());
    return rows->front().column(0).int64(0);
  }

 private slots:
  void initTestCase() {
    root_ = folder_.filePath("workspace").toStdString();
    fs::copy(nexmark_, root_, fs::copy_options::recursive);
    bench::NexmarkEvents(kSeed).write(root_ / "events", kEvents);
    catalog_ = std::make_unique<ConnectorCatalog>(all_connectors(folder_.filePath("state").toStdString()));
    CheckedWorkspace checked = check_workspace_folder(root_.string(), "", *catalog_);
    QVERIFY2(checked.problems.empty(), checked.problems.empty() ? "" : checked.problems.front().to_string().c_str());
    workspace_ = std::make_shared<const Workspace>(std::move(checked.workspace));
    auto parquet = make_parquet_files();
    QVERIFY(parquet.ok());
    parquet_ = std::move(*parquet);

    auto session = Session::open({.memory_bytes = 1 << 30, .file_access = true});
    QVERIFY2(session.ok(), session.ok() ? "" : session.error().to_string().c_str());
    batch_ = std::move(*session);
    const std::string times = "SET TimeZone = 'UTC'";
    QVERIFY(batch_->execute(times).ok());
    const auto table = [&](const std::string& name, const std::string& columns) {
      const Status made = batch_->execute("CREATE TABLE " + name + " AS SELECT * FROM read_json('" + (root_ / "events" / name / "events.json").string() + "', format = 'newline_delimited', columns = {" + columns + "})");
      QVERIFY2(made.ok(), made.ok() ? "" : made.error().to_string().c_str());
    };
    table("person", "id: 'BIGINT', name: 'VARCHAR', email: 'VARCHAR', city: 'VARCHAR', state: 'VARCHAR', date_time: 'TIMESTAMPTZ', extra: 'VARCHAR'");
    table("auction", "id: 'BIGINT', item_name: 'VARCHAR', description: 'VARCHAR', initial_bid: 'BIGINT', reserve: 'BIGINT', date_time: 'TIMESTAMPTZ', expires: 'TIMESTAMPTZ', "
                     "seller: 'BIGINT', category: 'BIGINT', extra: 'VARCHAR'");
    table("bid", "auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', date_time: 'TIMESTAMPTZ', extra: 'VARCHAR'");
    QVERIFY(batch_->execute("CREATE TABLE side_input AS SELECT * FROM read_csv('" + (root_ / "seeds" / "side_input.csv").string() + "')").ok());
    // Of fifty events one is a person, three are auctions and the others bids.
    QCOMPARE(count("SELECT count(*) FROM person"), kEvents / 50);
    QCOMPARE(count("SELECT count(*) FROM auction"), kEvents / 50 * 3);
    QCOMPARE(count("SELECT count(*) FROM bid"), kEvents / 50 * 46);
    QVERIFY(count("SELECT count(*) FROM bid JOIN auction ON auction = id WHERE bid.date_time > expires") > 100);
  }

  void it_gives_what_the_batch_gives_data() {
    QTest::addColumn<QString>("query");
    QStringList queries = QDir(QString::fromStdString((nexmark_ / "batch").string())).entryList({"*.sql"}, QDir::Files);
    QCOMPARE(queries.size(), 16);
    for (QString& query : queries) {
      query.chop(4);
      QTest::newRow(qPrintable(query)) << query;
    }
  }
  void it_gives_what_the_batch_gives() {
    QFETCH(QString, query);
    run_to_its_end(query.toStdString());
    if (QTest::currentTestFailed()) return;
    load_streamed("gold." + query.toStdString());
    if (QTest::currentTestFailed()) return;
    const Status computed = batch_->execute("CREATE OR REPLACE TABLE batch AS " + text_of(nexmark_ / "batch" / (query.toStdString() + ".sql")));
    QVERIFY2(computed.ok(), computed.ok() ? "" : computed.error().to_string().c_str());
    const auto schema = batch_->query("SELECT * FROM batch LIMIT 1");
    QVERIFY(schema.ok() && !schema->empty());
    std::string columns;
    for (const Field& field : schema->front().schema()->fields()) columns += (columns.empty() ? "" : ", ") + (field.type.kind == TypeKind::float64 ? "round(" + field.name + ", 6) AS " + field.name : field.name);
    QVERIFY(count("SELECT count(*) FROM batch") > 0);
    const std::string streamed = "SELECT " + columns + " FROM streamed", batch = "SELECT " + columns + " FROM batch";
    QCOMPARE(count("SELECT count(*) FROM streamed"), count("SELECT count(*) FROM batch"));
    QCOMPARE(count("SELECT count(*) FROM ((" + streamed + ") EXCEPT ALL (" + batch + "))"), 0);
    QCOMPARE(count("SELECT count(*) FROM ((" + batch + ") EXCEPT ALL (" + streamed + "))"), 0);
  }

  // One that reads few rows may have taken all of them in its first life.
  void most_were_restarted_in_the_middle() {
    QVERIFY2(restarted_ >= 8, qPrintable(QString::number(restarted_)));
  }

  void cleanupTestCase() {
    pod_.reset();
    batch_.reset();
  }
};

QTEST_GUILESS_MAIN(NexmarkTest)
#include "nexmark_test.moc"
