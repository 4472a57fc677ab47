#include "e2e/programs.h"
#include "support/leaf_model.h"

#include <filesystem>

namespace penstock::e2e {

// A stream that scores its rows, under a real engine with a pod of its own.
class ScoreTest : public QObject {
  Q_OBJECT

 private slots:
  void a_model_that_is_replaced_is_taken_by_the_pod_that_runs();
};

namespace {

// As whoever trains does: written aside, then put in its place.
void put_model(Site& site, const QByteArray& bytes) {
  site.write("aside", bytes);
  std::filesystem::rename((site.workspace() + "/aside").toStdString(), (site.workspace() + "/models/pace.json").toStdString());
}

// "XGBoost pace.json@…"
std::string shown(Site& site) {
  const auto graph = site.ctl({"lineage"}).json();
  if (!graph.is_object()) return "";
  for (const auto& node : graph["nodes"])
    if (node["kind"] == "model") return node["technology"].get<std::string>();
  return "";
}

std::string model_of_rows(Site& site, const QString& pace) {
  const auto result = site.ctl({"query", "SELECT min(_model) AS one, count(DISTINCT _model) AS models FROM silver.scored WHERE pace = " + pace}).json();
  if (!result.is_object() || result["rows"].empty() || result["rows"][0]["models"] != 1) return "";
  return result["rows"][0]["one"].get<std::string>();
}

std::string reason(Site& site) {
  const auto status = site.ctl({"status"}).json();
  if (!status.is_object() || status["pipelines"].empty()) return "";
  return status["pipelines"][0]["status"].get<std::string>() + ": " + status["pipelines"][0].value("reason", "");
}

}  // namespace

void ScoreTest::a_model_that_is_replaced_is_taken_by_the_pod_that_runs() {
  Site site("minimal");
  QVERIFY(QDir(site.workspace()).mkpath("models") && QDir(site.workspace()).mkpath("tests"));
  site.write("pipelines/sales.yaml",
             "stream: sales\nsource:\n  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 1, rate: 100, diurnal: false }\n"
             "flush: 200ms\nsteps:\n  bronze: { land: bronze.sales }\n"
             "  scored: { score: { model: models/pace.json, features: [store_id, qty], as: pace }, land: silver.scored }\n");
  site.write("tests/pace.yaml", "test: rows are scored\nstream: sales\ngiven: { source: [ { event_id: a, store_id: 1, register: 1, cashier_id: c, sku: s, qty: 2, unit_price: 1, discount: 0, "
             "currency: EUR, payment_method: card, sold_at: \"2026-01-01T10:00:00Z\" } ] }\nexpect: { scored: [ { event_id: a, pace: 0.25 } ] }\n");

  // Whoever has no model is told where it is asked for.
  const auto missing = site.ctl({"validate"});
  QCOMPARE(missing.exit_code, 1);
  QVERIFY2(missing.out.find("pipelines/sales.yaml") != std::string::npos && missing.out.find("there is no model pace.json") != std::string::npos, missing.out.c_str());
  put_model(site, test::model_of(0.25));
  const auto tested = site.ctl({"test"});
  QVERIFY2(tested.exit_code == 0, tested.out.c_str());
  QCOMPARE(tested.json()["passed"].get<int>(), 1);

  site.start_engine();
  QVERIFY(QTest::qWaitFor([&] { return !model_of_rows(site, "0.25").empty(); }, 120'000));
  const std::string first = model_of_rows(site, "0.25");
  QVERIFY2(first.find("pace.json@") == 0, first.c_str());
  QCOMPARE(shown(site), "XGBoost " + first);
  const auto pods = site.running_pods();
  QCOMPARE(pods.size(), std::size_t(1));

  put_model(site, test::model_of(0.75));
  QVERIFY(QTest::qWaitFor([&] { return !model_of_rows(site, "0.75").empty(); }, 120'000));
  const std::string second = model_of_rows(site, "0.75");
  QVERIFY(second != first);
  QCOMPARE(shown(site), "XGBoost " + second);
  QVERIFY(site.ctl({"plan"}).json()["changes"].empty());      // it is no part of a version

  put_model(site, "{\"learner\":{\"learner_model_param\":{\"base_score\":\"[5E-1]\"}},\"version\":[3,1,0]}");
  QVERIFY(QTest::qWaitFor([&] { return reason(site).find("degraded: the model in models/pace.json is not taken") == 0; }, 120'000));
  const std::string why = reason(site);
  QVERIFY2(why.find("saved by XGBoost 3.1.0") != std::string::npos && why.find(second + " goes on") != std::string::npos, why.c_str());
  QCOMPARE(site.ctl({"validate"}).exit_code, 1);

  put_model(site, test::model_of(1.5));
  QVERIFY(QTest::qWaitFor([&] { return !model_of_rows(site, "1.5").empty(); }, 120'000));
  QVERIFY(QTest::qWaitFor([&] { return reason(site).find("running") == 0; }, 120'000));
  // All that in one life of one pod, and no row without a score.
  const auto now = site.running_pods();
  QCOMPARE(now.size(), std::size_t(1));
  QVERIFY(now[0]["process_id"] == pods[0]["process_id"]);
  QCOMPARE(site.number("SELECT count(*) FROM silver.scored WHERE pace IS NULL OR _model IS NULL"), 0);
  QCOMPARE(site.number("SELECT count(DISTINCT _model) FROM silver.scored"), 3);
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::ScoreTest)
#include "score_test.moc"
