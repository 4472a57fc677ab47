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
};

namespace {

const QString kRows = "SELECT count(*) FROM bronze.pos_sales";

std::int64_t process_of(const nlohmann::json& pods, const std::string& name) {
  for (const auto& pod : pods)
    if (pod["name"] == name && pod["phase"] == "running") return pod["process_id"].get<std::int64_t>();
  return 0;
}

}  // namespace

void PodsAndEnginesTest::a_killed_pod_comes_back_and_rows_go_on() {
  Site site("retail");
  site.start_engine();
  QTRY_VERIFY_WITH_TIMEOUT(site.number(kRows) > 0, 120'000);
  QTRY_VERIFY_WITH_TIMEOUT(process_of(site.pods(), "shared-0") > 0, 120'000);
  const auto before = process_of(site.pods(), "shared-0");
  const auto rows = site.number(kRows);
  QCOMPARE(QProcess::execute("kill", {"-9", QString::number(before)}), 0);
  QTRY_VERIFY_WITH_TIMEOUT(process_of(site.pods(), "shared-0") > 0 && process_of(site.pods(), "shared-0") != before, 120'000);
  QTRY_VERIFY_WITH_TIMEOUT(site.number(kRows) > rows, 120'000);
  QCOMPARE(site.number("SELECT count(*) FROM (SELECT _source, _partition, _offset FROM bronze.pos_sales GROUP BY ALL HAVING count(*) > 1)"), 0);
}

void PodsAndEnginesTest::pods_outlive_a_killed_engine_and_the_next_one_adopts_them() {
  Site site("retail");
  site.start_engine();
  QTRY_VERIFY_WITH_TIMEOUT(site.number(kRows) > 0, 120'000);
  QTRY_VERIFY_WITH_TIMEOUT(process_of(site.pods(), "shared-0") > 0, 120'000);
  const auto pod = process_of(site.pods(), "shared-0");
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

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::PodsAndEnginesTest)
#include "pods_and_engines_test.moc"
