#include <QRandomGenerator>
#include <QTest>

#include "e2e/programs.h"

namespace penstock::e2e {

// A stream that reads what another one lands, while their pods are killed.
class TableStreamTest : public QObject {
  Q_OBJECT

  static constexpr const char* kSales =
      "stream: sales\npods: 1\nflush: 100ms\nsource:\n"
      "  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 7, rate: 1500, partitions: 2, diurnal: false, start_at: \"2026-01-01T00:00:00Z\", limit: 12000 }\n"
      "steps:\n  bronze: { land: bronze.sales }\n  silver: { sql: \"SELECT event_id, store_id, sku, qty, unit_price, sold_at FROM bronze\", land: silver.sales }\n";
  static constexpr const char* kTotals =
      "stream: totals\npods: 1\nflush: 100ms\nsource: { table: silver.sales }\n"
      "steps:\n  taken: { land: bronze.taken }\n"
      "  minute:\n    window: { tumbling: 1m, time: sold_at, lateness: 10m, idle: hold }\n"
      "    sql: SELECT sku, window_start, sum(qty) AS units, sum(qty * unit_price) AS revenue FROM taken GROUP BY ALL\n    land: gold.minute\n";

  static bool has_edge(const nlohmann::json& lineage, const std::string& from, const std::string& to) {
    for (const auto& edge : lineage["edges"])
      if (edge["from"] == from && edge["to"] == to) return true;
    return false;
  }

 private slots:
  void each_landed_row_comes_once_though_pods_are_killed() {
    Site site("minimal");
    site.write("pipelines/sales.yaml", kSales);
    site.start_engine();
    site.write("pipelines/totals.yaml", kTotals);
    const auto planned = site.ctl({"plan"});
    QVERIFY2(planned.exit_code == 0 && planned.out.find("stream totals") != std::string::npos, (planned.out + planned.err).c_str());
    QCOMPARE(site.ctl({"apply"}).exit_code, 0);
    const quint32 seed = qEnvironmentVariableIsSet("PENSTOCK_SEED") ? qEnvironmentVariable("PENSTOCK_SEED").toUInt() : QRandomGenerator::global()->generate();
    qInfo("PENSTOCK_SEED=%u", seed);
    QRandomGenerator random(seed);

    const auto landed = [&] { return site.number("SELECT count(*) FROM bronze.taken"); };
    std::int64_t seen = 0;
    for (int kill = 0; kill < 4; ++kill) {
      const std::int64_t next = seen + random.bounded(1, 2'000);
      QVERIFY(QTest::qWaitFor([&] { return (seen = landed()) >= std::min<std::int64_t>(next, 12'000); }, 120'000));
      std::vector<nlohmann::json> pods;
      QVERIFY(QTest::qWaitFor([&] { return (pods = site.running_pods()).size() == 2; }, 120'000));
      QCOMPARE(QProcess::execute("kill", {"-9", QString::number(pods[static_cast<std::size_t>(kill % 2)]["process_id"].get<std::int64_t>())}), 0);
    }
    QVERIFY2(QTest::qWaitFor([&] { return site.number("SELECT count(*) FROM silver.sales") == 12'000 && landed() >= 12'000; }, 240'000), site.ctl({"status"}).out.c_str());
    QCOMPARE(landed(), 12'000);
    QCOMPARE(site.number("SELECT count(DISTINCT event_id) FROM bronze.taken"), 12'000);
    QCOMPARE(site.number("SELECT count(*) FROM (SELECT event_id, sku, qty, unit_price, sold_at FROM silver.sales EXCEPT ALL SELECT event_id, sku, qty, unit_price, sold_at FROM bronze.taken)"), 0);

    // What holds no row is not waited for.
    nlohmann::json totals;
    QVERIFY2(QTest::qWaitFor([&] { return (totals = site.pipeline("totals"))["behind_rows"] == 0; }, 60'000), totals.dump().c_str());
    // Its windows are those of one query over the table.
    const QString batch = "SELECT sku, time_bucket(INTERVAL 1 MINUTE, sold_at) AS window_start, sum(qty)::BIGINT AS units, sum(qty * unit_price)::VARCHAR AS revenue FROM silver.sales GROUP BY ALL";
    const QString stream = "SELECT sku, window_start, units::BIGINT AS units, revenue::VARCHAR AS revenue FROM gold.minute";
    const QString differing = "SELECT count(*) FROM ((" + batch + " EXCEPT ALL " + stream + ") UNION ALL (" + stream + " EXCEPT ALL " + batch + "))";
    const auto closed = site.ctl({"run", "totals", "--drain", "--close"});
    QVERIFY2(closed.exit_code == 0, closed.err.c_str());
    QVERIFY(site.number("SELECT count(*) FROM gold.minute") > 100);
    QCOMPARE(site.number(differing), 0);

    const auto lineage = site.ctl({"lineage"}).json();
    QVERIFY2(has_edge(lineage, "table/silver.sales", "source/totals/source"), lineage.dump().c_str());
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::TableStreamTest)
#include "table_stream_test.moc"
