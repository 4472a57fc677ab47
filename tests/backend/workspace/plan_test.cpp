#include "workspace/plan.h"

#include "backend/workspace/workspace_texts.h"

using namespace penstock;
using namespace penstock::testing;

namespace {

// A workspace of one stream, with one text in it replaced.
Workspace workspace(const std::string& replace = {}, const std::string& by = {}) {
  std::string text = R"yaml(stream: s
source: { simulate: { system: pos, rate: 5 } }
steps:
  bronze: { land: bronze.s }
  silver:
    sql: SELECT id, qty, t FROM bronze
    expect: { ok: { sql: "qty > 0", on_fail: quarantine } }
    dedupe: { key: id, within: 10m }
  gold:
    window: { tumbling: 1m, time: t, lateness: 30s }
    sql: SELECT window_start, sum(qty) AS units FROM silver GROUP BY ALL
sinks: [ { from: gold, delta: gold.s } ]
)yaml";
  if (!replace.empty()) text.replace(text.find(replace), replace.size(), by);
  const LoadResult result = load({{"pipelines/s.yaml", text}});
  if (!result.problems.empty()) qFatal("%s", result.problems[0].to_string().c_str());
  return result.workspace;
}

QStringList lines_of(const Plan& plan) {
  constexpr const char* kKinds[] = {"added", "changed", "removed"};
  QStringList lines;
  for (const PlanChange& change : plan.changes) {
    const QString detail = change.detail.empty() ? QString() : ": " + QString::fromStdString(change.detail);
    lines << QString(kKinds[static_cast<int>(change.kind)]) + " " + QString::fromStdString(change.object) + detail;
  }
  return lines;
}

}  // namespace

class PlanTest : public QObject {
  Q_OBJECT
 private slots:
  void the_same_workspace_is_an_empty_plan() { QVERIFY(plan_changes(workspace(), workspace()).empty()); }

  void layout_of_sql_is_no_change() {
    QVERIFY(plan_changes(workspace(), workspace("SELECT id, qty, t FROM bronze", "|\n      SELECT id,   qty, t\n      FROM bronze")).empty());
  }

  void a_changed_window_is_rebuilt_from_the_landed_table_above() {
    const Plan plan = plan_changes(workspace(), workspace("tumbling: 1m", "tumbling: 5m"));
    QCOMPARE(lines_of(plan), QStringList("changed step s.gold: window"));
    QCOMPARE(plan.rebuilt, std::vector<std::string>{"s.gold"});
    QVERIFY(plan.state_lost.empty());
  }

  void windows_that_begin_at_other_times_are_others() {
    const std::string hopping = "hopping: { size: 1m, every: 30s }";
    QCOMPARE(plan_changes(workspace(), workspace("tumbling: 1m", hopping)).rebuilt, std::vector<std::string>{"s.gold"});
    QCOMPARE(plan_changes(workspace("tumbling: 1m", hopping), workspace("tumbling: 1m", "hopping: { size: 1m, every: 20s }")).rebuilt, std::vector<std::string>{"s.gold"});
  }

  void another_lateness_keeps_the_state() {
    const Plan plan = plan_changes(workspace(), workspace("lateness: 30s", "lateness: 40s"));
    QCOMPARE(lines_of(plan), QStringList("changed step s.gold: window"));
    QVERIFY(plan.rebuilt.empty());
  }

  void a_changed_step_above_changes_the_state_below() {
    const Plan plan = plan_changes(workspace(), workspace("qty > 0", "qty > 1"));
    QCOMPARE(lines_of(plan), QStringList("changed step s.silver: expectation ok"));
    QCOMPARE(plan.rebuilt, (std::vector<std::string>{"s.silver", "s.gold"}));
  }

  void state_is_lost_where_nothing_is_landed_above() {
    const Workspace before = workspace("{ land: bronze.s }", "{ sql: SELECT * FROM source }");
    Workspace after = before;
    after.streams[0].steps[1].dedupe->key = {"id", "qty"};
    const Plan plan = plan_changes(before, after);
    QCOMPARE(plan.state_lost, (std::vector<std::string>{"s.silver", "s.gold"}));
    QVERIFY(plan.rebuilt.empty());
  }

  void a_changed_join_is_rebuilt_where_both_of_its_sides_are_landed() {
    const auto joined = [](const std::string& bronze, const std::string& within, const std::string& select) {
      const LoadResult result = load({{"pipelines/s.yaml", "stream: s\nsource: { simulate: { system: pos } }\nsteps:\n  bronze: " + bronze +
                                                           "\n  bids: { from: bronze, sql: \"SELECT id, qty FROM bronze\" }\n  asks: { from: bronze, sql: \"SELECT id, t FROM bronze\" }\n"
                                                           "  both: { join: { left: bids, right: asks, on: bids.id = asks.id, within: " + within + ", select: " + select + " } }\n"}});
      if (!result.problems.empty()) qFatal("%s", result.problems[0].to_string().c_str());
      return result.workspace;
    };
    const std::string landed = "{ land: bronze.s }", passed_on = "{ sql: SELECT * FROM source }";
    const Plan plan = plan_changes(joined(landed, "1m", "qty"), joined(landed, "5m", "qty"));
    QCOMPARE(lines_of(plan), QStringList("changed step s.both: join"));
    QCOMPARE(plan.rebuilt, std::vector<std::string>{"s.both"});
    QVERIFY(plan.state_lost.empty());
    QCOMPARE(plan_changes(joined(passed_on, "1m", "qty"), joined(passed_on, "5m", "qty")).state_lost, std::vector<std::string>{"s.both"});
    // What is selected of joined rows is no state.
    QVERIFY(plan_changes(joined(landed, "1m", "qty"), joined(landed, "1m", "t")).rebuilt.empty());
  }

  void added_and_removed_things_are_named() {
    const Workspace bigger = workspace("sinks:", "# more\nsinks:");
    Workspace smaller = workspace();
    smaller.streams[0].steps.pop_back();
    smaller.streams[0].sinks.pop_back();
    QCOMPARE(lines_of(plan_changes(bigger, smaller)), QStringList({"removed step s.gold", "removed sink s.gold.delta.gold.s"}));
    QCOMPARE(lines_of(plan_changes(smaller, bigger)), QStringList({"added step s.gold", "added sink s.gold.delta.gold.s"}));
    QCOMPARE(lines_of(plan_changes(Workspace(), bigger)), QStringList("added stream s"));
  }

  void a_changed_setting_of_a_source_is_named() {
    QCOMPARE(lines_of(plan_changes(workspace(), workspace("rate: 5", "rate: 6"))), QStringList("changed source s.source: settings"));
  }

  void a_step_without_state_has_no_fingerprint() {
    const Workspace one = workspace();
    QVERIFY(state_fingerprint(one.streams[0], one.streams[0].steps[0]).empty());
    QVERIFY(!state_fingerprint(one.streams[0], one.streams[0].steps[1]).empty());
  }
};

QTEST_GUILESS_MAIN(PlanTest)
#include "plan_test.moc"
