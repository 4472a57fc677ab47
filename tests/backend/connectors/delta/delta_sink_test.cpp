#include "connectors/delta/data_files.h"
#include "connectors/delta/delta_sink.h"
#include "connectors/delta/partitions.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>

#include "backend/connectors/delta/table_rows.h"
#include "connectors/delta/log_folder.h"
#include "connectors/delta/schema_string.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::parquet;
using penstock::test::table_rows;

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const SchemaPtr kSales = make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
const Marker kMarker{.state_id = "s1", .sink = "silver.delta", .shard = 0, .stream = "sales"};

SinkEpoch epoch(std::int64_t number, const std::vector<std::vector<std::string>>& rows, const SchemaPtr& schema = kSales) {
  return {.epoch = number, .rows = {make_batch(schema, rows)}};
}

// As a program with newer features would write it.
const std::string kForeignCommit =
    R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors","rowTracking"]}})"
    "\n" +
    delta::to_json_line(delta::Metadata{.id = "x", .schema_string = delta::to_schema_string(*kSales)});

std::string text_of(const Status& status) { return status.ok() ? "ok" : status.error().to_string(); }

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

int data_files(const std::string& folder) {
  int count = 0;
  for (const std::string& name : files_in(folder)) count += name.ends_with(".parquet");
  return count;
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Rewrites in the background wait until they may, or are cancelled.
class SlowInBackground final : public test::PassingParquet {
 public:
  ~SlowInBackground() override { let_go(); }
  void let_go() { go_.request_stop(); }

  Result<ParquetFile> rewrite(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema, const std::string& path,
                              const ParquetOptions& how) override {
    if (!how.in_background) return PassingParquet::rewrite(paths, condition, schema, path, how);
    {
      std::mutex mutex;
      std::condition_variable_any changed;
      const std::stop_callback wake(go_.get_token(), [&] {
        std::lock_guard lock(mutex);
        changed.notify_all();
      });
      std::unique_lock lock(mutex);
      changed.wait(lock, how.cancellation, [this] { return go_.stop_requested(); });
    }
    auto own = make_parquet_files();
    return own.ok() ? (*own)->rewrite(paths, condition, schema, path, how) : Result<ParquetFile>(own.error());
  }

 private:
  CancellationSource go_;
};

}  // namespace

class DeltaSinkTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;
  ManualClock clock_{from_micros(1'790'000'000'000'000)};

  DeltaSinkOptions options(const std::string& name) const {
    DeltaSinkOptions options;
    options.folder = root_.filePath("silver").toStdString() + "/" + name;
    options.table = "silver." + name;
    return options;
  }
  DeltaSink sink(const DeltaSinkOptions& options) { return DeltaSink(options, &parquet(), &clock_); }

  Status deliver(DeltaSink& sink, const std::vector<SinkEpoch>& epochs) {
    return sink.deliver(epochs, [](const auto&) { return Status(); }, {});
  }
  // Epochs 1 to `count` of a row each, as so many commits; the first that fails.
  Status deliver_one_by_one(DeltaSink& sink, int count) {
    Status delivered;
    for (int number = 1; number <= count && delivered.ok(); ++number) delivered = deliver(sink, {epoch(number, {{"k" + std::to_string(number), "1"}})});
    return delivered;
  }

 private slots:
  void epochsBecomeOneCommitWithTheirMarker() {
    DeltaSink to = sink(options("made"));
    QVERIFY(!to.open(kMarker, kSales).value());
    QCOMPARE(text_of(deliver(to, {epoch(1, {{"a", "1"}, {"b", "NULL"}}), epoch(2, {{"c", "3"}})})), std::string("ok"));
    const std::string folder = options("made").folder;
    QCOMPARE(table_rows(folder), (QStringList{"a|1", "b|NULL", "c|3"}));
    QCOMPARE(data_files(folder), 1);
    const auto snapshot = DeltaTable::open(folder, &parquet())->snapshot();
    QCOMPARE(snapshot->version, 0);
    QCOMPARE(snapshot->rows.value(), 3);
    QVERIFY((snapshot->last_epochs == std::map<std::string, std::int64_t>{{"s1/silver.delta/0", 2}}));

    DeltaSink again = sink(options("made"));
    QCOMPARE(again.open(kMarker, kSales).value().value(), 2);
    QCOMPARE(deliver(again, {epoch(2, {{"c", "3"}})}).error().message, std::string("epoch 2 was delivered before: the table is at 2"));
    QCOMPARE(text_of(deliver(again, {epoch(4, {{"d", "4"}})})), std::string("ok"));
    QCOMPARE(table_rows(folder), (QStringList{"a|1", "b|NULL", "c|3", "d|4"}));
    QCOMPARE(table_rows(folder, {}, 0), (QStringList{"a|1", "b|NULL", "c|3"}));
  }

  void anEpochWithoutRowsStillMovesTheMarker() {
    DeltaSink to = sink(options("empty"));
    QVERIFY(to.open(kMarker, kSales).ok());
    QCOMPARE(text_of(deliver(to, {{.epoch = 9}})), std::string("ok"));
    QCOMPARE(table_rows(options("empty").folder), QStringList());
    QCOMPARE(sink(options("empty")).open(kMarker, kSales).value().value(), 9);
  }

  void everyTypeReadsBackExactly() {
    const SchemaPtr schema = make_schema({{"b", {TypeKind::boolean}}, {"i", {TypeKind::int32}}, {"l", {TypeKind::int64}}, {"f", {TypeKind::float64}},
                                          {"d", {TypeKind::decimal, 18, 2}}, {"t", {TypeKind::varchar}}, {"j", {TypeKind::json}},
                                          {"y", {TypeKind::blob}}, {"day", {TypeKind::date}}, {"at", {TypeKind::timestamp}}});
    DeltaSink to = sink(options("types"));
    QVERIFY(to.open(kMarker, schema).ok());
    const std::vector<std::vector<std::string>> values = {
        {"true", "-2147483648", "9223372036854775807", "0.1", "-12345", "ü\t", "{\"a\":[1]}", "raw", "20000", "1700000000123456"},
        {"NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"}};
    QCOMPARE(text_of(deliver(to, {epoch(1, values, schema)})), std::string("ok"));
    QStringList expected = test::lines(make_batch(schema, values));
    expected.sort();
    QCOMPARE(table_rows(options("types").folder), expected);
  }

  void stagedFilesBecomeVisibleWithTheirEpoch() {
    DeltaSink to = sink(options("staged"));
    QVERIFY(to.open(kMarker, kSales).ok());
    const std::string folder = options("staged").folder;
    const auto file = parquet().write({make_batch(kSales, {{"x", "7"}})}, kSales, folder + "/staged-1.parquet");
    SinkEpoch staged{.epoch = 1, .files = {{.path = "staged-1.parquet", .bytes = file->bytes, .rows = 1, .statistics = file->statistics}}};
    QCOMPARE(text_of(deliver(to, {staged, epoch(2, {{"y", "8"}})})), std::string("ok"));
    QCOMPARE(table_rows(folder), (QStringList{"x|7", "y|8"}));

    staged.epoch = 3;
    staged.files[0].path = "staged-2.parquet";
    const Status gone = deliver(to, {staged});
    QVERIFY(gone.error().kind == ErrorKind::data_loss);
    QCOMPARE(table_rows(folder), (QStringList{"x|7", "y|8"}));
  }

  void newColumnsAreAddedAndOtherChangesRefused() {
    DeltaSink to = sink(options("evolved"));
    QVERIFY(to.open(kMarker, kSales).ok());
    QVERIFY(deliver(to, {epoch(1, {{"a", "1"}})}).ok());
    const SchemaPtr wider = make_schema({{"sku", {TypeKind::varchar}}, {"store", {TypeKind::int64}}, {"qty", {TypeKind::int32}}});
    QVERIFY(to.open(kMarker, wider).ok());
    // Rows of before and after the change, delivered together.
    QCOMPARE(text_of(deliver(to, {epoch(2, {{"b", "2"}}), epoch(3, {{"c", "30", "3"}}, wider)})), std::string("ok"));
    QCOMPARE(table_rows(options("evolved").folder), (QStringList{"a|1|NULL", "b|2|NULL", "c|3|30"}));

    const auto other = to.open(kMarker, make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int64}}}));
    QVERIFY(other.error().kind == ErrorKind::failed_precondition);
    QCOMPARE(other.error().message, std::string("silver.evolved: the column 'qty' is long in the rows and integer in the table"));
  }

  void aRangeIsReplacedInOneCommit() {
    const SchemaPtr schema = make_schema({{"units", {TypeKind::int32}}, {"window_start", {TypeKind::timestamp}}, {"_source", {TypeKind::varchar}},
                                          {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
    DeltaSink to = sink(options("windows"));
    QVERIFY(to.open(kMarker, schema).ok());
    const std::string folder = options("windows").folder;
    QVERIFY(deliver(to, {epoch(1, {{"1", "0", "t", "0", "0"}, {"2", "60000000", "t", "0", "1"}}, schema)}).ok());
    QVERIFY(deliver(to, {epoch(2, {{"3", "119999999", "t", "1", "1"}}, schema)}).ok());
    QVERIFY(deliver(to, {epoch(3, {{"4", "120000000", "u", "1", "1"}}, schema)}).ok());
    SinkEpoch again = epoch(4, {{"20", "60000000", "t", "0", "1"}}, schema);
    again.replaces = {{.column = "window_start", .from = 60'000'000, .until = 120'000'000}};
    QCOMPARE(text_of(deliver(to, {again})), std::string("ok"));
    QCOMPARE(table_rows(folder, {"units"}), (QStringList{"1", "20", "4"}));
    QCOMPARE(table_rows(folder, {"units"}, 2), (QStringList{"1", "2", "3", "4"}));
    const auto snapshot = DeltaTable::open(folder, &parquet())->snapshot();
    QCOMPARE(snapshot->version, 3);
    QCOMPARE(snapshot->files.size(), std::size_t(3));   // one was written anew, one is gone, one is untouched, one is new

    SinkEpoch by_origin = epoch(6, {{"40", "0", "t", "1", "1"}}, schema);
    by_origin.replaces = {{.column = "_offset", .source = "t", .partition = 1, .from = 0, .until = 100},
                          {.column = "_offset", .source = "t", .partition = 0, .from = 0, .until = 1}};
    // The replacement also takes away what an earlier epoch of the same delivery brought.
    QCOMPARE(text_of(deliver(to, {epoch(5, {{"30", "0", "t", "1", "1"}}, schema), by_origin})), std::string("ok"));
    QCOMPARE(table_rows(folder, {"units"}), (QStringList{"20", "4", "40"}));
    QCOMPARE(sink(options("windows")).open(kMarker, schema).value().value(), 6);
  }

  // Another writer adds rows of the range while it is being replaced: they go as well, and nothing is left over.
  void rowsThatComeMeanwhileAreReplacedToo() {
    class Meddling final : public test::PassingParquet {
     public:
      std::function<void()> meddle;
      Result<ParquetFile> rewrite(const std::vector<std::string>& paths, const std::string& condition, const SchemaPtr& schema,
                                  const std::string& path, const ParquetOptions& how) override {
        auto file = PassingParquet::rewrite(paths, condition, schema, path, how);
        if (const auto once = std::exchange(meddle, nullptr)) once();
        return file;
      }
      Result<ParquetFile> merge(const ParquetMerge& merge, const SchemaPtr& schema, const std::string& path, const ParquetOptions& how) override {
        auto file = PassingParquet::merge(merge, schema, path, how);
        if (const auto once = std::exchange(meddle, nullptr)) once();
        return file;
      }
    };
    const SchemaPtr schema = make_schema({{"units", {TypeKind::int32}}, {"window_start", {TypeKind::timestamp}}});
    Meddling files;
    DeltaSink one(options("meanwhile"), &files, &clock_), two = sink(options("meanwhile"));
    QVERIFY(one.open({"s", "gold.delta", 0, "sales"}, schema).ok() && two.open({"s", "gold.delta", 1, "sales"}, schema).ok());
    QVERIFY(deliver(one, {epoch(1, {{"1", "0"}, {"2", "60"}}, schema)}).ok());
    files.meddle = [&] {
      SinkEpoch same = epoch(1, {{"3", "0"}, {"4", "60"}}, schema);
      same.replaces = {{.column = "window_start", .from = 60, .until = 61}};
      QCOMPARE(text_of(deliver(two, {same})), std::string("ok"));
    };
    SinkEpoch replacing = epoch(2, {{"5", "60"}}, schema);
    replacing.replaces = {{.column = "window_start", .from = 60, .until = 61}};
    QCOMPARE(text_of(deliver(one, {replacing})), std::string("ok"));
    QCOMPARE(table_rows(options("meanwhile").folder, {"units"}), (QStringList{"1", "3", "5"}));
    delta::DeltaLog log(options("meanwhile").folder, &parquet());
    QVERIFY(log.refresh().ok());
    QCOMPARE(data_files(log.folder()), static_cast<int>(log.snapshot().files.size() + log.snapshot().removed.size()));
  }

  void aRangeOfATableThatDoesNotKeepItIsRefused() {
    DeltaSink to = sink(options("unkept"));
    QVERIFY(to.open(kMarker, kSales).ok());
    SinkEpoch replacing = epoch(1, {{"a", "1"}});
    replacing.replaces = {{.column = "_offset", .source = "t", .partition = 0, .from = 0, .until = 9}};
    QCOMPARE(text_of(deliver(to, {replacing})), std::string("ok"));   // there is no table yet: nothing to take away
    replacing.epoch = 2;
    const Status refused = deliver(to, {replacing});
    QCOMPARE(refused.error().message, std::string("the table has no column '_offset', so a range of its rows cannot be replaced"));
    QCOMPARE(table_rows(options("unkept").folder), QStringList{"a|1"});
    QCOMPARE(data_files(options("unkept").folder), 1);
  }

  void bronzeOnlyTakesNewRows() {
    DeltaSinkOptions bronze = options("bronze");
    bronze.append_only = true;
    DeltaSink to = sink(bronze);
    QVERIFY(!to.traits().replaces);
    QVERIFY(to.open(kMarker, kSales).ok());
    QVERIFY(deliver(to, {epoch(1, {{"a", "1"}})}).ok());
    QVERIFY(QString::fromStdString(read(bronze.folder + "/_delta_log/" + delta::commit_name(0))).contains(R"("configuration":{"delta.appendOnly":"true"})"));
    SinkEpoch replacing = epoch(2, {{"b", "2"}});
    replacing.replaces = {{.column = "window_start", .from = 0, .until = 1}};
    // The table says so, whoever opens it.
    DeltaSink later = sink(options("bronze"));
    QVERIFY(later.open(kMarker, kSales).ok());
    QVERIFY(deliver(later, {replacing}).error().kind == ErrorKind::failed_precondition);
    QCOMPARE(table_rows(bronze.folder), QStringList{"a|1"});
  }

  void anotherStateIsRefusedUntilItTakesOver() {
    const Marker old_state{.state_id = "old", .sink = "silver.delta", .shard = 1, .stream = "sales"};
    const Marker new_state{.state_id = "new", .sink = "silver.delta", .shard = 1, .stream = "sales"};
    const Marker other_shard{.state_id = "new", .sink = "silver.delta", .shard = 11, .stream = "sales"};
    DeltaSink first = sink(options("owned"));
    QVERIFY(first.open(old_state, kSales).ok());
    QVERIFY(deliver(first, {epoch(7, {{"a", "1"}})}).ok());
    QVERIFY(sink(options("owned")).open(other_shard, kSales).ok());
    const auto refused = sink(options("owned")).open(new_state, kSales);
    QVERIFY(refused.error().kind == ErrorKind::failed_precondition);
    QCOMPARE(refused.error().message, std::string("the table holds rows up to epoch 7 of another state of stream 'sales' (old)"));

    DeltaSinkOptions taking = options("owned");
    taking.take_over = true;
    DeltaSink second = sink(taking);
    QVERIFY(!second.open(new_state, kSales).value());
    QVERIFY(deliver(second, {epoch(1, {{"b", "2"}})}).ok());
    QCOMPARE(deliver(first, {epoch(8, {{"c", "3"}})}).error().message, std::string("another state of stream 'sales' has taken this table over"));
    QVERIFY(first.open(old_state, kSales).error().kind == ErrorKind::failed_precondition);
    QCOMPARE(table_rows(options("owned").folder), (QStringList{"a|1", "b|2"}));
    QVERIFY((DeltaTable::open(options("owned").folder, &parquet())->snapshot()->last_epochs == std::map<std::string, std::int64_t>{{"new/silver.delta/1", 1}}));
    QVERIFY(QString::fromStdString(read(options("owned").folder + "/_delta_log/" + delta::commit_name(1))).contains(R"("from old/silver.delta/1":"7")"));
  }

  void whatAnotherStateHasWrittenIsSaidWithItsProgress() {
    const Marker old_state{.state_id = "old", .sink = "silver.delta", .stream = "sales"};
    Marker new_state{.state_id = "new", .sink = "silver.delta", .stream = "sales"};
    DeltaSink first = sink(options("held"));
    QVERIFY(first.open(old_state, kSales).ok());
    QVERIFY(!first.holding());
    SinkEpoch seventh = epoch(7, {{"a", "1"}});
    seventh.progress = "so far";
    QVERIFY(deliver(first, {epoch(6, {{"z", "1"}}), seventh}).ok());
    for (int number = 8; number < 60; ++number) {      // small files become one on the way: such a commit says nothing
      SinkEpoch later = epoch(number, {{"b", "1"}});
      later.progress = "at " + std::to_string(number);
      QVERIFY(deliver(first, {later}).ok());
    }
    DeltaSink second = sink(options("held"));
    QVERIFY(!second.open(new_state, kSales).ok());
    QCOMPARE(second.holding()->state_id, std::string("old"));
    QCOMPARE(second.holding()->epoch, 59);
    QCOMPARE(second.holding()->progress, std::string("at 59"));
    new_state.take_over = true;
    QVERIFY(!second.open(new_state, kSales).value());
    QVERIFY(second.open(new_state, kSales).ok());
    QVERIFY(!second.holding());
    QVERIFY(deliver(second, {epoch(1, {{"c", "1"}})}).ok());
    QVERIFY(second.open(new_state, kSales).ok());
    QCOMPARE(second.holding()->state_id, std::string("new"));
  }

  void twoProcessesWithOneMarkerDoNotDouble() {
    DeltaSink one = sink(options("twice")), two = sink(options("twice"));
    QVERIFY(one.open(kMarker, kSales).ok() && two.open(kMarker, kSales).ok());
    QVERIFY(deliver(one, {epoch(1, {{"a", "1"}})}).ok());
    QVERIFY(deliver(two, {epoch(1, {{"a", "1"}})}).error().kind == ErrorKind::failed_precondition);
    QCOMPARE(table_rows(options("twice").folder), QStringList{"a|1"});
    QCOMPARE(data_files(options("twice").folder), 1);
  }

  void shardsWriteOneTableSideBySide() {
    DeltaSink one = sink(options("shards")), two = sink(options("shards"));
    QVERIFY(one.open({"s", "silver.delta", 0, "sales"}, kSales).ok() && two.open({"s", "silver.delta", 1, "sales"}, kSales).ok());
    for (int number = 1; number <= 3; ++number) {
      QVERIFY(deliver(one, {epoch(number, {{"one", std::to_string(number)}})}).ok());
      QVERIFY(deliver(two, {epoch(number, {{"two", std::to_string(number)}})}).ok());
    }
    QCOMPARE(table_rows(options("shards").folder), (QStringList{"one|1", "one|2", "one|3", "two|1", "two|2", "two|3"}));
  }

  void smallFilesBecomeOneWithTheSameRows() {
    DeltaSink to = sink(options("small"));
    QVERIFY(to.open(kMarker, kSales).ok());
    QStringList expected;
    for (int number = 1; number <= 32; ++number) {
      expected << QString("k%1|%1").arg(number);
      QCOMPARE(text_of(deliver(to, {epoch(number, {{"k" + std::to_string(number), std::to_string(number)}})})), std::string("ok"));
    }
    expected.sort();
    const std::string folder = options("small").folder;
    QCOMPARE(table_rows(folder), expected);
    const auto snapshot = DeltaTable::open(folder, &parquet())->snapshot();
    QCOMPARE(snapshot->files.size(), std::size_t(1));
    QCOMPARE(snapshot->version, 32);
    const std::string commit = read(folder + "/_delta_log/" + delta::commit_name(32));
    QVERIFY(QString::fromStdString(commit).contains("\"operation\":\"OPTIMIZE\""));
    QVERIFY(!QString::fromStdString(commit).contains("\"dataChange\":true"));
    QCOMPARE(data_files(folder), 33);                            // the old ones stay for their readers
    QCOMPARE(table_rows(folder, {}, 1), (QStringList{"k1|1", "k2|2"}));
  }

  void aCheckpointStandsForTheLogBeforeIt() {
    const std::string folder = options("checkpointed").folder;
    DeltaSink to = sink(options("checkpointed"));
    QVERIFY(to.open(kMarker, kSales).ok());
    for (int number = 1; number <= 12; ++number) QVERIFY(deliver(to, {epoch(number, {{"k", std::to_string(number)}})}).ok());
    const QStringList rows = table_rows(folder);
    QCOMPARE(rows.size(), 12);
    QCOMPARE(QString::fromStdString(read(folder + "/_delta_log/_last_checkpoint")), QString("{\"version\":10,\"size\":14,\"numOfAddFiles\":11}"));
    for (int version = 0; version <= 10; ++version) fs::remove(folder + "/_delta_log/" + delta::commit_name(version));
    QCOMPARE(table_rows(folder), rows);
    DeltaSink again = sink(options("checkpointed"));
    QCOMPARE(again.open(kMarker, kSales).value().value(), 12);
    QVERIFY(DeltaTable::open(folder, &parquet())->snapshot(3).error().kind == ErrorKind::not_found);
  }

  void oldFilesEndAfterTheRetentionAndNotBefore() {
    const std::string folder = options("expired").folder;
    clock_.advance(Clock::system().now() - clock_.now());
    DeltaSinkOptions short_lived = options("expired");
    short_lived.retention = 24h;
    DeltaSink to = sink(short_lived);
    QVERIFY(to.open(kMarker, kSales).ok());
    int number = 0;
    const auto deliver_some = [&](int count) {
      for (int i = 0; i < count; ++i) {
        ++number;
        QCOMPARE(text_of(deliver(to, {epoch(number, {{"k" + std::to_string(number), "1"}})})), std::string("ok"));
      }
    };
    deliver_some(32);                                       // and compacts
    clock_.advance(23h);
    deliver_some(10);
    QCOMPARE(data_files(folder), 32 + 1 + 10);
    QVERIFY(fs::exists(folder + "/_delta_log/" + delta::commit_name(0)));
    const QStringList before = table_rows(folder);
    clock_.advance(2h);
    deliver_some(10);
    QCOMPARE(data_files(folder), 1 + 20);                   // the 32 are gone
    QVERIFY(!fs::exists(folder + "/_delta_log/" + delta::commit_name(0)));
    QCOMPARE(table_rows(folder).size(), before.size() + 10);
    DeltaSink again = sink(short_lived);
    QCOMPARE(again.open(kMarker, kSales).value().value(), number);
  }

  // Deliveries go on while large files are put together, and what came meanwhile stays.
  void largeFilesArePutTogetherInTheBackground() {
    DeltaSinkOptions large = options("large");
    large.background_bytes = 0;
    SlowInBackground parquet;
    {
      DeltaSink to(large, &parquet, &clock_);
      QVERIFY(to.open(kMarker, kSales).ok());
      QCOMPARE(text_of(deliver_one_by_one(to, 40)), std::string("ok"));
      const auto files_now = [&] {
        delta::DeltaLog log(large.folder, &parquet);
        return log.refresh().ok() ? static_cast<int>(log.snapshot().files.size()) : 1'000;
      };
      QCOMPARE(files_now(), 40);
      parquet.let_go();
      QTRY_VERIFY_WITH_TIMEOUT(files_now() <= 40 - 32 + 1, 60000);      // what was there when it began became one
      QCOMPARE(text_of(deliver(to, {epoch(41, {{"k41", "1"}})})), std::string("ok"));
    }
    QStringList rows;
    for (int number = 1; number <= 41; ++number) rows << "k" + QString::number(number) + "|1";
    rows.sort();
    QCOMPARE(table_rows(large.folder), rows);
  }

  void aSinkThatEndsDoesNotWaitForWhatIsDoneInTheBackground() {
    DeltaSinkOptions large = options("given_up");
    large.background_bytes = 0;
    SlowInBackground parquet;
    {
      DeltaSink to(large, &parquet, &clock_);
      QVERIFY(to.open(kMarker, kSales).ok());
      QCOMPARE(text_of(deliver_one_by_one(to, 32)), std::string("ok"));
    }
    QCOMPARE(table_rows(large.folder).size(), 32);
    QCOMPARE(data_files(large.folder), 32);      // nothing of it is left
  }

  void whatAKilledLifeLeftIsRemovedAndNothingElse() {
    const std::string folder = options("orphans").folder;
    DeltaSink to = sink(options("orphans"));
    QVERIFY(to.open(kMarker, kSales).ok());
    QVERIFY(deliver(to, {epoch(1, {{"a", "1"}})}).ok());
    std::string known;
    for (const std::string& name : files_in(folder))
      if (name.ends_with(".parquet")) known = name;
    const std::string tag = known.substr(5, 16);
    for (const std::string& name : {"part-" + tag + "-2-x.parquet", ".aside-part-" + tag + "-3-x.parquet", "compact-" + tag + "-2-x.parquet",
                                    std::string("part-0000000000000000-2-x.parquet"), std::string("staged-7.parquet"), std::string("notes.txt")})
      write(folder + "/" + name, "x");
    QVERIFY(sink(options("orphans")).open(kMarker, kSales).ok());
    QVERIFY((files_in(folder) == std::vector<std::string>{"_delta_log", "notes.txt", "part-0000000000000000-2-x.parquet", known, "staged-7.parquet"}) ||
            (files_in(folder) == std::vector<std::string>{"_delta_log", "notes.txt", known, "part-0000000000000000-2-x.parquet", "staged-7.parquet"}));
  }

  void aForeignTableIsRefusedByTheNameOfItsFeatures() {
    write(options("foreign").folder + "/_delta_log/" + delta::commit_name(0), kForeignCommit);
    const auto opened = sink(options("foreign")).open(kMarker, kSales);
    QVERIFY(opened.error().kind == ErrorKind::unsupported);
    QCOMPARE(opened.error().message,
             std::string("the table cannot be written: it uses Delta features that Penstock does not support: deletionVectors, rowTracking"));
    QCOMPARE(DeltaTable::open(options("foreign").folder, &parquet()).error().message,
             std::string("the table cannot be read: it uses Delta features that Penstock does not support: deletionVectors"));
  }

  void aCancelledDeliveryWritesNothing() {
    DeltaSink to = sink(options("cancelled"));
    QVERIFY(to.open(kMarker, kSales).ok());
    CancellationSource cancel;
    cancel.request_stop();
    const Status cancelled = to.deliver({epoch(1, {{"a", "1"}})}, [](const auto&) { return Status(); }, cancel.get_token());
    QVERIFY(cancelled.error().kind == ErrorKind::cancelled);
    QCOMPARE(data_files(options("cancelled").folder), 0);
  }

  void columnsThatDeltaCannotHoldAreRefusedAtOpen() {
    const auto opened = sink(options("names")).open(kMarker, make_schema({{"unit price", {TypeKind::int32}}}));
    QVERIFY(opened.error().kind == ErrorKind::invalid_argument);
  }

  void aDividedTableKeepsItsValuesInTheLog() {
    const SchemaPtr schema = make_schema({{"region", {TypeKind::varchar}}, {"id", {TypeKind::int32}}, {"_source", {TypeKind::varchar}}, {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
    DeltaSinkOptions how = options("divided");
    how.partition_by = {"region"};
    const auto row = [](const std::string& region, int id) { return std::vector<std::string>{region, std::to_string(id), "t", "0", std::to_string(id)}; };
    DeltaSink to(how, &parquet(), &clock_);
    QVERIFY(to.open(kMarker, schema).ok());
    QCOMPARE(text_of(deliver(to, {epoch(1, {row("u/k", 0), row("NULL", 1), row("u/k", 2), row("", 3)}, schema)})), std::string("ok"));
    auto snapshot = delta::DeltaLog(how.folder, &parquet()).read().value();
    QCOMPARE(snapshot.metadata.partition_columns, how.partition_by);
    QCOMPARE(snapshot.files.size(), std::size_t(2));
    for (const auto& [path, file] : snapshot.files) {
      const auto value = file.partition.at("region");
      QVERIFY2(path.starts_with(value ? "region=u%2Fk/part-" : "region=__HIVE_DEFAULT_PARTITION__/part-") && (!value || *value == "u/k"), path.c_str());
    }
    QVERIFY(read(fs::path(how.folder) / "_delta_log" / delta::commit_name(0)).find("\"path\":\"region=u%252Fk/part-") != std::string::npos);
    QCOMPARE(table_rows(how.folder, {"region", "id"}), (QStringList{"NULL|1", "NULL|3", "u/k|0", "u/k|2"}));

    // A range is replaced where it lies; rows of one value are put together and stay apart from the others.
    SinkEpoch replacing = epoch(2, {row("fr", 2)}, schema);
    replacing.replaces = {{.column = "_offset", .source = "t", .partition = 0, .from = 1, .until = 3}};
    QCOMPARE(text_of(deliver(to, {replacing})), std::string("ok"));
    QCOMPARE(table_rows(how.folder, {"region", "id"}), (QStringList{"NULL|3", "fr|2", "u/k|0"}));
    for (int number = 3; number < 45; ++number)
      QCOMPARE(text_of(deliver(to, {epoch(number, {row("fr", number * 2), row("u/k", number * 2 + 1)}, schema)})), std::string("ok"));
    QCOMPARE(table_rows(how.folder).size(), 3 + 2 * 42);
    snapshot = delta::DeltaLog(how.folder, &parquet()).read().value();
    QVERIFY2(snapshot.files.size() < 50, qPrintable(QString::number(snapshot.files.size())));
    for (const auto& [path, file] : snapshot.files) QVERIFY(path.starts_with(delta::partition_folder(file.partition, how.partition_by)));

    // What no log knows goes; the table's own columns count for who says none; another division and a key are refused.
    const fs::path orphan = fs::path(how.folder) / "region=fr" / delta::data_file_name(delta::DataFileKind::part, delta::writer_tag(kMarker), 99);
    write(orphan, "x");
    DeltaSink again = sink(options("divided"));
    QVERIFY(again.open(kMarker, schema).ok());
    QVERIFY(!fs::exists(orphan));
    QCOMPARE(text_of(deliver(again, {epoch(45, {row("de", 200)}, schema)})), std::string("ok"));
    QVERIFY(table_rows(how.folder, {"region", "id"}).contains("de|200"));
    const auto refused = [&](const DeltaSinkOptions& other) { return sink(other).open(kMarker, schema); };
    DeltaSinkOptions other = how;
    other.partition_by = {"id"};
    QVERIFY(refused(other).error().message.find("is divided by other columns") != std::string::npos);
    other = options("divided");
    other.key = {"id"};
    QVERIFY(refused(other).error().message.find("cannot be divided") != std::string::npos);
    other = options("undivided");
    other.partition_by = {"_offset"};
    QVERIFY(refused(other).error().message.find("cannot divide a table") != std::string::npos);
  }
  // A file's name may have 255 bytes; what is longer is cut, in no character.
  void aLongValueDividesATableLikeAnyOther() {
    const SchemaPtr schema = make_schema({{"region", {TypeKind::varchar}}, {"id", {TypeKind::int32}}});
    DeltaSinkOptions how = options("long");
    how.partition_by = {"region"};
    QStringList expected;
    std::vector<std::vector<std::string>> rows;
    for (const char* beginning : {"", "x", "xy"}) {
      std::string value = beginning;
      for (int i = 0; i < 100; ++i) value += "\u20AC";
      rows.push_back({value, std::to_string(rows.size())});
      expected << QString::fromStdString(value) + "|" + QString::number(expected.size());
    }
    expected.sort();
    DeltaSink to(how, &parquet(), &clock_);
    QVERIFY(to.open(kMarker, schema).ok());
    QCOMPARE(text_of(deliver(to, {epoch(1, rows, schema)})), std::string("ok"));
    QCOMPARE(table_rows(how.folder, {"region", "id"}), expected);
  }
};

QTEST_GUILESS_MAIN(DeltaSinkTest)
#include "delta_sink_test.moc"
