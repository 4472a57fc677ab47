#include "e2e/programs.h"

#include <set>

#include "support/http_peer.h"

namespace penstock::e2e {

// One pipeline from its source to what `query` gives, through penstockctl alone: an engine for each call.
class PipelineRunTest : public QObject {
  Q_OBJECT

 private slots:
  void a_finite_source_is_drained_and_every_row_is_accounted_for();
  void every_mistake_of_a_workspace_is_listed();
  void a_wrong_call_ends_with_2_and_one_line();
  void an_engine_that_is_not_there_ends_with_3();
  void a_port_of_somebody_else_is_not_shared();
  void a_new_workspace_is_valid();
};

void PipelineRunTest::a_finite_source_is_drained_and_every_row_is_accounted_for() {
  Site site("minimal");
  const auto drained = site.ctl({"run", "sales", "--drain", "--close"});
  QVERIFY2(drained.exit_code == 0, drained.err.c_str());
  QCOMPARE(drained.json()["outcome"].get<std::string>(), std::string("sales took 2,000 rows and stopped"));
  QCOMPARE(site.number("SELECT count(*) FROM bronze.sales"), 2000);
  QCOMPARE(site.number("SELECT count(DISTINCT event_id) FROM silver.sales"), 2000);
  // Gold adds up to silver: nothing lost, nothing doubled.
  QCOMPARE(site.number("SELECT sum(units) FROM gold.units"), site.number("SELECT sum(qty) FROM silver.sales"));
  QCOMPARE(site.number("SELECT count(*) FROM (SELECT _source, _partition, _offset FROM silver.sales GROUP BY ALL HAVING count(*) > 1)"), 0);
  // The command is in the audit log, with who and what came of it.
  const auto audit = site.ctl({"audit"}).json();
  QCOMPARE(audit["entries"][0]["action"].get<std::string>(), std::string("drain pipeline"));
  QCOMPARE(audit["entries"][0]["outcome"].get<std::string>(), std::string("sales took 2,000 rows and stopped"));
}

void PipelineRunTest::every_mistake_of_a_workspace_is_listed() {
  Site site("minimal");
  site.write("pipelines/sales.yaml",
             "stream: sales\nsource:\n  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, sed: 1 }\n"
             "steps:\n  bronze: { land: bronze.sales }\n  silver: { form: bronze, land: silver.sales }\n");
  const auto checked = site.ctl({"validate"});
  QCOMPARE(checked.exit_code, 1);
  std::set<std::string> places;
  const auto report = checked.json();
  for (const auto& problem : report["problems"])
    places.insert(problem["file"].get<std::string>() + ":" + std::to_string(problem["line"].get<int>()));
  QVERIFY(places.contains("pipelines/sales.yaml:3"));
  QVERIFY(places.contains("pipelines/sales.yaml:6"));
}

void PipelineRunTest::a_wrong_call_ends_with_2_and_one_line() {
  Site site("minimal");
  for (const QStringList& arguments : {QStringList{"nonsense"}, QStringList{"run"}, QStringList{"rollback", "3"}}) {
    const auto ended = site.ctl(arguments);
    QCOMPARE(ended.exit_code, 2);
    const auto error = nlohmann::json::parse(ended.err, nullptr, false);
    QVERIFY2(error.is_object() && error.contains("kind") && error.contains("message"), ended.err.c_str());
  }
}

void PipelineRunTest::an_engine_that_is_not_there_ends_with_3() {
  Site site("minimal");
  QCOMPARE(site.ctl({"--engine", "127.0.0.1:1", "status"}).exit_code, 3);
}

// Who scrapes it would see two engines in turns.
void PipelineRunTest::a_port_of_somebody_else_is_not_shared() {
  Site site("minimal");
  const test::HttpPeer other;
  const auto ended = site.run("penstockd", {"--workspace", site.workspace(), "--token-file", site.token_file(), "--http", QString::number(other.port())});
  QVERIFY(ended.exit_code > 0);
  QVERIFY2(ended.err.find("cannot listen on 127.0.0.1:" + std::to_string(other.port())) != std::string::npos, ended.err.c_str());
}

void PipelineRunTest::a_new_workspace_is_valid() {
  Site site("minimal");
  const QString folder = site.workspace() + "/../new";
  QCOMPARE(site.run("penstockctl", {"init", folder}).exit_code, 0);
  QCOMPARE(site.run("penstockctl", {"--workspace", folder, "validate"}).exit_code, 0);
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::PipelineRunTest)
#include "pipeline_run_test.moc"
