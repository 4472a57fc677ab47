#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

// A stream that reads more than one source.
class SeveralSourcesTest : public QObject, LandedStream {
  Q_OBJECT

  void add_web() {
    SourceSpec web = stream().sources.front();
    web.name = "web";
    web.settings = text_settings({{"topic", "web"}});
    stream().sources.push_back(web);
    peers_->topic("web", 1);
  }
  static std::string sale(const std::string& id, int store, int qty, int at) {
    return "{\"id\":\"" + id + "\",\"store\":" + std::to_string(store) + ",\"qty\":" + std::to_string(qty) + ",\"ts\":\"" + to_iso8601(from_micros(noon + at * second)) + "\"}";
  }
  QStringList rows(const QString& table, const QString& pattern) const {
    const auto all = tables();
    return all[table].filter(QRegularExpression(pattern));
  }
  std::int64_t late_for(const std::string& step) const {
    for (const StepReport& one : report().steps)
      if (one.step == step) return one.late;
    return -1;
  }
  Result<RedriveOutcome> redrive(const std::vector<RedriveRow>& rows) { return pod_->redrive("command-" + std::to_string(++commands_), "sales", rows); }
  int commands_ = 0;

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    make("run");
  }
  void cleanup() { pod_.reset(); }

  // Its partitions would hold it back until they are idle: a day.
  void a_window_waits_only_for_the_sources_that_feed_it() {
    add_web();
    StepSpec clicks;
    clicks.name = "clicks";
    clicks.from = {"web"};
    clicks.sql = "SELECT id FROM web";
    stream().steps.push_back(clicks);
    std::swap(stream().steps[2], stream().steps[3]);
    send(120);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(!rows("gold/units", "").isEmpty(), 60000);
  }

  void a_window_waits_for_all_sources_that_feed_it() {
    add_web();
    stream().steps.front().from = {"source", "web"};
    send(120);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    QVERIFY(rows("gold/units", "").isEmpty());
    peers_->topic("web")->append(0, sale("w", 9, 1, 130), noon);
    QTRY_VERIFY_WITH_TIMEOUT(!rows("gold/units", "").isEmpty(), 60000);
  }

  void redriven_rows_keep_the_source_that_they_came_from() {
    add_web();
    stream().steps.front().from = {"source", "web"};
    peers_->topic("pos")->append(0, sale("a", 1, 0, 0), noon);
    peers_->topic("web")->append(0, sale("b", 1, 0, 0), noon);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, 2, 60000);
    const auto outcome = redrive({{"pos", {0, 0}, noon, sale("a", 1, 2, 0), "", "", 1, "silver"}, {"web", {0, 0}, noon, sale("b", 1, 3, 0), "", "", 1, "silver"}});
    QVERIFY(outcome.ok());
    QCOMPARE(outcome->accepted, 2);
    QTRY_COMPARE_WITH_TIMEOUT(rows("silver/sales", "").size(), 2, 60000);
    QCOMPARE(rows("silver/sales", "^a\\|1\\|2\\|[^|]*\\|pos\\|").size(), 1);
    QCOMPARE(rows("silver/sales", "^b\\|1\\|3\\|[^|]*\\|web\\|").size(), 1);
  }

  void a_redriven_row_is_joined_while_its_matches_are_kept() {
    join_gold();
    send(40);
    peers_->topic("pos")->append(0, sale("x", 2, 0, 76), noon);      // offset 14
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_ + 1, 60000);
    QCOMPARE(redrive({{"pos", {0, 14}, noon, sale("x", 2, 2, 76), "", "", 1, "silver"}})->accepted, 1);
    QTRY_COMPARE_WITH_TIMEOUT(rows("gold/units", "^x\\|2\\|38\\|").size(), 1, 60000);      // of that store, 3 s before
    QCOMPARE(late_for("gold"), 0);
    // The watermark has passed this one: it is late.
    QCOMPARE(redrive({{"pos", {2, 1}, noon, sale("5", 1, 2, 10), "", "", 1, "silver"}})->accepted, 1);
    QTRY_COMPARE_WITH_TIMEOUT(late_for("gold"), 1, 60000);
    QVERIFY(rows("gold/units", "^5\\|").isEmpty());
  }
};

QTEST_GUILESS_MAIN(SeveralSourcesTest)
#include "several_sources_test.moc"
