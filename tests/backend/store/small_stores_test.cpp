#include <QTemporaryDir>
#include <QTest>

#include "store/mute_store.h"
#include "store/operations_db.h"
#include "store/pod_store.h"
#include "store/replay_store.h"
#include "store/versions.h"

using namespace penstock;

class SmallStoresTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<Database> database_;

 private slots:
  void init() { database_ = std::move(open_operations_db(folder_.filePath(QTest::currentTestFunction()).toStdString()).value()); }

  void versions_count_from_one_and_are_kept() {
    Versions versions(*database_);
    QVERIFY(!versions.latest()->has_value());
    QCOMPARE(*versions.add({0, 10, "alex", "first", "/v/1", "d1"}), 1);
    QCOMPARE(*versions.add({0, 20, "alex", "second", "/v/2", "d2"}), 2);
    QCOMPARE((*versions.latest())->why, std::string("second"));
    QCOMPARE((*versions.get(1))->folder, std::string("/v/1"));
    QVERIFY(!versions.get(3)->has_value());
    QCOMPARE(versions.list(0, 10)->front().number, 2);
    QCOMPARE(versions.list(1, 10)->front().digest, std::string("d1"));
  }

  void a_replay_goes_from_plan_to_outcome() {
    ReplayStore replays(*database_);
    ReplayRecord replay;
    replay.id = "r1";
    replay.pipeline = "sales";
    replay.kind = "replay";
    replay.status = "planned";
    replay.rate_limit = 12.5;
    replay.plan = "{}";
    QVERIFY(replays.put(replay).ok());
    QCOMPARE(replays.unfinished()->size(), std::size_t{1});
    QVERIFY(replays.progress("r1", "running", 100, 40).ok());
    QCOMPARE((*replays.get("r1"))->rows_done, 40);
    QCOMPARE((*replays.get("r1"))->rate_limit, 12.5);
    QVERIFY(replays.end("r1", "done", 100, "100 rows again", 77).ok());
    QVERIFY(replays.unfinished()->empty());
    QCOMPARE((*replays.get("r1"))->outcome, std::string("100 rows again"));
    QCOMPARE(replays.progress("r2", "running", 1, 1).error().kind, ErrorKind::not_found);
    replay.id = "r2";
    QVERIFY(replays.put(replay).ok());
    QCOMPARE(replays.list(0, 1)->total, 2);
    QCOMPARE(replays.list(0, 1)->replays.front().id, std::string("r2"));
  }

  void a_mute_is_kept_until_it_is_lifted() {
    MuteStore mutes(*database_);
    QVERIFY(mutes.put({"sales", "silver", "known_store", 10, "alex", "stores open on Monday"}).ok());
    QVERIFY(mutes.put({"sales", "silver", "known_store", 20, "anna", "and on Tuesday"}).ok());
    QCOMPARE(mutes.list()->size(), std::size_t{1});
    QCOMPARE(mutes.list()->front().why, std::string("and on Tuesday"));
    QVERIFY(!*mutes.remove("sales", "silver", "qty_positive"));
    QVERIFY(*mutes.remove("sales", "silver", "known_store"));
    QVERIFY(mutes.list()->empty());
  }

  void pods_and_their_resets_are_remembered() {
    PodStore pods(*database_);
    QVERIFY(pods.put({"loyalty-0", "unix:/x", 42, 99, 3, 1'000}).ok());
    QVERIFY(pods.put({"loyalty-0", "unix:/x", 43, 100, 4, 2'000}).ok());
    QCOMPARE((*pods.get("loyalty-0"))->restarts, 4);
    QCOMPARE(pods.list()->size(), std::size_t{1});
    ResetRecord reset;
    reset.pod = "loyalty-0";
    reset.who = "policy stuck";
    for (int i = 1; i <= 4; ++i) {
      reset.id = "c" + std::to_string(i);
      reset.at = i * 100;
      QVERIFY(pods.put_reset(reset).ok());
    }
    reset.outcome = "resumed";
    QVERIFY(pods.put_reset(reset).ok());
    QCOMPARE(pods.resets("loyalty-0", 200, "policy stuck")->size(), std::size_t{3});
    QCOMPARE(pods.resets("loyalty-0", 0)->front().outcome, std::string("resumed"));
    QVERIFY(pods.resets("loyalty-0", 0, "operator")->empty());
    QVERIFY(pods.remove("loyalty-0").ok());
    QVERIFY(!pods.get("loyalty-0")->has_value());
    QCOMPARE(pods.resets("loyalty-0", 0)->size(), std::size_t{4});
  }
};

QTEST_APPLESS_MAIN(SmallStoresTest)
#include "small_stores_test.moc"
