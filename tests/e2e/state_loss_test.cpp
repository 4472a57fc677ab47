#include "e2e/programs.h"

#include <filesystem>
#include <fstream>

namespace penstock::e2e {

// A stream's state that is spoilt, lost or changed, under a real engine with a pod of its own.
class StateLossTest : public QObject {
  Q_OBJECT

 private slots:
  void a_damaged_state_is_rebuilt_by_the_reset_of_its_pod();
  void a_lost_state_is_refused_until_it_is_chosen_what_becomes_of_it();
  void a_changed_window_is_computed_again_while_the_engine_runs();
  void a_savepoint_takes_the_place_of_a_state_that_is_gone();
};

namespace {

namespace fs = std::filesystem;

const QString kRows = "SELECT count(*) FROM bronze.sales";
const QString kDoubled = "SELECT count(*) FROM (SELECT _source, _partition, _offset FROM silver.sales GROUP BY ALL HAVING count(*) > 1)";

// The folder of the stream's state.
fs::path state_of(const Site& site) {
  for (const auto& entry : fs::recursive_directory_iterator((site.workspace() + "/../state").toStdString()))
    if (entry.is_directory() && entry.path().filename() == "state" && entry.path().parent_path().parent_path().filename() == "sales") return entry.path();
  return {};
}

std::string pod_of(Site& site) {
  const auto pods = site.pods();
  return pods.empty() ? "" : pods[0]["name"].get<std::string>();
}

std::string status_of(Site& site) {
  const auto status = site.ctl({"status"}).json();
  return status.is_object() && status.contains("pipelines") && !status["pipelines"].empty() ? status["pipelines"][0]["status"].get<std::string>() : "";
}

}  // namespace

void StateLossTest::a_damaged_state_is_rebuilt_by_the_reset_of_its_pod() {
  Site site("minimal");
  site.start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(site.number(kRows), 2000, 120'000);
  QTRY_VERIFY_WITH_TIMEOUT(site.number("SELECT sum(units) FROM gold.units") == site.number("SELECT sum(qty) FROM silver.sales"), 120'000);
  site.stop_engine();
  int spoilt = 0;
  for (const auto& entry : fs::directory_iterator(state_of(site))) {
    if (!entry.path().filename().string().starts_with("MANIFEST")) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8);
    file << std::string(64, 'X');
    ++spoilt;
  }
  QCOMPARE(spoilt, 1);

  site.start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(QString::fromStdString(site.ctl({"pods", "reset", QString::fromStdString(pod_of(site)), "--dry-run"}).json().value("state", "")), QString("damaged"), 120'000);
  const auto reset = site.ctl({"pods", "reset", QString::fromStdString(pod_of(site)), "--why", "the disk was mended"});
  QVERIFY2(reset.exit_code == 0, (reset.out + reset.err).c_str());
  const std::string outcome = reset.json()["outcome"].get<std::string>();
  QVERIFY2(outcome.find("0 lost · 0 doubled · the state of sales was rebuilt from its tables") != std::string::npos, outcome.c_str());
  QCOMPARE(site.number(kRows), 2000);
  QCOMPARE(site.number("SELECT count(DISTINCT event_id) FROM silver.sales"), 2000);
  QCOMPARE(site.number(kDoubled), 0);
  QCOMPARE(site.number("SELECT sum(units) FROM gold.units"), site.number("SELECT sum(qty) FROM silver.sales"));
}

void StateLossTest::a_lost_state_is_refused_until_it_is_chosen_what_becomes_of_it() {
  Site site("minimal");
  site.start_engine();
  QTRY_COMPARE_WITH_TIMEOUT(site.number(kRows), 2000, 120'000);
  site.stop_engine();
  fs::remove_all(state_of(site).parent_path());
  site.start_engine();
  QTRY_VERIFY_WITH_TIMEOUT(site.ctl({"status"}).out.find("of another state") != std::string::npos, 120'000);
  QCOMPARE(site.number(kRows), 2000);
  const auto chosen = site.ctl({"resume", "sales", "--rebuild", "--why", "the disk was replaced"});
  QVERIFY2(chosen.exit_code == 0, chosen.err.c_str());
  QVERIFY(QTest::qWaitFor([&] {
    const std::string status = status_of(site);
    return status == "stopped" || status == "running";
  }, 120'000));
  QCOMPARE(site.number(kRows), 2000);
  QCOMPARE(site.number(kDoubled), 0);
  const auto audit = site.ctl({"audit"}).json();
  QCOMPARE(audit["entries"][0]["action"].get<std::string>(), std::string("rebuild state of pipeline"));
  QCOMPARE(audit["entries"][0]["why"].get<std::string>(), std::string("the disk was replaced"));
  // What is sound needs no choice.
  QCOMPARE(site.ctl({"resume", "sales", "--take-over"}).exit_code, 1);
}

void StateLossTest::a_savepoint_takes_the_place_of_a_state_that_is_gone() {
  Site site("minimal");
  site.start_engine();
  QVERIFY(QTest::qWaitFor([&] { return site.number(kRows) > 100; }, 120'000));
  const auto made = site.ctl({"savepoint", "make", "sales", "early", "--why", "a test"});
  QVERIFY2(made.exit_code == 0, (made.out + made.err).c_str());
  QVERIFY2(made.json()["outcome"].get<std::string>().find("savepoint early of sales: 1 shard") == 0, made.out.c_str());
  const auto again = site.ctl({"savepoint", "make", "sales", "early"});
  QCOMPARE(again.exit_code, 1);
  // One that is paused stays so.
  QCOMPARE(site.ctl({"pause", "sales"}).exit_code, 0);
  QVERIFY(QTest::qWaitFor([&] { return status_of(site) == "paused"; }, 120'000));
  QCOMPARE(site.ctl({"savepoint", "make", "sales", "while-paused"}).exit_code, 0);
  QVERIFY(QTest::qWaitFor([&] { return status_of(site) == "paused"; }, 120'000));
  QCOMPARE(site.ctl({"resume", "sales"}).exit_code, 0);
  QVERIFY(QTest::qWaitFor([&] { return site.number(kRows) == 2000; }, 120'000));
  const auto listed = site.ctl({"savepoint", "list"}).json();
  QCOMPARE(listed["savepoints"].size(), std::size_t(2));
  QCOMPARE(listed["savepoints"][1]["name"].get<std::string>(), std::string("early"));
  QCOMPARE(site.ctl({"savepoint", "remove", "sales", "while-paused"}).exit_code, 0);

  site.stop_engine();
  QVERIFY(fs::remove_all(state_of(site)) > 0);
  site.start_engine();
  QVERIFY(QTest::qWaitFor([&] { return site.ctl({"status"}).out.find("of another state") != std::string::npos; }, 120'000));
  QCOMPARE(site.ctl({"savepoint", "restore", "sales", "none"}).exit_code, 1);
  const auto restored = site.ctl({"savepoint", "restore", "sales", "early", "--why", "its state is gone"});
  QVERIFY2(restored.exit_code == 0, (restored.out + restored.err).c_str());
  QVERIFY(QTest::qWaitFor([&] { return QStringList({"running", "stopped", "catching_up"}).contains(QString::fromStdString(status_of(site))); }, 120'000));
  QVERIFY(QTest::qWaitFor([&] { return site.number("SELECT sum(units) FROM gold.units") == site.number("SELECT sum(qty) FROM silver.sales"); }, 120'000));
  QCOMPARE(site.number(kRows), 2000);
  QCOMPARE(site.number("SELECT count(DISTINCT event_id) FROM silver.sales"), 2000);
  QCOMPARE(site.number(kDoubled), 0);
  QCOMPARE(site.ctl({"savepoint", "remove", "sales", "early"}).exit_code, 0);
  QVERIFY(site.ctl({"savepoint", "list", "sales"}).json()["savepoints"].empty());
}

void StateLossTest::a_changed_window_is_computed_again_while_the_engine_runs() {
  Site site("minimal");
  QFile file(site.workspace() + "/pipelines/sales.yaml");
  QVERIFY(file.open(QIODevice::ReadOnly));
  QByteArray pipeline = file.readAll();
  QVERIFY(pipeline.contains(", start_at: \"2026-01-01T00:00:00Z\", limit: 2000"));
  pipeline.replace(", start_at: \"2026-01-01T00:00:00Z\", limit: 2000", "");      // from now on, for ever
  site.write("pipelines/sales.yaml", pipeline);
  site.start_engine();
  QTRY_VERIFY_WITH_TIMEOUT(site.number("SELECT count(*) FROM gold.units") > 50, 120'000);
  QVERIFY(pipeline.contains("sum(qty) AS units"));
  site.write("pipelines/sales.yaml", pipeline.replace("sum(qty) AS units", "sum(qty) * 1000 AS units"));
  QCOMPARE(site.ctl({"apply", "--why", "thousands"}).exit_code, 0);
  // The first windows that close under the new logic were open under the old one: they hold every row of theirs.
  const QString now = "(SELECT g.window_start, sum(g.units) AS units, (SELECT sum(s.qty) * 1000 FROM silver.sales s WHERE s.sold_at >= g.window_start "
                      "AND s.sold_at < g.window_start + INTERVAL 1 SECOND) AS held FROM gold.units g GROUP BY ALL HAVING min(g.units) >= 1000)";
  QTRY_VERIFY_WITH_TIMEOUT(site.number("SELECT count(*) FROM " + now) >= 3, 120'000);
  QCOMPARE(site.number("SELECT count(*) FROM " + now + " WHERE units <> held"), 0);
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::StateLossTest)
#include "state_loss_test.moc"
