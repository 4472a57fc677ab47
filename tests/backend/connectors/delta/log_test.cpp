#include "connectors/delta/log.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "connectors/delta/log_folder.h"
#include "connectors/delta/schema_string.h"

using namespace penstock;
using delta::Action;
using delta::AddFile;
using delta::DeltaLog;

namespace {

namespace fs = std::filesystem;

delta::Metadata metadata() {
  return {.id = "7d6f", .schema_string = delta::to_schema_string(Schema({{"id", {TypeKind::int64}}})), .created_ms = 5};
}

DeltaLog::Plan always(std::vector<Action> actions) {
  return [actions](const delta::Snapshot&) { return std::optional(actions); };
}

AddFile file(const std::string& path) { return {.path = path, .bytes = 10, .modified_ms = 1, .statistics = R"({"numRecords":3})"}; }

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::size_t entries(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

class LogTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::string table(const char* name) const { return folder_.filePath(name).toStdString(); }

 private slots:
  void tableNamesStayBelowTheRoot() {
    QCOMPARE(delta::table_folder("/lake", "silver.sales_2").value(), std::string("/lake/silver/sales_2"));
    for (const char* name : {"", "sales", ".sales", "silver.", "../x.y", "silver.a/b", "silver.a.b", "silver.ä", "silver.a b"})
      QVERIFY2(!delta::table_folder("/lake", name).ok(), name);
  }

  void anActionReadsBackAsItWasWritten() {
    const std::vector<Action> actions = {
        delta::CommitInfo{.timestamp_ms = 4, .operation = "WRITE", .parameters = {{"mode", "Append"}}, .blind_append = true, .tags = {{"stream", "sales"}}},
        delta::Protocol{3, 7, {"a"}, {"a", "b"}},
        metadata(),
        delta::Transaction{"state/silver.delta/0", 41, 9},
        file("part-ä %41.parquet"),
        delta::RemoveFile{.path = "old file.parquet", .deleted_ms = 8, .data_change = false, .bytes = 12},
    };
    const auto parsed = delta::parse_actions(delta::to_json_lines(actions));
    QVERIFY(parsed.ok());
    QVERIFY(*parsed == actions);
  }

  void pathsAreEncodedAsUris() {
    QCOMPARE(delta::to_json_line(file("a b%.parquet")),
             std::string(R"({"add":{"path":"a%20b%25.parquet","partitionValues":{},"size":10,"modificationTime":1,)"
                         R"("dataChange":true,"stats":"{\"numRecords\":3}"}})"));
  }

  void unknownActionsAreSkippedAndDamagedOnesNamed() {
    const auto known = delta::parse_actions("{\"domainMetadata\":{}}\n\n{\"add\":null,\"txn\":{\"appId\":\"a\",\"version\":2}}\n");
    QVERIFY(known.ok());
    QCOMPARE(known->size(), std::size_t(1));
    QVERIFY(known->front() == Action(delta::Transaction{"a", 2, 0}));

    const auto damaged = delta::parse_actions("{}\n{\"add\":{\"path\":\"x\",\"size\":\"many\"}}\n");
    QVERIFY(!damaged.ok());
    QVERIFY(damaged.error().kind == ErrorKind::data_loss);
    QCOMPARE(damaged.error().message, std::string("line 2: the action 'add' is damaged: size is not a whole number"));
    const auto huge = delta::parse_actions("{\"protocol\":{\"minReaderVersion\":4294967297,\"minWriterVersion\":2}}");
    QCOMPARE(huge.error().message, std::string("line 1: the action 'protocol' is damaged: minReaderVersion is too large"));
    QVERIFY(!delta::parse_actions("{\"add\":").ok());
    QVERIFY(!delta::parse_actions("{\"metaData\":[]}").ok());
  }

  // Written by anybody, and written again with the next checkpoint.
  void whatIsNestedTooDeeplyIsRefused() {
    const auto action = [](int levels) {
      return delta::parse_action("{\"commitInfo\":{\"operationParameters\":{\"a\":" + std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']') + "}}}");
    };
    QVERIFY(action(60).ok());
    QCOMPARE(action(1'000'000).error().message, std::string("the action 'commitInfo' is damaged: operationParameters is nested deeper than 64 levels"));
  }

  void commitsAreReplayedInOrder() {
    DeltaLog log(table("replayed"), nullptr, "t");
    QVERIFY(log.refresh().ok());
    QVERIFY(!log.snapshot().exists());
    QCOMPARE(log.commit(always({delta::Protocol{}, metadata(), delta::Transaction{"m", 1}, file("a.parquet"), file("b.parquet")})).value().value(), 0);
    QCOMPARE(log.commit(always({delta::RemoveFile{.path = "a.parquet", .deleted_ms = 3}, delta::Transaction{"m", 2}})).value().value(), 1);

    DeltaLog other(table("replayed"), nullptr);
    QVERIFY(other.refresh().ok());
    for (const delta::Snapshot* snapshot : {&log.snapshot(), &other.snapshot()}) {
      QCOMPARE(snapshot->version, 1);
      QCOMPARE(snapshot->files.size(), std::size_t(1));
      QVERIFY(snapshot->files.at("b.parquet") == file("b.parquet"));
      QCOMPARE(snapshot->removed.at("a.parquet").deleted_ms, 3);
      QCOMPARE(snapshot->transaction_version("m").value(), 2);
      QVERIFY(!snapshot->transaction_version("n"));
    }
    QCOMPARE(other.read(0).value().files.size(), std::size_t(2));
    QVERIFY(other.read(2).error().kind == ErrorKind::not_found);
    QCOMPARE(entries(log.log_folder()), std::size_t(2));   // no temporary file is left
  }

