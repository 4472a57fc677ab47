#include <QDateTime>

#include <atomic>
#include <set>

#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

// Every look at it finds that this thread has computed for an hour more.
class SlowMeter final : public CpuMeter {
 public:
  std::chrono::microseconds process() const override { return std::chrono::hours(hours_); }
  std::chrono::microseconds this_thread() const override { return std::chrono::hours(++hours_); }
  double cores() const override { return 2; }

 private:
  mutable std::atomic<int> hours_ = 0;
};

// Replays over a live stream: steered, limited, by time and by positions; afterwards the tables are those of one run.
class ReplayTest : public QObject, LandedStream {
  Q_OBJECT

  ReplayLaunch whole(const std::string& id) const {
    ReplayLaunch replay;
    replay.id = id;
    replay.stream = "sales";
    replay.from_time = noon - 3600 * second;
    replay.to_time = noon + 24 * 3600 * second;
    replay.warm_up_from = replay.from_time;
    return replay;
  }
  ReplayReport replay(const std::string& id) const {
    const PodReport all = pod_->report();
    std::vector<const ReplayReport*> shards;
    for (const ReplayReport& one : all.replays)
      if (one.id == id) shards.push_back(&one);
    return shards.empty() ? ReplayReport() : merged(shards);
  }
  void take(int records) {
    send(records);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
  }
  void take_without_bronze(int records) {
    stream().steps[0].land.clear();
    stream().sinks.erase(stream().sinks.begin());
    send(records);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
  }
  void run(const ReplayLaunch& launch) {
    const Status started = pod_->start_replay(launch);
    QVERIFY2(started.ok(), started.ok() ? "" : started.error().to_string().c_str());
    QTRY_VERIFY_WITH_TIMEOUT(QStringList({"done", "failed"}).contains(QString::fromStdString(replay(launch.id).status)), 60000);
    QVERIFY2(replay(launch.id).status == "done", replay(launch.id).outcome.c_str());
    QVERIFY2(replay(launch.id).outcome.find("· 0 lost · 0 doubled") != std::string::npos, replay(launch.id).outcome.c_str());
  }
  // Of partition 1, and no others.
  void replaces_offsets_20_to_40(ReplayLaunch some) {
    const QStringList before = tables()["silver/sales"];
    stream().steps[1].sql = "SELECT id, store, qty + 100 AS qty, ts FROM bronze";
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::running, 60000);
    some.from_positions = {{"pos", {{1, 20}}}};
    some.to_positions = {{"pos", {{1, 40}}}};
    some.steps = {"silver"};
    run(some);
    const QStringList after = tables()["silver/sales"];
    QCOMPARE(after.size(), before.size());
    int changed = 0;
    for (const QString& row : after) {
      if (before.contains(row)) continue;
      ++changed;
      const QStringList columns = row.split('|');
      QVERIFY2(columns[2].toInt() > 100, qPrintable(row));
      const int offset = columns[6].toInt();
      QVERIFY2(columns[5] == "1" && offset >= 20 && offset < 40, qPrintable(row));
    }
    QVERIFY(changed > 10);
  }
  int files_beside(const QString& table) const {
    int staged = 0;
    for (const auto& entry : fs::directory_iterator(folder_->filePath("tables/" + table).toStdString()))
      staged += entry.path().filename().string().starts_with("staged-");
    return staged;
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    sharded_ = false;
    make("run");
  }
  void cleanup() { pod_.reset(); }

  void after_a_change_it_makes_the_tables_those_of_one_run_with_the_new_logic_data() {
    QTest::addColumn<int>("every");
    QTest::addColumn<bool>("sharded");
    QTest::newRow("tumbling windows") << 0 << false;
    QTest::newRow("hopping windows") << 20 << false;
    QTest::newRow("tumbling windows of several shards") << 0 << true;
    QTest::newRow("hopping windows of several shards") << 20 << true;
  }
  void after_a_change_it_makes_the_tables_those_of_one_run_with_the_new_logic() {
    QFETCH(int, every);
    QFETCH(bool, sharded);
    sharded_ = sharded;
    make("run");
    gold().window->every = std::chrono::seconds(every);
    take(300);
    // Each kind of step: projection and filter, expectation, dedupe, window.
    stream().steps[1].sql = "SELECT id, store, qty * 2 AS qty, ts FROM bronze WHERE store <> 3";
    stream().steps[1].expect = {{"qty_positive", "qty > 2", OnFail::quarantine, {}}};
    stream().steps[1].dedupe = std::nullopt;
    gold().sql = "SELECT store, window_start, max(qty) AS units, count(*) AS n FROM silver GROUP BY ALL";
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::running, 60000);
    send(100);
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    run(whole("r1"));
    run(whole("r2"));      // another one over the same tables
    send(100);
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(500);
    for (const char* table : {"bronze/sales", "silver/sales", "gold/units"}) QCOMPARE(found[table], expected[table]);
  }

  void of_joined_rows_it_replaces_those_of_its_range() {
    join_gold();
    take(300);
    const auto before = tables();
    // Another select: the rows of the range, by the origin of the later of the two, are the new ones; all others stay.
    gold().join->select = "silver.id, -silver.qty AS qty, other.other_id, other.other_qty + 1000 AS other_qty";
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::running, 60000);
    ReplayLaunch part = whole("r1");
    part.from_time = noon + 110 * second;
    part.to_time = noon + 310 * second;
    part.warm_up_from = part.from_time - 17 * second;
    run(part);
    const auto changed = tables();
    QCOMPARE(changed["gold/units"].size(), before["gold/units"].size());
    qsizetype new_rows = 0;
    for (const QString& row : changed["gold/units"]) {
      const QStringList columns = row.split('|');      // id, qty, other_id, other_qty, _source, _partition, _offset, _source_time
      const qint64 at = QDateTime::fromString(columns[7], Qt::ISODate).toSecsSinceEpoch() - noon / second;
      const bool is_new = columns[1].startsWith('-') || columns[3].toInt() > 1000;
      QVERIFY2(is_new == (at >= 110 && at < 310), qPrintable(row));
      new_rows += is_new;
    }
    QVERIFY(new_rows > 50);
    // All of it, up to where the live stream is: then it goes on as one run would have.
    run(whole("r2"));
    send(100);
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(400);
    for (const char* table : {"bronze/sales", "silver/sales", "gold/units"}) QCOMPARE(found[table], expected[table]);
  }

  void without_bronze_it_reads_the_source_again() {
    take_without_bronze(300);
    stream().steps[1].sql = "SELECT id, store, qty * 2 AS qty, ts FROM bronze WHERE store <> 3";
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::running, 60000);
    send(100);
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    run(whole("r1"));
    send(100);
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(500);
    QCOMPARE(found["silver/sales"], expected["silver/sales"]);
    QCOMPARE(found["gold/units"], expected["gold/units"]);
  }

  // Rows of the tables that cannot be computed again must not go.
  void a_range_that_the_source_no_longer_holds_is_refused() {
    take_without_bronze(100);
    peers_->topic("pos")->drop_before(0, 10);
    QVERIFY(pod_->start_replay(whole("r1")).ok());
    QTRY_COMPARE_WITH_TIMEOUT(replay("r1").status, std::string("failed"), 60000);
    QVERIFY2(replay("r1").outcome.find("pos/0 begins at position 10") != std::string::npos, replay("r1").outcome.c_str());
    ReplayLaunch part = whole("r2");
    part.from_time = part.warm_up_from = noon + 120 * second;
    run(part);
  }

  void before_a_window_has_closed_all_of_them_are_left_to_the_live_stream() {
    take(20);
    run(whole("r1"));
    QCOMPARE(tables()["gold/units"], QStringList());
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(20);
    QCOMPARE(found["gold/units"], expected["gold/units"]);
  }

  // Those at the edges hold rows that lie outside, and stay.
  void of_hopping_windows_it_replaces_those_that_lie_in_its_range() {
    gold().window->every = std::chrono::seconds(20);
    take(300);
    gold().sql = "SELECT store, window_start, -sum(qty) AS units, count(*) AS n FROM silver GROUP BY ALL";
    QVERIFY(start().ok());
    ReplayLaunch part = whole("r1");
    part.from_time = noon + 110 * second;
    part.to_time = noon + 310 * second;
    run(part);
    std::set<qint64> replaced;
    const auto found = tables();
    for (const QString& row : found["gold/units"]) {
      const QStringList columns = row.split('|');      // store, window_start, units, n
      const qint64 start = QDateTime::fromString(columns[1], Qt::ISODate).toSecsSinceEpoch() - noon / second;
      if (start >= 400) continue;                      // of the live stream, which has the new logic too
      if (columns[2].toLongLong() < 0) replaced.insert(start);
      else QVERIFY2(!replaced.contains(start), qPrintable(row));
    }
    QStringList starts;
    for (const qint64 start : replaced) starts << QString::number(start);
    QCOMPARE(starts.join(' '), QString("120 140 160 180 200 220 240"));
  }

  void it_pauses_resumes_keeps_to_its_rate_and_is_cancelled() {
    take(300);
    const auto before = tables();
    ReplayLaunch slow = whole("slow");
    slow.rate_limit = 1;
    QVERIFY(pod_->start_replay(slow).ok());
    QTRY_VERIFY_WITH_TIMEOUT(replay("slow").rows_done > 0, 60000);
    // The first part alone is worth minutes at this rate.
    const std::int64_t done = replay("slow").rows_done;
    QVERIFY(done < replay("slow").rows_total);
    QVERIFY(pod_->control_replay("slow", "pause", 0).ok());
    QCOMPARE(replay("slow").status, std::string("paused"));
    QVERIFY(pod_->control_replay("slow", "resume", 0).ok());
    QVERIFY(pod_->control_replay("slow", "nonsense", 0).error().kind == ErrorKind::invalid_argument);
    QVERIFY(pod_->control_replay("slow", "cancel", 0).ok());
    QTRY_COMPARE_WITH_TIMEOUT(replay("slow").status, std::string("cancelled"), 60000);
    QCOMPARE(replay("slow").outcome, std::string("cancelled; nothing was changed"));
    QCOMPARE(replay("slow").rows_done, done);
    QVERIFY(pod_->control_replay("slow", "pause", 0).error().kind == ErrorKind::failed_precondition);
    QVERIFY(tables() == before);

    ReplayLaunch paused = whole("quick");
    paused.rate_limit = 1;
    QVERIFY(pod_->start_replay(paused).ok());
    QTRY_VERIFY_WITH_TIMEOUT(replay("quick").rows_done > 0, 60000);
    QVERIFY(pod_->control_replay("quick", "rate", 1e9).ok());
    QTRY_COMPARE_WITH_TIMEOUT(replay("quick").status, std::string("done"), 60000);
    QCOMPARE(replay("quick").rows_done, replay("quick").rows_total);
    QVERIFY(tables() == before);
  }

  void without_a_rate_it_keeps_to_half_of_the_spare_cores_and_says_so() {
    const SlowMeter slow;
    cpu_ = &slow;
    const auto as_before = qScopeGuard([&] { cpu_ = &CpuMeter::system(); });
    take(60);
    const auto before = tables();
    QVERIFY(pod_->start_replay(whole("spare")).ok());
    // An hour of work, on half a core: it rests for an hour more.
    QTRY_COMPARE_WITH_TIMEOUT(replay("spare").outcome, std::string("on 0.50 of 2 cores, half of what is spare"), 60000);
    QCOMPARE(replay("spare").status, std::string("running"));
    QVERIFY(pod_->control_replay("spare", "rate", 1e9).ok());
    QTRY_COMPARE_WITH_TIMEOUT(replay("spare").status, std::string("done"), 60000);
    QVERIFY(tables() == before);
    pod_.reset();
  }

  void while_it_is_verified_it_is_too_late_to_cancel() {
    take(60);
    const auto before = tables();
    std::atomic<bool> verified = false;
    ErrorKind answer = ErrorKind::internal;
    pod_->on_change([&] {
      if (verified || replay("late").status != "verifying") return;
      answer = pod_->control_replay("late", "cancel", 0).error().kind;
      verified = true;
    });
    const auto listens = qScopeGuard([&] { pod_->on_change({}); });
    QVERIFY(pod_->start_replay(whole("late")).ok());
    QTRY_COMPARE_WITH_TIMEOUT(replay("late").status, std::string("done"), 60000);
    QVERIFY(verified);
    QCOMPARE(answer, ErrorKind::failed_precondition);
    QVERIFY(tables() == before);
  }

  void it_holds_while_an_objective_of_the_live_stream_is_missed() {
    stream().objectives.freshness = std::chrono::seconds(1);
    take(60);
    // The live stream's records are of a past day: with some of them waiting it is not fresh.
    peers_->topic("pos")->set_error(Error(ErrorKind::unavailable, "the broker sleeps"));
    send(3);
    QTRY_VERIFY_WITH_TIMEOUT(report().behind_rows > 0, 60000);
    QVERIFY(pod_->start_replay(whole("held")).ok());
    QTRY_COMPARE_WITH_TIMEOUT(replay("held").status, std::string("paused"), 60000);
    QCOMPARE(replay("held").outcome, std::string("held while sales misses an objective"));
    peers_->topic("pos")->set_error(std::nullopt);
    QTRY_COMPARE_WITH_TIMEOUT(replay("held").status, std::string("done"), 60000);
  }

  void by_positions_only_those_rows_are_replaced() {
    take(300);
    replaces_offsets_20_to_40(whole("some"));
  }

  void without_bronze_the_times_of_positions_are_read_from_the_source() {
    take_without_bronze(300);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
    ReplayLaunch some = whole("some");
    some.from_time = some.to_time = some.warm_up_from = 0;
    replaces_offsets_20_to_40(some);
    ReplayLaunch none = some;
    none.id = "none";
    none.from_positions = {{"pos", {{1, 100000}}}};
    QVERIFY(pod_->start_replay(none).ok());
    QTRY_COMPARE_WITH_TIMEOUT(replay("none").status, std::string("failed"), 60000);
    QVERIFY2(replay("none").outcome.find("no record that the stream has taken lies at these positions") != std::string::npos, replay("none").outcome.c_str());
    // Windows of those rows come again as a whole, and so are what they were.
    const auto before = tables();
    ReplayLaunch windows = some;
    windows.id = "windows";
    windows.from_positions = {{"pos", {{1, 20}}}};
    windows.to_positions = {{"pos", {{1, 40}}}};
    run(windows);
    QCOMPARE(tables()["gold/units"].size(), before["gold/units"].size());
  }

  void what_the_live_stream_takes_meanwhile_stays_its_own() {
    take(200);
    ReplayLaunch overlapping = whole("overlapping");
    overlapping.rate_limit = 1;
    QVERIFY(pod_->start_replay(overlapping).ok());
    QTRY_VERIFY_WITH_TIMEOUT(replay("overlapping").rows_done > 0, 60000);
    send(200);
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    QVERIFY(pod_->control_replay("overlapping", "rate", 1e9).ok());
    QTRY_COMPARE_WITH_TIMEOUT(replay("overlapping").status, std::string("done"), 60000);
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(400);
    for (const char* table : {"bronze/sales", "silver/sales", "gold/units"}) QCOMPARE(found[table], expected[table]);
  }

  void of_two_sources_no_window_closes_before_both_were_read() {
    SourceSpec web = stream().sources.front();
    web.name = "web";
    web.settings = text_settings({{"topic", "web"}});
    stream().sources.push_back(web);
    stream().steps.front().from = {"source", "web"};
    for (int i = 0; i < 100; ++i) {
      const std::int64_t at = noon + i * 6 * second;
      peers_->topic("web")->append(0, "{\"id\":\"w" + std::to_string(i) + "\",\"store\":9,\"qty\":1,\"ts\":\"" + to_iso8601(from_micros(at)) + "\"}", at);
    }
    send(300);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_ + 100, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
    const auto before = tables();
    QVERIFY(before["gold/units"].filter(QRegularExpression("^9\\|")).size() > 3);
    run(whole("both"));
    const auto after = tables();
    for (const char* table : {"silver/sales", "gold/units"}) QCOMPARE(after[table], before[table]);
  }

  void many_rows_wait_in_finished_files() {
    take(300);
    const int before = files_beside("silver/sales");
    run(whole("files"));
    QVERIFY(files_beside("silver/sales") > before);
    QVERIFY(!fs::exists(state() / "streams/sales/replays/files"));
  }
};

QTEST_GUILESS_MAIN(ReplayTest)
#include "replay_test.moc"
