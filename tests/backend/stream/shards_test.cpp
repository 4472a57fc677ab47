#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

// A stream in several shards: each has its own partitions, state and lease.
class ShardsTest : public QObject, LandedStream {
  Q_OBJECT

  std::unique_ptr<PodRuntime> other_;

  StreamLaunch launch_of(std::vector<std::int32_t> shards, std::int64_t lease) const {
    StreamLaunch launch;
    launch.workspace = workspace_;
    launch.stream = "sales";
    launch.version = 1;
    launch.state_root = state().string();
    launch.tables_root = folder_->filePath("tables").toStdString();
    launch.shards = std::move(shards);
    launch.lease = lease;
    return launch;
  }
  std::unique_ptr<PodRuntime> pod(const std::string& name) const { return std::make_unique<PodRuntime>(*catalog_, PodRuntime::Options{.pod = name}); }
  static std::vector<std::int32_t> shards_in(const PodRuntime& pod) {
    std::vector<std::int32_t> shards;
    for (const StreamReport& report : pod.report().streams) shards.push_back(report.shard);
    return shards;
  }
  std::int64_t rows_in() const {
    std::int64_t rows = 0;
    for (const PodRuntime* one : {pod_.get(), other_.get()})
      if (one)
        for (const StreamReport& report : one->report().streams) rows += report.rows_in;
    return rows;
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    sharded_ = true;
    make("run");
  }
  void cleanup() {
    pod_.reset();
    other_.reset();
  }

