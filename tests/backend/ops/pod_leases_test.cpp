// Which pod has which shard of a stream, and how shards go from one to another.

#include <QTest>

#include "support/pod_world.h"

using namespace penstock;
using namespace std::chrono_literals;
using penstock::test::PodWorld;
using Texts = std::vector<std::string>;

class PodLeasesTest : public QObject {
  Q_OBJECT

  // From one pod to two, the second of which answers so when it is to prepare its shards.
  static void scale_up(PodWorld& world, const Status& prepare_answer) {
    world.desire_pods(1);
    world.supervisor.tick();
    world.pass(100ms);
    world.desire_pods(2);
    world.supervisor.tick();
    world.link("loyalty-1").prepare_answer = prepare_answer;
    world.pass(100ms);
  }

 private slots:
  void a_stream_that_is_scaled_up_gives_its_shards_one_by_one_to_a_pod_that_answers() {
    PodWorld world;
    world.desire_pods(1);
    world.supervisor.tick();
    world.pass(100ms);
    QCOMPARE(world.link("loyalty-0").calls, Texts{"start loyalty 0,1,2,3"});
    world.desire_pods(2);
    world.supervisor.tick();
    world.link("loyalty-1").answers = false;
    world.pass(100ms);
    QCOMPARE(world.link("loyalty-0").calls.size(), std::size_t{1});       // nobody could take them yet
    world.link("loyalty-1").answers = true;
    world.pass(100ms);
    QCOMPARE(world.link("loyalty-0").calls, (Texts{"start loyalty 0,1,2,3", "start loyalty 0,2,3", "start loyalty 0,2"}));
    QCOMPARE(world.link("loyalty-1").calls, (Texts{"start loyalty 1", "start loyalty 1,3"}));
    // Who gets a shard gets a number that nobody had before.
    QVERIFY(world.link("loyalty-1").leases.front() > world.link("loyalty-0").leases.front());
    QVERIFY(world.link("loyalty-1").leases.back() > world.link("loyalty-1").leases.front());
    QCOMPARE(world.link("loyalty-0").leases.back(), world.link("loyalty-0").leases.front());
    world.pass(1s);
    QCOMPARE(world.link("loyalty-1").calls.size(), std::size_t{2});
  }

  void a_pod_that_is_one_too_many_ends_when_others_have_its_shards() {
    PodWorld world;
    world.desire_pods(2);
    world.supervisor.tick();
    world.pass(100ms);
    QCOMPARE(world.link("loyalty-1").calls, Texts{"start loyalty 1,3"});
    world.desire_pods(1);
    world.supervisor.tick();
    QCOMPARE(world.link("loyalty-1").calls, (Texts{"start loyalty 1,3", "start loyalty 3", "stop loyalty"}));
    QCOMPARE(world.link("loyalty-0").calls, (Texts{"start loyalty 0,2", "start loyalty 0,1,2", "start loyalty 0,1,2,3"}));
    QCOMPARE(world.host.calls.back(), std::string("terminate loyalty-1"));
    world.pass(100ms);
    QVERIFY(!world.host.running.contains("loyalty-1"));
  }

  void shards_of_a_pod_that_dies_go_to_nobody_else_meanwhile() {
    PodWorld world;
    world.desire_pods(2);
    world.supervisor.tick();
    world.pass(100ms);
    world.host.end("loyalty-1", "signal 9");
    world.pass(1ms);
    world.pass(200ms);
    world.pass(100ms);
    QCOMPARE(world.link("loyalty-0").calls, Texts{"start loyalty 0,2"});
    QCOMPARE(world.link("loyalty-1").calls, Texts{"start loyalty 1,3"});
    // While it does not come back another may take them.
    world.host.end("loyalty-1", "signal 9");
    world.pass(1ms);
    world.desire_pods(1);
    world.pass(100ms);
    QCOMPARE(world.link("loyalty-0").calls.back(), std::string("start loyalty 0,1,2,3"));
  }

  void a_stopped_stream_stays_stopped_while_it_is_scaled() {
    PodWorld world;
    world.desire_pods(2);
    world.supervisor.tick();
    world.pass(100ms);
    QVERIFY(world.supervisor.stop_stream("loyalty", {}).ok());
    world.desire_pods(1, true);
    world.pass(100ms);
    world.pass(100ms);
    QCOMPARE(world.link("loyalty-0").calls, (Texts{"start loyalty 0,2", "stop loyalty"}));
    QVERIFY(world.supervisor.start_stream("loyalty").ok());
    QCOMPARE(world.link("loyalty-0").calls.back(), std::string("start loyalty 0,1,2,3"));
  }

  // Compiling takes a while, in which the pod that has the shards goes on with them.
  void nothing_is_given_away_before_the_one_who_gets_it_is_prepared() {
    PodWorld world;
    scale_up(world, Error(ErrorKind::deadline_exceeded, "it takes longer"));
    QCOMPARE(world.link("loyalty-0").calls.size(), std::size_t{1});
    world.link("loyalty-1").prepare_answer = Status();
    world.pass(5s);
    QCOMPARE(world.link("loyalty-1").prepared["loyalty"].shards, (std::vector<std::int32_t>{1, 3}));
    QCOMPARE(world.link("loyalty-1").calls, (Texts{"start loyalty 1", "start loyalty 1,3"}));
    world.desire_pods(1);
    world.pass(100ms);
    QCOMPARE(world.link("loyalty-0").prepared["loyalty"].shards, (std::vector<std::int32_t>{1, 3}));
  }

  // What is wrong with the stream is told by its start.
  void what_cannot_be_prepared_is_given_all_the_same() {
    PodWorld world;
    scale_up(world, Error(ErrorKind::invalid_argument, "no such column"));
    QCOMPARE(world.link("loyalty-1").calls, (Texts{"start loyalty 1", "start loyalty 1,3"}));
  }
};

QTEST_GUILESS_MAIN(PodLeasesTest)
#include "pod_leases_test.moc"
