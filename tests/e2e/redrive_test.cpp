#include "e2e/programs.h"

namespace penstock::e2e {

// From rows that failed, over the seed that is mended, to gold that is right again.
class RedriveTest : public QObject {
  Q_OBJECT

 private slots:
  void rows_of_unknown_stores_are_redriven_once_the_seed_knows_them();
};

void RedriveTest::rows_of_unknown_stores_are_redriven_once_the_seed_knows_them() {
  Site site("minimal");
  QFile seed(site.workspace() + "/seeds/stores.csv");
  QVERIFY(seed.open(QIODevice::ReadOnly));
  const QByteArray all_stores = seed.readAll();
  site.write("seeds/stores.csv", all_stores.left(all_stores.indexOf('\n', all_stores.indexOf('\n') + 1) + 1));      // the header and one store
  site.start_engine();

  const QString everywhere = "SELECT (SELECT count(*) FROM silver.sales) + (SELECT count(*) FROM quarantine.sales)";
  QTRY_COMPARE_WITH_TIMEOUT(site.number(everywhere), 2000, 120'000);
  const auto rejected = site.number("SELECT count(*) FROM quarantine.sales");
  QVERIFY(rejected > 0);
  QTRY_COMPARE_WITH_TIMEOUT(site.ctl({"failures", "known_store", "--limit", "1"}).json()["total"].get<std::int64_t>(), rejected, 120'000);

  // One row, from its raw bytes to the step that refused it.
  const auto row = site.ctl({"failures", "known_store", "--limit", "1"}).json()["rows"][0];
  const auto journey = site.ctl({"dlq", "show", QString::fromStdString(row["id"].get<std::string>())}).json();
  const auto raw = nlohmann::json::parse(journey["raw"].get<std::string>(), nullptr, false);
  QVERIFY(raw.is_object());
  QCOMPARE(raw["store_id"].get<std::int64_t>(), row["values"]["store_id"].get<std::int64_t>());
  QCOMPARE(journey["stops"][2]["state"].get<std::string>(), std::string("rejected"));
  QCOMPARE(journey["stops"][3]["state"].get<std::string>(), std::string("never reached"));

  site.write("seeds/stores.csv", all_stores);
  QCOMPARE(site.ctl({"plan"}).json()["changes"][0]["object"].get<std::string>(), std::string("file seeds/stores.csv"));
  QCOMPARE(site.ctl({"apply", "--why", "stores opened"}).exit_code, 0);
  // The new version's pod may still start: a redrive says so and is sent again.
  QTRY_COMPARE_WITH_TIMEOUT(site.ctl({"dlq", "redrive", "--stream", "sales", "--expectation", "known_store"}).exit_code, 0, 120'000);

  QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(DISTINCT event_id) FROM silver.sales"), 2000, 120'000);
  QCOMPARE(site.number("SELECT count(*) FROM silver.sales"), 2000);
  // Windows that had closed without these rows are computed again.
  const auto sold = site.number("SELECT sum(qty) FROM silver.sales");
  QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT sum(units) FROM gold.units"), sold, 120'000);
  QCOMPARE(site.ctl({"dlq", "list", "--stream", "sales"}).json()["total"].get<std::int64_t>(), 0);
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::RedriveTest)
#include "redrive_test.moc"
