#include "e2e/programs.h"

namespace penstock::e2e {

// A stream in several pods: its shards go from pod to pod while rows flow, and every row is there once.
class ScalingTest : public QObject {
  Q_OBJECT

  static constexpr int kPatience = 120'000;

  // The minimal workspace with a stream that goes on for ever, in eight partitions and as many shards.
  static void make_endless(Site& site) {
    site.write("penstock.yaml", "workspace: minimal\ndefaults: { flush: 200ms }\n");
    site.write("pipelines/sales.yaml",
               "stream: sales\n"
               "source:\n"
               "  simulate: { system: pos_sales, contract: contracts/pos_sale.avsc, format: json, seed: 1, rate: 400, partitions: 8, diurnal: false, partitioned_by: [store_id] }\n"
               "steps:\n"
               "  bronze: { land: bronze.sales }\n"
               "  silver:\n"
               "    sql: SELECT event_id, store_id, sku, qty, sold_at FROM bronze\n"
               "    dedupe: { key: event_id, within: 10m }\n"
               "    land: silver.sales\n"
               "  gold:\n"
               "    window: { tumbling: 1s, time: sold_at, lateness: 1s }\n"
               "    sql: SELECT store_id, window_start, sum(qty) AS units FROM silver GROUP BY ALL\n"
               "    land: gold.units\n"
               "pods: 2\n");
  }
  static std::vector<std::string> names_of(const std::vector<nlohmann::json>& pods) {
    std::vector<std::string> names;
    for (const auto& pod : pods) names.push_back(pod["name"]);
    return names;
  }
  static std::vector<std::string> pods_named(int count) {
    std::vector<std::string> names;
    for (int pod = 0; pod < count; ++pod) names.push_back("sales-" + std::to_string(pod));
    return names;
  }
  static bool has_pods(Site& site, int count) {
    return QTest::qWaitFor([&] { return names_of(site.running_pods()) == pods_named(count); }, kPatience);
  }
  // Rows never vanish from a query while their shard is on its way.
  static void watch_rows_grow(Site& site, std::int64_t by) {
    std::int64_t before = site.number("SELECT count(*) FROM bronze.sales");
    QVERIFY(before > 0);
    const std::int64_t until = before + by;
    QVERIFY(QTest::qWaitFor([&] {
      const std::int64_t now = site.number("SELECT count(*) FROM bronze.sales");
      if (now < before) qWarning("%lld rows after %lld", static_cast<long long>(now), static_cast<long long>(before));
      QTest::qVerify(now >= before, "now >= before", "a row that was seen is not seen any more", __FILE__, __LINE__);
      before = std::max(before, now);
      return now >= until;
    }, kPatience));
  }
  static void scale(Site& site, int pods) {
    const auto scaled = site.ctl({"pods", "scale", "sales", QString::number(pods), "--why", "the sale begins"});
    QVERIFY2(scaled.exit_code == 0, scaled.err.c_str());
  }

 private slots:
  void every_row_is_there_once_while_pods_come_and_go() {
    Site site("minimal");
    make_endless(site);
    site.start_engine();
    QVERIFY(has_pods(site, 2));
    QVERIFY(QTest::qWaitFor([&] { return site.number("SELECT count(*) FROM gold.units") > 0; }, kPatience));
    scale(site, 4);
    watch_rows_grow(site, 1'000);
    QVERIFY(has_pods(site, 4));
    // One of them is killed while its shards are on their way back.
    const auto pods = site.running_pods();
    QCOMPARE(pods.size(), 4u);
    scale(site, 2);
    QCOMPARE(QProcess::execute("kill", {"-9", QString::number(pods[3]["process_id"].get<std::int64_t>())}), 0);
    QVERIFY(has_pods(site, 2));
    watch_rows_grow(site, 1'000);
    const auto audit = site.ctl({"audit"}).json();
    QCOMPARE(audit["entries"][0]["action"].get<std::string>(), std::string("scale pipeline"));
    QCOMPARE(audit["entries"][0]["why"].get<std::string>(), std::string("the sale begins"));
    QCOMPARE(site.ctl({"run", "sales", "--drain", "--close"}).exit_code, 0);
    // Each partition from its first position on, without a gap, once; and what was sold is what gold adds up to.
    QCOMPARE(site.number("SELECT count(*) FROM (SELECT _partition, _offset FROM bronze.sales GROUP BY ALL HAVING count(*) > 1)"), 0);
    QCOMPARE(site.number("SELECT sum(gap) FROM (SELECT max(_offset) - min(_offset) + 1 - count(*) AS gap FROM bronze.sales GROUP BY _partition)"), 0);
    QCOMPARE(site.number("SELECT count(*) FROM (SELECT event_id FROM silver.sales GROUP BY ALL HAVING count(*) > 1)"), 0);
    QCOMPARE(site.number("SELECT sum(units) FROM gold.units"), site.number("SELECT sum(qty) FROM silver.sales"));
    QCOMPARE(site.number("SELECT count(*) FROM (SELECT store_id, window_start FROM gold.units GROUP BY ALL HAVING count(*) > 1)"), 0);
  }

  void what_cannot_be_scaled_says_why() {
    Site site("minimal");
    make_endless(site);
    site.start_engine();
    const auto too_many = site.ctl({"pods", "scale", "sales", "9"});
    QCOMPARE(too_many.exit_code, 2);
    QVERIFY2(too_many.err.find("cannot have 9 pods") != std::string::npos, too_many.err.c_str());
    QCOMPARE(site.ctl({"pods", "scale", "sale", "2"}).exit_code, 1);
  }

  // What an operator has said outlives the engine, and ends when the workspace declares another number.
  void the_number_of_pods_is_kept_until_the_workspace_says_another() {
    Site site("minimal");
    make_endless(site);
    site.start_engine();
    QVERIFY(has_pods(site, 2));
    scale(site, 3);
    QVERIFY(has_pods(site, 3));
    site.stop_engine();
    site.start_engine();
    QVERIFY(has_pods(site, 3));
    site.write("pipelines/sales.yaml", site.read("pipelines/sales.yaml").replace("pods: 2", "pods: 4"));
    QCOMPARE(site.ctl({"apply"}).exit_code, 0);
    QVERIFY(has_pods(site, 4));
    // What is divided stays so: nothing of the running version changes.
    site.write("pipelines/sales.yaml", site.read("pipelines/sales.yaml").replace("pods: 4", "pods: 4\nshards: 4"));
    const auto divided = site.ctl({"apply"});
    QCOMPARE(divided.exit_code, 1);
    QVERIFY2(divided.err.find("is divided into 8 shards, and this says 4") != std::string::npos, divided.err.c_str());
    QVERIFY(has_pods(site, 4));
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::ScalingTest)
#include "scaling_test.moc"
