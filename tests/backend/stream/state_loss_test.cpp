#include "stream/state_store.h"
#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

// A stream whose state is damaged, lost, put back or changed: afterwards its tables hold what those of an undisturbed run
// hold.
class StateLossTest : public QObject, LandedStream {
  Q_OBJECT

  // 300 records in the tables, 120 more only in the state, which is then closed.
  void take_some() {
    send(300);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
    stream().flush = std::chrono::hours(1);
    QVERIFY(start().ok());
    send(120);
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    pod_.reset();
    stream().flush = std::chrono::milliseconds(1);
  }
  void take_the_rest() {
    send(180);
    run_to_end();
  }

  void spoil(const QString& what) {
    const fs::path store = state() / "streams" / "sales" / "0" / "state";
    QVERIFY(fs::exists(store));
    if (what == "all of it is gone") {
      fs::remove_all(state());
      return;
    }
    if (what.startsWith("a data file")) {      // a copy puts what stood in the log into files
      const auto opened = StateStore::open(store.string(), {});
      QVERIFY(opened.ok());
      QVERIFY((*opened)->copy_to((state() / "copy").string()).ok());
    }
    int spoilt = 0;
    for (const auto& entry : fs::directory_iterator(store)) {
      const std::string name = entry.path().filename().string();
      if (what == "CURRENT is gone" && name == "CURRENT") spoilt += static_cast<int>(fs::remove(entry.path()));
      const bool manifest = what == "the manifest is damaged" && name.starts_with("MANIFEST");
      const bool data = what == "a data file is damaged" && name.ends_with(".sst");
      const bool gone = what == "a data file is gone" && name.ends_with(".sst");
      if (gone) spoilt += static_cast<int>(fs::remove(entry.path()));
      if (!manifest && !data) continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(8);
      file << std::string(64, 'X');
      ++spoilt;
    }
    QVERIFY(spoilt > 0);
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    make("run");
  }
  void cleanup() { pod_.reset(); }

