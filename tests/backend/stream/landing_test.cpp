#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

// How the epochs of a stream come into its tables, and what is measured on the way.
class LandingTest : public QObject, LandedStream {
  Q_OBJECT

  QStringList files(const char* table) const {
    QStringList names;
    for (const auto& entry : fs::directory_iterator(folder_->filePath("tables/" + QString(table)).toStdString()))
      if (entry.path().extension() == ".parquet") names << QString::fromStdString(entry.path().filename().string());
    return names;
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    make("run");
    window_rows_ = kWindowRows;
  }
  void cleanup() { pod_.reset(); }

  void many_rows_are_a_file_with_their_epoch_and_few_wait_as_rows() {
    send(100);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().rows_in == sent_ && all_delivered(), 180000);
    QVERIFY(files("silver/sales").filter("staged-").isEmpty());
    QVERIFY(!files("silver/sales").isEmpty());
    QVERIFY(pod_->stop("sales", {.pause = true}).ok());
    send(120'000);
    stream().flush = std::chrono::hours(1);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 180000);
    // Finished beside the table before any commit knows them.
    QVERIFY(!files("bronze/sales").filter("staged-").isEmpty());
    pod_.reset();
    stream().flush = std::chrono::milliseconds(1);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().sinks.size() == 5 && all_delivered(), 180000);
    QCOMPARE(tables()["bronze/sales"].size() + tables()["dead_letters/sales"].size(), sent_);
  }

  void how_late_the_rows_of_a_finished_file_became_visible_is_measured_too() {
    send(120'000);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().rows_in == sent_ && report().sinks.size() == 5 && all_delivered(), 180000);
    QVERIFY(!files("bronze/sales").filter("staged-").isEmpty());
    qsizetype rows = 0;
    for (const QString& table : kTables) rows += tables()[table].size();
    rows -= tables()["gold/units"].size();      // out of windows: they have no source time
    QTRY_COMPARE_WITH_TIMEOUT(qsizetype(report().visible.count()), rows, 30000);
  }

  // What waits is reduced to sums, and these do not fit.
  void a_window_without_a_result_is_rejected_row_by_row() {
    window_rows_ = 10;
    gold().window->size = std::chrono::hours(1);
    gold().sql = "SELECT store, window_start, sum(qty)::TINYINT AS units FROM silver GROUP BY ALL";
    send(600);
    QVERIFY(start().ok());
    run_to_end();
    const auto all = tables();
    QCOMPARE(all["gold/units"].size(), 0);
    QVERIFY(all["silver/sales"].size() > 400);
    QStringList of_gold = all["dead_letters/sales"].filter("gold");
    QCOMPARE(of_gold.size(), all["silver/sales"].size());
    QVERIFY2(of_gold.first().contains("INT8"), qPrintable(of_gold.first()));
  }

  void a_row_that_a_windows_sums_cannot_take_is_rejected_alone_data() {
    QTest::addColumn<int>("window_rows");
    QTest::addRow("while the window is open") << 10;
    QTest::addRow("when it closes") << 100'000;
  }
  void a_row_that_a_windows_sums_cannot_take_is_rejected_alone() {
    QFETCH(int, window_rows);
    window_rows_ = window_rows;
    gold().sql = "SELECT window_start, sum((100 + store + 25 * qty)::TINYINT) AS x, count(*) AS n FROM silver GROUP BY ALL";      // not for qty > 1, nor one of store 3
    send(300);
    QVERIFY(start().ok());
    run_to_end();
    const auto all = tables();
    std::int64_t counted = 0;
    for (const QString& row : all["gold/units"]) counted += row.section('|', 2, 2).toLongLong();
    QVERIFY(counted > 10);
    QVERIFY(all["dead_letters/sales"].filter("|gold|").size() > 100);
    QCOMPARE(all["dead_letters/sales"].filter("|gold|").size() + counted, all["silver/sales"].size());
  }

  // Rows that are up to two minutes late: what the table had of their windows goes, in the commit that brings the new.
  void late_rows_change_what_a_window_gave() {
    gold().window->late = LatePolicy::update;
    gold().window->update_late = std::chrono::minutes(10);
    gold().window->updates = std::chrono::milliseconds(1);
    send(300);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().rows_in == sent_ && all_delivered(), 60000);
    const QStringList before = tables()["gold/units"];
    QVERIFY(before.size() > 10);
    const auto topic = peers_->topic("pos");
    for (int i = 0; i < 3; ++i)
      topic->append(i, "{\"id\":\"late" + std::to_string(i) + "\",\"store\":1,\"qty\":1000,\"ts\":\"2025-11-20T12:08:10Z\"}", noon);
    run_to_end();
    const QStringList after = tables()["gold/units"];
    QStringList starts;
    std::int64_t counted = 0;
    for (const QString& row : after) {
      starts << row.section('|', 0, 1);
      counted += row.section('|', 3, 3).toLongLong();
    }
    QCOMPARE(starts.removeDuplicates(), 0);      // one row of each store and window
    QCOMPARE(counted, tables()["silver/sales"].size());
    QCOMPARE(after.filter(QRegularExpression("\\|30[0-9][0-9]\\|")).size(), 1);
  }

  void both_latencies_are_measured_for_each_landed_row() {
    send(200);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().rows_in == sent_ && all_delivered(), 60000);
    const qsizetype landed = tables()["bronze/sales"].size() + tables()["silver/sales"].size();
    QTRY_COMPARE_WITH_TIMEOUT(qsizetype(report().queryable.count()), landed, 30000);
    // Rejected rows have their tables too.
    const qsizetype rejected = tables()["quarantine/sales"].size() + tables()["dead_letters/sales"].size();
    QTRY_COMPARE_WITH_TIMEOUT(qsizetype(report().visible.count()), landed + rejected, 30000);
  }
};

QTEST_GUILESS_MAIN(LandingTest)
#include "landing_test.moc"
