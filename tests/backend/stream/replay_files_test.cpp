#include <QTest>

#include <filesystem>
#include <fstream>

#include "connectors/files/files_connector.h"
#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

// Replays of a stream that reads files and does not land them as they came.
class ReplayFilesTest : public QObject, LandedStream {
  Q_OBJECT

  static constexpr int kRecords = 60;      // in each file

  fs::path path_of(int file) const { return folder_->filePath(QString("inbox/sales-%1.jsonl").arg(file)).toStdString(); }

  // Its records are of the minutes before it was written.
  void deliver_file(int file) {
    const fs::path path = path_of(file);
    {
      std::ofstream out(path);
      for (int i = 0; i < kRecords; ++i) out << record(sent_++) << std::endl;
    }
    fs::last_write_time(path, fs::file_time_type::clock::now() - (std::chrono::system_clock::now() - from_micros(written_at(file))));
  }
  static std::int64_t written_at(int file) { return noon + (file + 1) * kRecords * 2 * second; }

  void take_files(int files) {
    for (int file = 0; file < files; ++file) deliver_file(file);
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
  }
  void change_silver() {
    stream().steps[1].sql = "SELECT id, store, qty * 2 AS qty, ts FROM bronze WHERE store <> 3";
    QVERIFY(start().ok());
    QTRY_COMPARE_WITH_TIMEOUT(report().status, PipelineStatus::running, 60000);
  }
  ReplayLaunch launch(const std::string& id, std::int64_t from, std::int64_t to) const {
    ReplayLaunch replay;
    replay.id = id;
    replay.stream = "sales";
    replay.from_time = replay.warm_up_from = from;
    replay.to_time = to;
    return replay;
  }
  ReplayReport ended(const ReplayLaunch& launch) {
    const auto now = [&] {
      for (const ReplayReport& one : pod_->report().replays)
        if (one.id == launch.id) return one;
      return ReplayReport();
    };
    if (const Status started = pod_->start_replay(launch); !started.ok()) return {.status = "not started", .outcome = started.error().to_string()};
    if (!QTest::qWaitFor([&] { return QStringList({"done", "failed"}).contains(QString::fromStdString(now().status)); }, 60000)) return {.status = "still runs"};
    return now();
  }
  void succeeds(const ReplayLaunch& launch) {
    const ReplayReport report = ended(launch);
    QVERIFY2(report.status == "done", report.outcome.c_str());
    QVERIFY2(report.outcome.find("0 lost") != std::string::npos, report.outcome.c_str());
    QVERIFY2(report.outcome.find("0 doubled") != std::string::npos, report.outcome.c_str());
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    more_connectors_ = [](ConnectorCatalog& catalog) { catalog.add(files_connector()); };
    make("run");
    fs::create_directories(path_of(0).parent_path());
    stream().steps[0].land.clear();
    stream().sinks.erase(stream().sinks.begin());
    stream().sources[0].kind = "files";
    stream().sources[0].settings = text_settings({{"path", "inbox"}, {"every", "20ms"}, {"settle", "20ms"}});
  }
  void cleanup() { pod_.reset(); }

  void files_are_read_again_while_the_live_stream_reads_on() {
    take_files(3);
    change_silver();
    succeeds(launch("all", noon - 3600 * second, noon + 24 * 3600 * second));
    deliver_file(3);
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
    const QStringList found = tables()["silver/sales"];
    // One run over the four files, with the changed step from the first record on.
    stream().sources[0].settings = text_settings({{"path", "inbox"}, {"watch", "false"}, {"settle", "20ms"}});
    QCOMPARE(found, undisturbed(0)["silver/sales"]);
    QVERIFY(found.size() > 100);
  }

  void positions_of_one_file_are_replaced_alone() {
    take_files(3);
    const QStringList before = tables()["silver/sales"];
    change_silver();
    ReplayLaunch second_file = launch("second", 0, 0);
    second_file.from_positions = {{"inbox", {{0, std::int64_t{1} << 40}}}};
    second_file.to_positions = {{"inbox", {{0, std::int64_t{2} << 40}}}};
    second_file.steps = {"silver"};
    succeeds(second_file);
    int changed = 0;
    const QStringList after = tables()["silver/sales"];
    for (const QString& row : after) {
      if (before.contains(row)) continue;
      ++changed;
      QVERIFY2(row.split(QChar(124))[6].toLongLong() >> 40 == 1, qPrintable(row));
    }
    QVERIFY(changed > 10);
  }

  void a_file_that_is_gone_is_no_range_to_replay() {
    take_files(3);
    const QStringList before = tables()["silver/sales"];
    change_silver();
    fs::remove(path_of(0));
    const ReplayReport refused = ended(launch("all", noon - 3600 * second, noon + 24 * 3600 * second));
    QCOMPARE(refused.status, std::string("failed"));
    QVERIFY2(refused.outcome.find("begins at position 1099511627776") != std::string::npos, refused.outcome.c_str());
    QCOMPARE(tables()["silver/sales"], before);
    // What lies behind it can be.
    ReplayLaunch last = launch("last", written_at(2) - second, noon + 24 * 3600 * second);
    last.steps = {"silver"};
    succeeds(last);
    QVERIFY(tables()["silver/sales"] != before);
  }
};

QTEST_GUILESS_MAIN(ReplayFilesTest)
#include "replay_files_test.moc"
