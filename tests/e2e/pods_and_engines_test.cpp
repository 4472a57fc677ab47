#include "e2e/programs.h"

namespace penstock::e2e {

// Pods and engines that die, and the rows that go on.
class PodsAndEnginesTest : public QObject {
  Q_OBJECT

 private slots:
  void a_killed_pod_comes_back_and_rows_go_on();
  void pods_outlive_a_killed_engine_and_the_next_one_adopts_them();
  void a_second_engine_is_told_where_the_first_one_is();
  void a_stranger_without_the_token_is_not_allowed();
  void contract_versions_are_told_by_an_engine_elsewhere();
  void while_its_pod_writes_a_table_every_row_is_seen_once();
};

namespace {

const QString kRows = "SELECT count(*) FROM bronze.pos_sales";

std::int64_t process_of(const nlohmann::json& pods, const std::string& name) {
  for (const auto& pod : pods)
    if (pod["name"] == name && pod["phase"] == "running") return pod["process_id"].get<std::int64_t>();
  return 0;
}

// The process of shared-0 once it runs as another than `before`; 0 when it does not in time.
std::int64_t await_process(Site& site, std::int64_t before = 0) {
  std::int64_t process = 0;
  const bool runs = QTest::qWaitFor([&] { return (process = process_of(site.pods(), "shared-0")) > 0 && process != before; }, 120'000);
  return runs ? process : 0;
}

}  // namespace

void PodsAndEnginesTest::a_killed_pod_comes_back_and_rows_go_on() {
  Site site("retail");
  site.start_engine();
  QTRY_VERIFY_WITH_TIMEOUT(site.number(kRows) > 0, 120'000);
  const auto before = await_process(site);
  QVERIFY(before > 0);
  const auto rows = site.number(kRows);
  QCOMPARE(QProcess::execute("kill", {"-9", QString::number(before)}), 0);
  QVERIFY(await_process(site, before) > 0);
  QTRY_VERIFY_WITH_TIMEOUT(site.number(kRows) > rows, 120'000);
  QCOMPARE(site.number("SELECT count(*) FROM (SELECT _source, _partition, _offset FROM bronze.pos_sales GROUP BY ALL HAVING count(*) > 1)"), 0);
}

void PodsAndEnginesTest::pods_outlive_a_killed_engine_and_the_next_one_adopts_them() {
  Site site("retail");
  site.start_engine();
  QTRY_VERIFY_WITH_TIMEOUT(site.number(kRows) > 0, 120'000);
  const auto pod = await_process(site);
  QVERIFY(pod > 0);
  const auto rows = site.number(kRows);
  site.kill_engine();
  site.start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(process_of(site.pods(), "shared-0"), pod, 120'000);
  QTRY_VERIFY_WITH_TIMEOUT(site.number(kRows) > rows, 120'000);
  QCOMPARE(site.number("SELECT count(*) FROM (SELECT _source, _partition, _offset FROM bronze.pos_sales GROUP BY ALL HAVING count(*) > 1)"), 0);
}

void PodsAndEnginesTest::a_second_engine_is_told_where_the_first_one_is() {
  Site site("minimal");
  site.start_engine();
  const auto second = site.run("penstockd", {"--workspace", site.workspace()});
  QCOMPARE(second.exit_code, 1);
  QVERIFY2(second.err.find(site.address().toStdString()) != std::string::npos, second.err.c_str());
  // penstockctl finds the first one by itself.
  const auto status = site.ctl({"status"});
  QCOMPARE(status.exit_code, 0);
  QCOMPARE(status.json()["engine"]["address"].get<std::string>(), site.address().toStdString());
}

void PodsAndEnginesTest::a_stranger_without_the_token_is_not_allowed() {
  Site site("minimal");
  site.start_engine();
  QCOMPARE(site.ctl({"--engine", site.address(), "status"}).exit_code, 4);
}

void PodsAndEnginesTest::contract_versions_are_told_by_an_engine_elsewhere() {
  Site site("retail");
  site.start_engine();
  const QStringList elsewhere{"--workspace", "/nowhere", "--json", "--engine", site.address(), "--token-file", site.token_file(), "contract", "versions"};
  const auto told = site.run("penstockctl", elsewhere + QStringList{"pos_sales"});
  QVERIFY2(told.exit_code == 0, told.err.c_str());
  auto elsewhere_says = told.json();
  auto here_says = site.ctl({"contract", "versions", "pos_sales"}).json();
  for (auto* said : {&elsewhere_says, &here_says}) {
    auto& declared = (*said)["sources"][0]["versions"][0];
    QVERIFY2(declared["path"].get<std::string>().ends_with("contracts/pos_sale.avsc") && !declared["columns"].empty(), said->dump().c_str());
    declared.erase("path");             // the engine reads the copy that it runs
  }
  QCOMPARE(elsewhere_says.dump(), here_says.dump());
  const auto absent = site.run("penstockctl", elsewhere + QStringList{"no_such"});
  QCOMPARE(absent.exit_code, 1);
  QVERIFY2(absent.err.find("no_such") != std::string::npos, absent.err.c_str());
}

// Files are committed many times a second; what is not in them yet comes from the pod.
void PodsAndEnginesTest::while_its_pod_writes_a_table_every_row_is_seen_once() {
  Site site("minimal");
  site.write("pipelines/sales.yaml",
             "stream: sales\nflush: 100ms\nsource:\n  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 1, rate: 500, partitions: 2, diurnal: false }\n"
             "steps:\n  bronze: { land: bronze.sales }\n");
  site.start_engine();
  QTRY_VERIFY_WITH_TIMEOUT(site.number("SELECT count(*) FROM bronze.sales") > 0, 120'000);
  const auto commits = [&] { return QDir(site.tables() + "/bronze/sales/_delta_log").entryList({"*.json"}).size(); };
  const auto commits_before = commits();
  std::int64_t newest = 0;
  for (int look = 0; look < 200 && (look < 20 || commits() < commits_before + 40); ++look) {
    const auto seen = site.ctl({"query", "SELECT sum(n)::BIGINT AS held, sum(last - first + 1)::BIGINT AS numbered, sum(different)::BIGINT AS different FROM "
                                         "(SELECT count(*) AS n, min(_offset) AS first, max(_offset) AS last, count(DISTINCT _offset) AS different "
                                         "FROM bronze.sales GROUP BY _partition)"}).json();
    const std::string said = seen.dump();
    QVERIFY2(seen.contains("rows") && seen["rows"].size() == 1, said.c_str());
    const auto& row = seen["rows"][0];
    const auto held = row["held"].get<std::int64_t>();
    QVERIFY2(held == row["numbered"].get<std::int64_t>() && held == row["different"].get<std::int64_t>(), said.c_str());
    QVERIFY2(held >= newest, said.c_str());
    newest = held;
  }
  QVERIFY2(commits() >= commits_before + 40, qPrintable(QString::number(commits() - commits_before) + " commits"));
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::PodsAndEnginesTest)
#include "pods_and_engines_test.moc"
