#include <QRandomGenerator>
#include <QTest>

#include "e2e/stream_lives.h"
#include "support/table_texts.h"

namespace penstock::e2e {

namespace {

const QString kOutputs =
    "    land: silver.sales\n"
    "  gold:\n"
    "    window: { tumbling: 1s, time: sold_at, lateness: 1s }\n"
    "    sql: SELECT sku, window_start, sum(qty) AS units FROM silver GROUP BY ALL\n"
    "    land: gold.units\n"
    "  totals:\n"
    "    from: silver\n"
    "    aggregate: { key: [sku] }\n"
    "    sql: SELECT sku, sum(qty) AS units, count(*) AS sales FROM silver GROUP BY sku\n"
    "    land: gold.totals\n"
    "sinks:\n"
    "  - { from: silver, delta: { table: gold.newest, mode: upsert, key: [_partition, sku] } }\n";

QMap<QString, QStringList> tables_in(const QString& folder) { return test::table_texts(folder, {"bronze/sales", "silver/sales", "gold/units", "gold/newest", "gold/totals"}); }

}  // namespace

// Kills a stream at named points and at random moments, and compares every row of every table with those of a run that
// nobody disturbed.
class CrashMatrixTest : public QObject {
  Q_OBJECT

  QMap<QString, QStringList> expected_;

  void compare(const StreamLives& lives) {
    const auto found = tables_in(lives.tables());
    for (const QString& table : expected_.keys()) QCOMPARE(found[table], expected_[table]);
  }

 private slots:
  void initTestCase() {
    StreamLives undisturbed(kOutputs);
    QVERIFY(undisturbed.live());
    expected_ = tables_in(undisturbed.tables());
    QCOMPARE(expected_["bronze/sales"].size(), StreamLives::kRows);
    QVERIFY(expected_["silver/sales"].size() > StreamLives::kRows - 1000);
    QVERIFY(expected_["gold/units"].size() > 100);
    QVERIFY(expected_["gold/totals"].size() > 100);
    QVERIFY(expected_["gold/newest"].size() > 100 && expected_["gold/newest"].size() < expected_["silver/sales"].size() / 2);
  }

  void every_crash_point_leaves_the_same_rows_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"epoch.before_commit", "epoch.after_commit", "delivery.before", "delivery.after", "delivery.trimmed", "delta.before_file",
                              "delta.after_file", "delta.after_merge", "delta.before_log", "delta.after_log"})
      for (const int pass : {1, 8}) QTest::addRow("%s, pass %d", point, pass) << QString("%1:%2").arg(point).arg(pass);
    QTest::addRow("delta.after_checkpoint") << "delta.after_checkpoint:1";
  }
  void every_crash_point_leaves_the_same_rows() {
    QFETCH(QString, point);
    StreamLives lives(kOutputs);
    QVERIFY2(!lives.live(point), "the point was not reached");
    QVERIFY(lives.live());
    compare(lives);
  }

  void a_replay_that_is_killed_leaves_the_same_rows_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"replay.epoch", "replay.before_computed", "replay.before_delivery", "delta.after_merge", "delta.before_log", "delta.after_log", "delivery.after"})
      QTest::addRow("%s", point) << QString("%1:1").arg(point);
  }
  void a_replay_that_is_killed_leaves_the_same_rows() {
    QFETCH(QString, point);
    StreamLives lives(kOutputs);
    QVERIFY(lives.live());
    QVERIFY2(!lives.live(point, StreamLives::To::replay), "the point was not reached");
    QVERIFY(lives.live({}, StreamLives::To::replay));
    compare(lives);
    // Another replay is not kept from the tables by the first.
    QVERIFY(lives.live({}, StreamLives::To::replay));
    compare(lives);
  }

  void random_kills_leave_the_same_rows_data() { add_crash_seeds(); }
  void random_kills_leave_the_same_rows() {
    QFETCH(quint32, seed);
    QRandomGenerator random(seed);
    StreamLives lives(kOutputs);
    for (int life = 0; life < 4; ++life)
      if (lives.live({}, StreamLives::To::stream, random.bounded(30, 1500))) break;
    QVERIFY(lives.live());
    compare(lives);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::CrashMatrixTest)
#include "crash_matrix_test.moc"
