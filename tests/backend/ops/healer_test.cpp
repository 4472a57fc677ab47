#include <QTest>

#include "support/pod_world.h"

using namespace penstock;
using namespace std::chrono_literals;
using penstock::test::PodWorld;

namespace {

HealingPolicy stuck_policy() {
  HealingPolicy policy;
  policy.name = "stuck";
  policy.stuck = 30s;
  policy.times = 3;
  policy.per = 1h;
  return policy;
}

std::int64_t count(const PodWorld& world, const std::string& call) {
  return std::count(world.host.calls.begin(), world.host.calls.end(), call);
}

void start(PodWorld& world, HealingPolicy policy) {
  world.desire({"loyalty"});
  world.supervisor.set_policies({std::move(policy)});
  world.supervisor.tick();
  world.pass(1ms);
}

}  // namespace

class HealerTest : public QObject {
  Q_OBJECT

 private slots:
  void a_pod_that_is_stuck_for_long_enough_is_reset() {
    PodWorld world;
    start(world, stuck_policy());
    world.get_stuck_for(39);                        // stuck since second 11
    QCOMPARE(count(world, "terminate shared-0"), 0);
    world.get_stuck_for(4);
    QCOMPARE(count(world, "terminate shared-0"), 1);
    const auto audit = world.audit.list("policy stuck", 0, 10);
    QCOMPARE(audit->total, 1);
    QCOMPARE(audit->entries[0].action, std::string("reset pod"));
    QCOMPARE(audit->entries[0].why, std::string("shared-0 is stuck"));
  }

  void its_outcome_is_in_the_audit_log() {
    PodWorld world;
    start(world, stuck_policy());
    world.get_stuck_for(43);
    world.pass(1ms);
    world.pass(1ms);
    world.report(world.loyalty(1'000, 1'000));
    world.pass(1ms);
    world.pass(1ms);
    QCOMPARE(world.audit.list("policy stuck", 0, 10)->entries[0].outcome, std::string("resumed at 600 · 400 of 400 rows · 0 lost · 0 doubled"));
  }

  void after_its_limit_it_gives_up_into_a_visible_alarm_that_ends_when_the_pod_is_well() {
    PodWorld world;
    start(world, stuck_policy());
    world.get_stuck_for(400);
    QCOMPARE(count(world, "terminate shared-0"), 3);
    const auto cards = world.registry.full().attention;
    const auto alarm = std::find_if(cards.begin(), cards.end(), [](const Attention& card) { return card.id == "healing/stuck/shared-0"; });
    QVERIFY(alarm != cards.end());
    QCOMPARE(alarm->subject, std::string("shared-0 was reset 3 times and is stuck again"));
    QCOMPARE(alarm->impact, std::string("Policy stuck gave up after 3 resets in 1 h 0 m"));
    QCOMPARE(alarm->severity, std::string("failing"));
    world.report(world.loyalty(1'000, 1'000));
    world.pass(1ms);
    world.pass(1ms);
    QVERIFY(world.registry.full().attention.empty());
  }

  void a_dry_run_writes_down_what_it_would_do_once() {
    PodWorld world;
    HealingPolicy policy = stuck_policy();
    policy.dry_run = true;
    start(world, policy);
    world.get_stuck_for(60);
    QCOMPARE(count(world, "terminate shared-0"), 0);
    const auto audit = world.audit.list("", 0, 10);
    QCOMPARE(audit->total, 1);
    QCOMPARE(audit->entries[0].outcome, std::string("dry run: nothing was done"));
  }

  void a_silent_pod_is_reset_too() {
    PodWorld world;
    start(world, stuck_policy());
    world.report(world.loyalty(1, 1));
    for (int second = 0; second < 40; ++second) world.pass(1s);
    QCOMPARE(count(world, "terminate shared-0"), 1);
    QCOMPARE(world.audit.list("", 0, 1)->entries[0].why, std::string("shared-0 is silent"));
  }
};

QTEST_APPLESS_MAIN(HealerTest)
#include "healer_test.moc"