  void each_shard_reads_its_partitions() {
    send(90);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, 90, 60000);
    const PodReport all = pod_->report();
    QCOMPARE(all.streams.size(), 3u);
    for (const StreamReport& shard : all.streams) {
      QCOMPARE(shard.positions, (Positions{{shard.shard, 30}}));
      QCOMPARE(shard.heads.size(), 1u);
      QCOMPARE(shard.rows_in, 30);
    }
  }

  void a_shard_goes_from_one_pod_to_another_and_the_rest_stays() {
    pod_ = pod("one");
    other_ = pod("two");
    send(90);
    QVERIFY(pod_->start(launch_of({0, 1, 2}, 1)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(rows_in(), 90, 60000);
    QVERIFY(pod_->start(launch_of({0, 2}, 1)).ok());
    QCOMPARE(shards_in(*pod_), (std::vector<std::int32_t>{0, 2}));
    QVERIFY(other_->start(launch_of({1}, 2)).ok());
    send(90);
    QTRY_COMPARE_WITH_TIMEOUT(rows_in(), 180, 60000);
    QVERIFY(other_->stop("sales", {}).ok());
    QVERIFY(pod_->start(launch_of({0, 1, 2}, 3)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, 180, 60000);
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(180);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
  }

  // While another pod has them: nothing of theirs is opened before they come.
  void shards_are_prepared_in_a_pod_before_they_come() {
    pod_ = pod("one");
    other_ = pod("two");
    send(90);
    QVERIFY(pod_->start(launch_of({0, 1, 2}, 1)).ok());
    const Status prepared = other_->prepare(launch_of({1, 2}, 0));
    QVERIFY2(prepared.ok(), prepared.ok() ? "" : prepared.error().to_string().c_str());
    QCOMPARE(shards_in(*other_), (std::vector<std::int32_t>{}));
    QVERIFY(pod_->start(launch_of({0}, 1)).ok());
    QVERIFY(other_->start(launch_of({1}, 2)).ok());
    QVERIFY(other_->start(launch_of({1, 2}, 3)).ok());
    QTRY_COMPARE_WITH_TIMEOUT(rows_in(), 90, 60000);
    QVERIFY(other_->stop("sales", {}).ok());
    QVERIFY(pod_->start(launch_of({0, 1, 2}, 4)).ok());
    run_to_end();
    const auto found = tables();
    const auto expected = undisturbed(90);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
    StreamLaunch unknown = launch_of({1}, 0);
    unknown.stream = "sails";
    QCOMPARE(other_->prepare(unknown).error().kind, ErrorKind::not_found);
  }

  void two_pods_never_have_the_same_shard() {
    pod_ = pod("one");
    other_ = pod("two");
    QVERIFY(pod_->start(launch_of({0, 1}, 1)).ok());
    const Status refused = other_->start(launch_of({1, 2}, 2));
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().kind, ErrorKind::failed_precondition);
    QCOMPARE(shards_in(*pod_), (std::vector<std::int32_t>{0, 1}));
  }

  // Somebody else was given the shard, and gave it back; the order of the pod that was late is refused.
  void a_lease_that_is_older_than_the_last_one_is_refused() {
    pod_ = pod("one");
    QVERIFY(pod_->start(launch_of({0, 1, 2}, 7)).ok());
    pod_.reset();
    other_ = pod("two");
    const Status late = other_->start(launch_of({0, 1, 2}, 6));
    QVERIFY(!late.ok());
    QVERIFY2(late.error().message.find("lease 6 is older than 7") != std::string::npos, late.error().message.c_str());
    QVERIFY(other_->start(launch_of({0, 1, 2}, 8)).ok());
  }

  // A key of the one source would be in this shard, and the same key of the other in that one.
  void sources_whose_keys_do_not_meet_in_a_shard_are_refused() {
    SourceSpec web = stream().sources.front();
    web.name = "web";
    web.settings = text_settings({{"topic", "web"}});
    stream().sources.push_back(web);
    stream().steps.front().from = {"source", "web"};
    peers_->topic("web", 4);
    send(30);
    QVERIFY(start().ok());
    const auto refused = [&] {
      const PodReport all = pod_->report();
      return std::any_of(all.streams.begin(), all.streams.end(), [](const StreamReport& shard) {
        return shard.status == PipelineStatus::degraded && shard.reason.find("source has 3 partitions and web has 4, so that rows with the same key do not meet in one of 3 shards") != std::string::npos;
      });
    };
    QVERIFY2(QTest::qWaitFor(refused, 60000), pod_->report().streams.front().reason.c_str());
    pod_.reset();
    peers_->topic("web")->grow(6);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(rows_in(), 30, 60000);
  }

  // The row of that epoch is written nowhere, and the other shards take nothing more either.
  void a_key_in_two_partitions_stops_the_stream_with_its_name() {
    send(90);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, 90, 60000);
    peers_->topic("pos")->append(2, "{\"id\":\"astray\",\"store\":0,\"qty\":1,\"ts\":\"2025-11-20T12:03:00Z\"}", noon);
    const auto of_shard = [this](std::int32_t number) {
      for (const StreamReport& shard : pod_->report().streams)
        if (shard.shard == number) return shard;
      return StreamReport();
    };
    const auto is_stopped = [&](std::int32_t number) {
      const StreamReport shard = of_shard(number);
      return shard.status == PipelineStatus::failing && shard.reason.find("the key store = 0 of source 'source' is in partition 0 and in partition 2, so that step 'silver' would have it in two shards") != std::string::npos;
    };
    QVERIFY2(QTest::qWaitFor([&] { return is_stopped(2); }, 60000), of_shard(2).reason.c_str());
    send(30);
    QVERIFY2(QTest::qWaitFor([&] { return is_stopped(0) && is_stopped(1); }, 60000), of_shard(1).reason.c_str());
    for (const std::int32_t shard : {0, 1, 2}) QCOMPARE(of_shard(shard).positions, (Positions{{shard, 30}}));
    // A row that is turned away before it comes to a step that keeps any does not count.
    pod_.reset();
    init();
    stream().steps[1].expect.push_back({"at_home", "store < 9", OnFail::quarantine, {}});
    peers_->topic("pos")->append(0, "{\"id\":\"a\",\"store\":9,\"qty\":1,\"ts\":\"2025-11-20T12:00:00Z\"}", noon);
    peers_->topic("pos")->append(1, "{\"id\":\"b\",\"store\":9,\"qty\":1,\"ts\":\"2025-11-20T12:00:00Z\"}", noon);
    QVERIFY(start().ok());
    QVERIFY(QTest::qWaitFor([&] { return of_shard(0).positions == Positions{{0, 1}} && of_shard(1).positions == Positions{{1, 1}}; }, 60000));
  }

  void another_number_of_shards_is_refused() {
    QVERIFY(start().ok());
    pod_.reset();
    stream().shards = 2;
    const Status changed = start();
    QVERIFY(!changed.ok());
    QVERIFY2(changed.error().message.find("is divided into 3 shards, and the workspace says 2") != std::string::npos, changed.error().message.c_str());
  }

  // Also where a first start begins behind what is there: of a partition that comes later nobody has said to skip anything.
  void a_partition_that_comes_later_is_read_from_its_beginning_data() {
    QTest::addColumn<QString>("start_at");
    QTest::addRow("earliest") << "earliest";
    QTest::addRow("latest") << "latest";
  }
  void a_partition_that_comes_later_is_read_from_its_beginning() {
    QFETCH(QString, start_at);
    auto topic = peers_->topic("pos");
    topic->append(0, record(0), noon);
    stream().sources.front().settings = text_settings({{"topic", "pos"}, {"start", start_at.toStdString()}});
    QVERIFY(start().ok());
    const std::int64_t first = start_at == "latest" ? 0 : 1;
    const auto heads = [&] { return report().heads.size(); };
    QVERIFY(QTest::qWaitFor([&] { return heads() == 3; }, 60'000));
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == first; }, 60'000));
    // 5 stays empty; 4 and 7 belong to one shard.
    topic->grow(8);
    for (const std::int32_t partition : {3, 4, 4, 6, 7}) topic->append(partition, record(1), noon);
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == first + 5; }, 60'000));
    for (const StreamReport& shard : pod_->report().streams)
      for (const auto& [partition, position] : shard.positions) {
        QCOMPARE(shard_of(partition, 3), shard.shard);
        QCOMPARE(position, partition == 4 ? 2 : partition == 0 || partition == 3 || partition == 6 || partition == 7 ? 1 : 0);
      }
    // The next one is new to a state that has read before.
    pod_.reset();
    topic->grow(9);
    topic->append(8, record(2), noon);
    QVERIFY(start().ok());
    QVERIFY(QTest::qWaitFor([&] { return report().rows_in == first + 6; }, 60'000));
  }

  // A row that is redriven into a closed window has that window computed again, by its own shard and of its own rows.
  void a_redriven_row_changes_the_windows_of_its_shard_alone() {
    send(180);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, 180, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
    const auto before = tables();
    RedriveRow row;
    row.source = "pos";
    row.position = {1, 1};
    row.source_time = noon;
    row.raw = "{\"id\":\"again\",\"store\":1,\"qty\":100,\"ts\":\"2025-11-20T12:00:01Z\"}";
    row.hop = 1;
    row.step = "decode";
    const auto outcome = pod_->redrive("c1", "sales", {row});
    QVERIFY2(outcome.ok(), outcome.ok() ? "" : outcome.error().to_string().c_str());
    QCOMPARE(outcome->accepted, 1);
    QTRY_VERIFY_WITH_TIMEOUT(tables()["gold/units"] != before["gold/units"], 60000);
    QStringList changed = tables()["gold/units"];
    QCOMPARE(changed.size(), before["gold/units"].size());
    for (const QString& same : before["gold/units"]) changed.removeOne(same);
    QCOMPARE(changed.size(), 1);
    QVERIFY2(changed.front().startsWith("1|"), qPrintable(changed.front()));
  }
};

QTEST_GUILESS_MAIN(ShardsTest)
#include "shards_test.moc"