  void aPlanIsAskedAgainWhenAnotherWriterWasFirst() {
    DeltaLog first(table("race"), nullptr, "a");
    QVERIFY(first.commit(always({delta::Protocol{}, metadata()})).ok());
    DeltaLog second(table("race"), nullptr, "b");
    QVERIFY(second.refresh().ok());

    std::vector<std::int64_t> seen;
    const auto committed = second.commit([&](const delta::Snapshot& snapshot) -> Result<std::optional<std::vector<Action>>> {
      seen.push_back(snapshot.version);
      if (seen.size() == 1) { PENSTOCK_TRY(first.commit(always({file("from-a.parquet")}))); }
      return std::optional(std::vector<Action>{file("from-b.parquet")});
    });
    QCOMPARE(committed.value().value(), 2);
    QVERIFY((seen == std::vector<std::int64_t>{0, 1}));
    QVERIFY(second.snapshot().files.contains("from-a.parquet"));
    QVERIFY(second.snapshot().files.contains("from-b.parquet"));
  }

  void aPlanWithNothingToDoWritesNothing() {
    DeltaLog log(table("idle"), nullptr, "t");
    const auto committed = log.commit([](const delta::Snapshot&) { return std::optional<std::vector<Action>>(); });
    QVERIFY(committed.ok() && !*committed);
    QCOMPARE(entries(log.log_folder()), std::size_t(0));
  }

  void manyWritersLoseNoCommit() {
    constexpr int kWriters = 4, kCommits = 25;
    QVERIFY(DeltaLog(table("many"), nullptr, "setup").commit(always({delta::Protocol{}, metadata()})).ok());
    std::atomic<int> failures = 0;
    {
      std::vector<std::jthread> writers;
      for (int writer = 0; writer < kWriters; ++writer)
        writers.emplace_back([&, writer] {
          DeltaLog log(table("many"), nullptr, std::to_string(writer));
          for (int i = 0; i < kCommits; ++i)
            if (!log.commit(always({file(std::to_string(writer) + "-" + std::to_string(i))})).ok()) ++failures;
        });
    }
    QCOMPARE(failures.load(), 0);
    const auto snapshot = DeltaLog(table("many"), nullptr).read();
    QCOMPARE(snapshot->version, kWriters * kCommits);
    QCOMPARE(snapshot->files.size(), std::size_t(kWriters * kCommits));
  }

  void aGapOrADamagedVersionIsDataLoss() {
    DeltaLog log(table("gap"), nullptr, "t");
    QVERIFY(log.commit(always({delta::Protocol{}, metadata()})).ok());
    QVERIFY(log.commit(always({file("a")})).ok());
    QVERIFY(log.commit(always({file("b")})).ok());
    fs::remove(log.log_folder() + "/" + delta::commit_name(1));
    const auto gap = DeltaLog(table("gap"), nullptr).read();
    QVERIFY(gap.error().kind == ErrorKind::data_loss);
    QCOMPARE(gap.error().message, std::string("version 1 of the table is missing from its log"));

    write(log.log_folder() + "/" + delta::commit_name(1), "{\"add\":{\"path\":\"a\"");
    const auto damaged = DeltaLog(table("gap"), nullptr).read();
    QVERIFY(damaged.error().kind == ErrorKind::data_loss);
    QVERIFY(QString::fromStdString(damaged.error().where).endsWith("00000000000000000001.json"));
  }

  void aKilledWritersTemporaryFilesAreRemovedByTagOnly() {
    DeltaLog log(table("tags"), nullptr, "mine");
    QVERIFY(log.commit(always({delta::Protocol{}, metadata()})).ok());
    write(log.log_folder() + "/.tmp-mine-1", "x");
    write(log.log_folder() + "/.tmp-other-1", "x");
    log.remove_temporary_files();
    QVERIFY(!fs::exists(log.log_folder() + "/.tmp-mine-1"));
    QVERIFY(fs::exists(log.log_folder() + "/.tmp-other-1"));
    QVERIFY(fs::exists(log.log_folder() + "/" + delta::commit_name(0)));
  }

  void logNamesAreSorted() {
    const auto listing = delta::sort_log_names({"00000000000000000011.json", "00000000000000000010.json", "_last_checkpoint",
                                                "00000000000000000010.checkpoint.parquet",
                                                "00000000000000000020.checkpoint.0000000001.0000000002.parquet",
                                                "00000000000000000030.checkpoint.0000000002.0000000002.parquet",
                                                "00000000000000000030.checkpoint.0000000001.0000000002.parquet",
                                                "00000000000000000040.checkpoint.3a0d65cd-4056-49b8-937b-95f9e3ee90e5.parquet",
                                                "00000000000000000010.crc", "1.json", ".tmp-a-b"});
    QVERIFY((listing.commits == std::vector<std::int64_t>{10, 11}));
    QCOMPARE(listing.checkpoints.size(), std::size_t(3));   // 20 lacks its second part
    QCOMPARE(listing.checkpoint_up_to(29)->version, 10);
    QCOMPARE(listing.checkpoint_up_to(30)->names.size(), std::size_t(2));
    QVERIFY(listing.checkpoint_up_to(40)->unsupported);
    QVERIFY(!listing.checkpoint_up_to(9));
  }
};

QTEST_APPLESS_MAIN(LogTest)
#include "log_test.moc"
