#include <QTemporaryDir>
#include <QTest>

#include "ops/scaling.h"
#include "store/operations_db.h"

using namespace penstock;
using namespace std::chrono_literals;

// How many pods a stream gets, by hand and by its policy, at a time that stands still until it is moved.
class ScalingTest : public QObject {
  Q_OBJECT

  struct World {
    QTemporaryDir folder;
    ManualClock clock{from_micros(1'763'648'400'000'000)};
    std::unique_ptr<Database> database = std::move(open_operations_db(folder.filePath("operations.db").toStdString()).value());
    AuditLog audit{*database};
    PodStore pods{*database};
    TelemetryRegistry registry{clock};
    Scaling scaling{{pods, audit, registry, clock}};
    Workspace workspace;

    World() {
      StreamSpec stream;
      stream.name = "sales";
      stream.pods = 1;
      stream.shards = 8;
      workspace.streams.push_back(stream);
      PipelineDeclaration declaration;
      declaration.name = "sales";
      registry.declare({declaration});
    }
    StreamSpec& stream() { return workspace.streams.front(); }
    std::int32_t now_has() { return pods_of(stream(), *scaling.scales(workspace)); }
    // A second passes in which the stream is so far behind.
    bool second_behind(Duration behind) {
      clock.advance(1s);
      StreamReport report;
      report.stream = "sales";
      report.status = PipelineStatus::running;
      report.epoch = ++epoch_;
      report.epoch_at = to_micros(clock.now());
      report.behind_rows = behind.count() / 1000;
      report.behind_micros = behind.count();
      PodReport pod;
      pod.pod = "sales-0";
      pod.streams = {report};
      registry.report(pod);
      return scaling.consider(workspace);
    }
    // How many seconds it takes until something changes; 0: it does not.
    int seconds_until_change(Duration behind, int most) {
      for (int second = 1; second <= most; ++second)
        if (second_behind(behind)) return second;
      return 0;
    }

   private:
    std::int64_t epoch_ = 0;
  };

 private slots:
  void a_number_that_was_said_holds_until_the_workspace_says_another() {
    World world;
    QCOMPARE(world.now_has(), 1);
    QVERIFY(world.scaling.scale(world.stream(), 4).ok());
    QCOMPARE(world.now_has(), 4);
    world.stream().pods = 2;
    QCOMPARE(world.now_has(), 2);
    world.stream().pods = 1;
    QCOMPARE(world.now_has(), 1);      // it is not remembered for later
  }

  void what_cannot_be_is_refused() {
    World world;
    QCOMPARE(world.scaling.scale(world.stream(), 0).error().kind, ErrorKind::invalid_argument);
    QCOMPARE(world.scaling.scale(world.stream(), 9).error().kind, ErrorKind::invalid_argument);
    world.stream().pods = -1;
    QCOMPARE(world.scaling.scale(world.stream(), 1).error().kind, ErrorKind::failed_precondition);
  }

  void a_stream_that_stays_behind_gets_twice_as_many_pods_and_gives_them_back() {
    World world;
    world.stream().scale = ScaleSpec{30s, 1, 6};
    QCOMPARE(world.seconds_until_change(29s, 60), 0);
    QCOMPARE(world.seconds_until_change(31s, 60), 6);
    QCOMPARE(world.now_has(), 2);
    QCOMPARE(world.seconds_until_change(31s, 60), 30);      // the new one has to catch up first
    QCOMPARE(world.now_has(), 4);
    QCOMPARE(world.seconds_until_change(31s, 60), 30);
    QCOMPARE(world.now_has(), 6);
    QCOMPARE(world.seconds_until_change(31s, 600), 0);      // no more than it may have
    QCOMPARE(world.seconds_until_change(1s, 600), 301);
    QCOMPARE(world.now_has(), 5);
    const auto audit = world.audit.list("policy scale", 0, 10);
    QCOMPARE(audit->total, 4);
    QCOMPARE(audit->entries[3].why, std::string("31 s behind, more than 30 s"));
    QCOMPARE(audit->entries[3].touches, std::string("1 pod → 2"));
  }

  void a_moment_of_lag_changes_nothing() {
    World world;
    world.stream().scale = ScaleSpec{30s, 1, 6};
    for (int i = 0; i < 20; ++i) {
      QCOMPARE(world.seconds_until_change(40s, 4), 0);
      QCOMPARE(world.seconds_until_change(10s, 1), 0);
    }
    QCOMPARE(world.now_has(), 1);
  }
};

QTEST_GUILESS_MAIN(ScalingTest)
#include "scaling_test.moc"