  void a_state_that_was_spoilt_is_rebuilt_and_no_row_is_lost_or_doubled_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<bool>("is_damage");
    QTest::addColumn<bool>("joins");
    QTest::newRow("manifest") << "the manifest is damaged" << true << false;
    QTest::newRow("data file") << "a data file is damaged" << true << false;
    QTest::newRow("data file gone") << "a data file is gone" << true << false;
    QTest::newRow("all gone") << "all of it is gone" << false << false;
    QTest::newRow("all gone, of a join") << "all of it is gone" << false << true;
  }
  void a_state_that_was_spoilt_is_rebuilt_and_no_row_is_lost_or_doubled() {
    QFETCH(QString, what);
    QFETCH(bool, is_damage);
    QFETCH(bool, joins);
    if (joins) join_gold();
    take_some();
    const auto before = tables();
    spoil(what);
    const Status refused = start();
    if (is_damage) {
      QVERIFY(!refused.ok());
      QVERIFY2(refused.error().kind == ErrorKind::data_loss, refused.error().to_string().c_str());
    } else {
      QVERIFY(refused.ok());
      QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::failing, 60000);
      QCOMPARE(report().state, StateHealth::lost);
      QVERIFY2(report().reason.find("of another state") != std::string::npos, report().reason.c_str());
    }
    QVERIFY(tables() == before);
    const Status rebuilt = start(StateChoice::rebuild);
    QVERIFY2(rebuilt.ok(), rebuilt.ok() ? "" : rebuilt.error().to_string().c_str());
    QTRY_VERIFY_WITH_TIMEOUT(report().status != PipelineStatus::starting, 60000);
    QVERIFY2(report().status == PipelineStatus::running || report().status == PipelineStatus::catching_up, report().reason.c_str());
    QCOMPARE(report().state, StateHealth::sound);
    take_the_rest();
    const auto found = tables();
    const auto expected = undisturbed(600);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
    QVERIFY(expected["gold/units"].size() > 20);
    QVERIFY(expected["dead_letters/sales"].size() > 10);
  }

  void an_old_copy_that_was_put_back_takes_over_and_goes_on_exactly_data() {
    QTest::addColumn<bool>("joins");
    QTest::newRow("windows") << false;
    QTest::newRow("a join") << true;
  }
  void an_old_copy_that_was_put_back_takes_over_and_goes_on_exactly() {
    QFETCH(bool, joins);
    if (joins) join_gold();
    send(200);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, 200, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
    pod_.reset();
    const fs::path copy = folder_->filePath("copy").toStdString();
    fs::copy(state(), copy, fs::copy_options::recursive);
    take_some();      // 500 by now in the tables, 120 more only in the state
    fs::remove_all(state());
    fs::rename(copy, state());

    for (int attempt = 0; attempt < 2; ++attempt) {      // it stays refused
      QVERIFY(start().ok());
      QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::failing, 60000);
      QCOMPARE(report().state, StateHealth::lost);
      QVERIFY2(report().reason.find("an older state was put back") != std::string::npos, report().reason.c_str());
      pod_.reset();
    }
    QVERIFY(start(StateChoice::take_over).ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in >= 600 || report().status == PipelineStatus::failing, true, 60000);
    QVERIFY2(report().status != PipelineStatus::failing, report().reason.c_str());
    // A restart in the middle of what is left out.
    pod_.reset();
    QVERIFY(start().ok());
    take_the_rest();
    const auto found = tables();
    const auto expected = undisturbed(800);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
  }

  void a_changed_window_is_computed_again_from_the_landed_table() {
    take_some();
    gold().sql = "SELECT store, window_start, max(qty) AS units, count(*) AS n FROM silver GROUP BY ALL";
    const qsizetype before = tables()["gold/units"].size();
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().status != PipelineStatus::starting, 60000);
    QVERIFY2(report().status != PipelineStatus::failing, report().reason.c_str());
    take_the_rest();
    const QStringList found = tables()["gold/units"];
    // Windows that were closed before stay as the old logic had them; those that were open hold all of their rows.
    const auto with_new = undisturbed(600)["gold/units"];
    gold().sql = "SELECT store, window_start, sum(qty) AS units, count(*) AS n FROM silver GROUP BY ALL";
    fs::remove_all(folder_->filePath("tables").toStdString());
    fs::remove_all(state());
    fs::remove_all(folder_->filePath("disturbed").toStdString());
    const auto with_old = undisturbed(600)["gold/units"];
    QCOMPARE(found.size(), with_new.size());
    qsizetype as_new = 0, as_old = 0;
    for (const QString& row : found) {
      QVERIFY2(with_new.contains(row) || with_old.contains(row), qPrintable(row));
      as_new += with_new.contains(row);
      as_old += with_old.contains(row);
    }
    QVERIFY(as_old >= before);
    QVERIFY(as_new >= found.size() / 4);
  }

  // Rows that had no match by the old bound were told, those that still wait get what is near by the new one.
  void a_changed_join_is_computed_again_from_the_landed_tables() {
    join_gold();
    take_some();
    const qsizetype before = tables()["gold/units"].size();
    gold().join->within = std::chrono::seconds(15);
    QVERIFY(start().ok());
    QTRY_VERIFY_WITH_TIMEOUT(report().status != PipelineStatus::starting, 60000);
    QVERIFY2(report().status != PipelineStatus::failing, report().reason.c_str());
    take_the_rest();
    const QStringList found = tables()["gold/units"];
    QSet<QString> either;
    const QStringList with_new = undisturbed(600)["gold/units"];
    gold().join->within = std::chrono::seconds(12);
    fs::remove_all(folder_->filePath("tables").toStdString());
    fs::remove_all(state());
    fs::remove_all(folder_->filePath("disturbed").toStdString());
    const QStringList with_old = undisturbed(600)["gold/units"];
    qsizetype only_new = 0;
    for (const QString& row : found) {
      QVERIFY2(with_new.contains(row) || with_old.contains(row), qPrintable(row));
      QVERIFY2(!either.contains(row), qPrintable("twice: " + row));
      either.insert(row);
      only_new += !with_old.contains(row);
    }
    QVERIFY(found.size() > before);
    QVERIFY(only_new > 10);
    for (const QString& row : with_old)      // what both bounds give is there
      if (with_new.contains(row)) QVERIFY2(either.contains(row), qPrintable("missing: " + row));
  }

  void a_changed_dedupe_knows_the_keys_of_before() {
    take_some();
    stream().steps[1].dedupe->within = std::chrono::hours(48);
    QVERIFY(start().ok());
    take_the_rest();
    const auto found = tables();
    const auto expected = undisturbed(600);
    for (const QString& table : kTables) QCOMPARE(found[table], expected[table]);
  }
};

QTEST_GUILESS_MAIN(StateLossTest)
#include "state_loss_test.moc"
