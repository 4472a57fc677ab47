#include <set>

#include "e2e/programs.h"

namespace penstock::e2e {

// Each command of penstockctl once, on an engine that runs.
class CommandsTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void cleanupTestCase() { site_.reset(); }
  void every_command_explains_itself_with_an_example_data();
  void every_command_explains_itself_with_an_example();
  void what_this_version_has_not_says_so_and_ends_with_2();
  void looking_gives_json_with_stable_keys_data();
  void looking_gives_json_with_stable_keys();
  void a_plan_says_what_windows_keep();
  void a_plan_says_where_rows_may_arrive_twice();
  void a_pipeline_is_paused_resumed_cancelled_and_run_again();
  void a_watched_status_goes_on_line_by_line();
  void what_failed_is_shown_redriven_and_discarded();
  void a_replay_is_previewed_and_run();
  void a_pod_is_reset_and_its_gap_counted();
  void who_follows_an_engine_that_hangs_is_told();
  void each_of_these_is_in_the_audit_log();

 private:
  std::unique_ptr<Site> site_;
};

void CommandsTest::initTestCase() {
  site_ = std::make_unique<Site>("minimal");
  // Only the first store is known: what the others sell is quarantined.
  site_->write("seeds/stores.csv", "id,name,region,opened\n1,Leeds,north,2003-01-01\n");
  site_->start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(site_->number("SELECT (SELECT count(*) FROM silver.sales) + (SELECT count(*) FROM quarantine.sales)"), 2000, 120'000);
}

void CommandsTest::every_command_explains_itself_with_an_example_data() {
  QTest::addColumn<QStringList>("command");
  const std::vector<QStringList> commands{{"init"}, {"validate"}, {"plan"}, {"apply"}, {"test"}, {"status"}, {"metrics"}, {"lineage"}, {"logs"}, {"run"}, {"pause"}, {"resume"},
                                          {"cancel"}, {"query"}, {"failures"}, {"dlq"}, {"replay"}, {"pods"}, {"savepoint"}, {"audit"}, {"connections"}, {"contract", "check"}, {"contract", "versions"}};
  for (const auto& command : commands) QTest::newRow(qPrintable(command.join(' '))) << command;
}

void CommandsTest::every_command_explains_itself_with_an_example() {
  QFETCH(QStringList, command);
  const auto help = site_->run("penstockctl", command + QStringList{"--help"});
  QCOMPARE(help.exit_code, 0);
  QVERIFY2(help.out.find("Example") != std::string::npos && help.out.find("penstockctl") != std::string::npos, help.out.c_str());
}

void CommandsTest::what_this_version_has_not_says_so_and_ends_with_2() {
  for (const QStringList& command : {QStringList{"rollback", "3"}, QStringList{"runs", "list"}, QStringList{"incidents", "list"}, QStringList{"bundle"}, QStringList{"deploy"},
                                     QStringList{"secrets", "check"}}) {
    const auto ended = site_->ctl(command);
    QCOMPARE(ended.exit_code, 2);
    QVERIFY2(ended.err.find("not in this version") != std::string::npos, ended.err.c_str());
  }
}

void CommandsTest::looking_gives_json_with_stable_keys_data() {
  QTest::addColumn<QStringList>("command");
  QTest::addColumn<QStringList>("keys");
  const auto row = [](const QStringList& command, const QStringList& keys) { QTest::newRow(qPrintable(command.join(' '))) << command << keys; };
  row({"validate"}, {"problems", "files", "pipelines"});
  row({"plan"}, {"running_version", "changes", "problems", "state_lost"});
  row({"test"}, {"tests", "passed", "failed"});
  row({"connections", "list"}, {"connections"});
  row({"connections", "test"}, {"connections"});
  row({"status"}, {"engine", "pipelines", "pods", "replays", "attention"});
  row({"metrics", "sales"}, {"pipeline", "edges", "expectations"});
  row({"lineage"}, {"nodes", "edges", "version"});
  row({"lineage", "--columns"}, {"nodes", "edges", "version"});
  row({"pods", "list"}, {"pods"});
  row({"query", "SELECT count(*) AS rows FROM bronze.sales"}, {"columns", "rows"});
  row({"failures"}, {"expectations"});
  row({"failures", "known_store"}, {"rows", "total"});
  row({"dlq", "list"}, {"rows", "total"});
  row({"audit"}, {"entries", "total"});
  row({"savepoint", "list"}, {"savepoints"});
  row({"contract", "versions", "sales"}, {"stream", "sources"});
}

void CommandsTest::looking_gives_json_with_stable_keys() {
  QFETCH(QStringList, command);
  QFETCH(QStringList, keys);
  const auto ended = site_->ctl(command);
  QVERIFY2(ended.exit_code == 0, ended.err.c_str());
  const auto document = ended.json();
  QVERIFY2(document.is_object(), ended.out.c_str());
  for (const auto& key : keys) QVERIFY2(document.contains(key.toStdString()), qPrintable(key));
  // The same for people: something to read, and no JSON.
  const auto text = site_->run("penstockctl", QStringList{"--workspace", site_->workspace()} + command);
  QCOMPARE(text.exit_code, 0);
  QVERIFY(!text.out.empty() && text.out.front() != '{');
}

void CommandsTest::a_plan_says_where_rows_may_arrive_twice() {
  const QByteArray connections = site_->read("connections.yaml");
  site_->write("connections.yaml", connections + "\npush: { http: { url: \"http://127.0.0.1:1/api\" } }\n");
  site_->write("pipelines/pushed.yaml",
               "stream: pushed\nsource:\n  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 1, rate: 5 }\n"
               "steps:\n  bronze: { land: bronze.pushed }\nsinks:\n  - { from: bronze, http: { connection: push, path: /a } }\n"
               "  - { from: bronze, http: { connection: push, path: /b, idempotent: true } }\n");
  const auto plan = site_->ctl({"plan"}).json();
  QVERIFY(QFile::remove(site_->workspace() + "/pipelines/pushed.yaml"));
  site_->write("connections.yaml", connections);
  std::string detail;
  for (const auto& change : plan["changes"])
    if (change["object"] == "stream pushed") detail = change["detail"];
  QVERIFY2(detail.find("sink bronze.http./a delivers at least once: rows may arrive twice where the peer does not honour Idempotency-Key") != std::string::npos, plan.dump().c_str());
  QVERIFY2(detail.find("http./b") == std::string::npos, detail.c_str());
}

void CommandsTest::a_plan_says_what_windows_keep() {
  site_->write("pipelines/kept.yaml",
               "stream: kept\nsource:\n  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 1, rate: 5 }\n"
               "steps:\n  bronze: { land: bronze.kept }\n  stores:\n    window: { tumbling: 1m, time: sold_at }\n"
               "    sql: SELECT window_start, count(DISTINCT store_id) AS stores FROM bronze GROUP BY ALL\n");
  const auto plan = site_->ctl({"plan"}).json();
  QVERIFY(QFile::remove(site_->workspace() + "/pipelines/kept.yaml"));
  std::string detail;
  for (const auto& change : plan["changes"])
    if (change["object"] == "stream kept") detail = change["detail"];
  QVERIFY2(detail.find("step stores keeps every row until its window closes: about ") != std::string::npos, plan.dump().c_str());
}

void CommandsTest::a_pipeline_is_paused_resumed_cancelled_and_run_again() {
  const auto status = [&] { return site_->ctl({"metrics", "sales"}).json()["pipeline"]["status"].get<std::string>(); };
  // Its source has ended: what goes on stops again.
  for (const auto& [command, state] : std::vector<std::pair<QString, std::string>>{{"pause", "paused"}, {"resume", "stopped"}, {"cancel", "stopped"}, {"run", "stopped"}}) {
    const auto ended = site_->ctl({command, "sales", "--why", "the test of " + command});
    QVERIFY2(ended.exit_code == 0, ended.err.c_str());
    QVERIFY(!ended.json()["outcome"].get<std::string>().empty());
    QTRY_COMPARE_WITH_TIMEOUT(status(), state, 60'000);
  }
  QCOMPARE(site_->ctl({"run", "sales"}).json()["outcome"].get<std::string>(), std::string("sales has taken all that its sources hold"));
  QCOMPARE(site_->number("SELECT count(*) FROM bronze.sales"), 2000);
}

void CommandsTest::a_watched_status_goes_on_line_by_line() {
  QProcess watch;
  watch.setProcessEnvironment(site_->environment());
  watch.start(program("penstockctl"), {"--workspace", site_->workspace(), "--json", "status", "--watch"});
  QByteArray second;
  for (int line = 0; line < 2; ++line) {
    QTRY_VERIFY_WITH_TIMEOUT(watch.canReadLine(), 60'000);
    second = watch.readLine();
  }
  QVERIFY(nlohmann::json::parse(second.toStdString(), nullptr, false).contains("sequence"));
  watch.kill();
  watch.waitForFinished();
}

void CommandsTest::what_failed_is_shown_redriven_and_discarded() {
  const auto open = [&] { return site_->ctl({"dlq", "list", "--stream", "sales"}).json()["total"].get<std::int64_t>(); };
  const auto before = open();
  QVERIFY(before > 2);
  const auto rows = site_->ctl({"dlq", "list", "--stream", "sales", "--limit", "2"}).json()["rows"];
  const QString first = QString::fromStdString(rows[0]["id"].get<std::string>()), second = QString::fromStdString(rows[1]["id"].get<std::string>());
  QVERIFY(site_->ctl({"dlq", "show", first}).json()["stops"].size() > 2);

  QCOMPARE(site_->ctl({"dlq", "redrive", "--stream", "sales", "--id", first, "--dry-run"}).json()["rows"].get<std::int64_t>(), 1);
  QCOMPARE(open(), before);
  // The store is still unknown: the row fails again, and says that it is its second time.
  QCOMPARE(site_->ctl({"dlq", "redrive", "--stream", "sales", "--id", first}).exit_code, 0);
  QTRY_COMPARE_WITH_TIMEOUT(open(), before, 60'000);
  QCOMPARE(site_->ctl({"dlq", "discard", "--stream", "sales", "--id", second, "--why", "test data"}).exit_code, 0);
  QCOMPARE(open(), before - 1);
  QCOMPARE(site_->ctl({"dlq", "list", "--stream", "sales", "--status", "discarded"}).json()["total"].get<std::int64_t>(), 1);
}

void CommandsTest::a_replay_is_previewed_and_run() {
  const auto silver = site_->number("SELECT count(*) FROM silver.sales");
  const QStringList range{"replay", "sales", "--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"};
  const auto preview = site_->ctl(range + QStringList{"--dry-run"});
  QVERIFY2(preview.exit_code == 0, preview.err.c_str());
  QCOMPARE(preview.json()["rows"].get<std::int64_t>(), 2000);
  const auto ended = site_->ctl(range + QStringList{"--rate", "100000"});
  QVERIFY2(ended.exit_code == 0, (ended.err + ended.out).c_str());
  QCOMPARE(site_->number("SELECT count(*) FROM silver.sales"), silver);
}

void CommandsTest::a_pod_is_reset_and_its_gap_counted() {
  const auto pods = site_->pods();
  QCOMPARE(pods.size(), std::size_t(1));
  const QString pod = QString::fromStdString(pods[0]["name"].get<std::string>());
  QVERIFY(site_->ctl({"pods", "reset", pod, "--dry-run"}).json()["safe"].get<bool>());
  const auto ended = site_->ctl({"pods", "reset", pod, "--why", "to see it"});
  QVERIFY2(ended.exit_code == 0, ended.err.c_str());
  const auto outcome = ended.json()["outcome"].get<std::string>();
  QVERIFY2(outcome.find("0 lost") != std::string::npos && outcome.find("0 doubled") != std::string::npos, outcome.c_str());
  QVERIFY(!site_->ctl({"pods", "logs", pod}).out.empty());
}

void CommandsTest::each_of_these_is_in_the_audit_log() {
  std::set<std::string> actions;
  const auto audit = site_->ctl({"audit"}).json();
  for (const auto& entry : audit["entries"]) {
    actions.insert(entry["action"].get<std::string>());
    QVERIFY(!entry["who"].get<std::string>().empty());
    QVERIFY(!entry["outcome"].get<std::string>().empty());
  }
  for (const char* action : {"pause pipeline", "resume pipeline", "cancel pipeline", "run pipeline", "redrive rows", "discard rows", "replay pipeline", "reset pod"})
    QVERIFY2(actions.contains(action), action);
}

void CommandsTest::who_follows_an_engine_that_hangs_is_told() {
  QProcess follow;
  follow.setProcessEnvironment(site_->environment());
  follow.start(program("penstockctl"), {"--workspace", site_->workspace(), "logs", "--follow"});
  QTRY_VERIFY_WITH_TIMEOUT(follow.bytesAvailable() > 0, 60'000);
  const QString engine = QString::number(site_->engine_process());
  const auto goes_on = qScopeGuard([&] { QProcess::execute("kill", {"-CONT", engine}); });
  QCOMPARE(QProcess::execute("kill", {"-STOP", engine}), 0);
  QVERIFY(follow.waitForFinished(60'000));
  QCOMPARE(follow.exitCode(), 3);
  const QByteArray said = follow.readAllStandardError();
  QVERIFY2(said.contains("does not answer"), said.constData());
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::CommandsTest)
#include "commands_test.moc"
