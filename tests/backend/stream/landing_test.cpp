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
  }
  void cleanup() { pod_.reset(); }

  void many_rows_are_a_file_with_their_epoch_and_few_wait_as_rows() {
    send(100);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().rows_in == sent_ && all_delivered(), 60000);
    QVERIFY(files("silver/sales").filter("staged-").isEmpty());
    QVERIFY(!files("silver/sales").isEmpty());
    QVERIFY(pod_->stop("sales", {.pause = true}).ok());
    send(120'000);
    stream().flush = std::chrono::hours(1);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    // Finished beside the table before any commit knows them.
    QVERIFY(!files("bronze/sales").filter("staged-").isEmpty());
    pod_.reset();
    stream().flush = std::chrono::milliseconds(1);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().sinks.size() == 5 && all_delivered(), 60000);
    QCOMPARE(tables()["bronze/sales"].size() + tables()["dead_letters/sales"].size(), sent_);
  }

  void how_late_the_rows_of_a_finished_file_became_visible_is_measured_too() {
    send(120'000);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().rows_in == sent_ && report().sinks.size() == 5 && all_delivered(), 60000);
    QVERIFY(!files("bronze/sales").filter("staged-").isEmpty());
    qsizetype rows = 0;
    for (const QString& table : kTables) rows += tables()[table].size();
    rows -= tables()["gold/units"].size();      // out of windows: they have no source time
    QTRY_COMPARE_WITH_TIMEOUT(qsizetype(report().visible.count()), rows, 30000);
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
