// Changes by key into a Delta table: what a reader sees, which files are written for it, and what is refused.

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <random>

#include "backend/connectors/delta/table_rows.h"
#include "connectors/delta/buckets.h"
#include "connectors/delta/delta_sink.h"
#include "connectors/delta/log_folder.h"
#include "io/staged_name.h"
#include "record/last_changes.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::parquet;
using penstock::test::table_rows;

namespace {

namespace fs = std::filesystem;

const SchemaPtr kStock = make_schema({{"sku", {TypeKind::varchar}}, {"store", {TypeKind::int32}}, {"qty", {TypeKind::int32}}, {"_op", {TypeKind::varchar}}});
const Marker kMarker{.state_id = "s1", .sink = "gold.delta", .shard = 0, .stream = "stock"};

SinkEpoch epoch(std::int64_t number, const std::vector<std::vector<std::string>>& rows, const SchemaPtr& schema = kStock) {
  return {.epoch = number, .rows = {make_batch(schema, rows)}};
}

std::string text_of(const Status& status) { return status.ok() ? "ok" : status.error().to_string(); }

// Does something once, just after the first file was made.
class Meddling final : public test::PassingParquet {
 public:
  std::function<void()> meddle;
  int merges = 0;

  Result<ParquetFile> merge(const ParquetMerge& merge, const SchemaPtr& schema, const std::string& path, const ParquetOptions& how) override {
    ++merges;
    auto file = PassingParquet::merge(merge, schema, path, how);
    if (const auto once = std::exchange(meddle, nullptr)) once();
    return file;
  }
};

}  // namespace

class DeltaUpsertTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;
  ManualClock clock_{from_micros(1'790'000'000'000'000)};

  DeltaSinkOptions options(const std::string& name, std::vector<std::string> key = {"sku", "store"}) const {
    DeltaSinkOptions options;
    options.folder = root_.filePath("gold").toStdString() + "/" + name;
    options.table = "gold." + name;
    options.key = std::move(key);
    return options;
  }
  DeltaSink sink(const DeltaSinkOptions& options, Parquet* files = &parquet()) { return DeltaSink(options, files, &clock_); }

  Status deliver(DeltaSink& sink, const std::vector<SinkEpoch>& epochs) {
    return sink.deliver(epochs, [](const auto&) { return Status(); }, {});
  }

  // Rows of a first copy, in a file with the table's own columns.
  static SinkEpoch staged_new(const std::string& folder, std::int64_t number, const std::vector<std::vector<std::string>>& rows, const std::string& state = "s1") {
    const SchemaPtr schema = stored_schema(kStock);
    const std::string name = staged_prefix(state) + std::to_string(number) + "-x" + std::string(kNewKeysSuffix);
    const auto file = parquet().write({make_batch(schema, rows)}, schema, folder + "/" + name);
    if (!file.ok()) qFatal("%s", file.error().to_string().c_str());
    return {.epoch = number, .files = {{.path = name, .bytes = file->bytes, .rows = file->rows, .statistics = file->statistics}}};
  }

  // All data files are those that the log knows.
  void check_files(const std::string& folder) {
    delta::DeltaLog log(folder, &parquet());
    QVERIFY(log.refresh().ok());
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder)) files += entry.path().extension() == ".parquet" ? 1 : 0;
    QCOMPARE(files, log.snapshot().files.size() + log.snapshot().removed.size());
  }

  std::map<std::string, std::string> last_metrics(const std::string& folder) {
    delta::DeltaLog log(folder, &parquet());
    if (!log.refresh().ok()) return {};
    const auto info = log.find_info([](const auto& commit) { return commit.operation == "MERGE"; });
    return info.ok() && *info ? (*info)->metrics : std::map<std::string, std::string>();
  }

 private slots:
  void theLastChangeOfAKeyCounts() {
    DeltaSink to = sink(options("last"));
    QVERIFY2(!to.open(kMarker, kStock).value(), "nothing is there yet");
    QCOMPARE(text_of(deliver(to, {epoch(1, {{"a", "1", "5", "c"}, {"b", "1", "6", "c"}, {"a", "1", "7", "u"}}),
                                  epoch(2, {{"c", "1", "1", "c"}, {"c", "1", "NULL", "d"}, {"d", "1", "NULL", "d"}, {"d", "1", "9", "c"}})})),
             std::string("ok"));
    const std::string folder = options("last").folder;
    QCOMPARE(table_rows(folder), (QStringList{"a|1|7", "b|1|6", "d|1|9"}));

    QCOMPARE(text_of(deliver(to, {epoch(3, {{"a", "1", "8", "u"}, {"a", "2", "1", "c"}, {"b", "1", "NULL", "d"}, {"x", "1", "NULL", "d"}})})), std::string("ok"));
    QCOMPARE(table_rows(folder), (QStringList{"a|1|8", "a|2|1", "d|1|9"}));
    QCOMPARE(table_rows(folder, {}, 0), (QStringList{"a|1|7", "b|1|6", "d|1|9"}));
    QCOMPARE(sink(options("last")).open(kMarker, kStock).value().value(), 3);
    const auto snapshot = DeltaTable::open(folder, &parquet())->snapshot();
    QVERIFY(!snapshot->schema->find("_op"));
    QCOMPARE(snapshot->files.size(), std::size_t(1));
    check_files(folder);
  }

  void rowsWithoutAnOperationUpsert() {
    const SchemaPtr schema = make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
    DeltaSink to = sink(options("plain", {"sku"}));
    QVERIFY(to.open(kMarker, schema).ok());
    QCOMPARE(text_of(deliver(to, {epoch(1, {{"a", "1"}, {"NULL", "2"}}, schema)})), std::string("ok"));
    QCOMPARE(text_of(deliver(to, {epoch(2, {{"NULL", "3"}, {"b", "4"}}, schema)})), std::string("ok"));
    QCOMPARE(table_rows(options("plain", {"sku"}).folder), (QStringList{"NULL|3", "a|1", "b|4"}));
  }

  void aTableWithoutItsLastRowIsEmpty() {
    DeltaSink to = sink(options("emptied"));
    QVERIFY(to.open(kMarker, kStock).ok());
    QVERIFY(deliver(to, {epoch(1, {{"a", "1", "5", "c"}})}).ok());
    QCOMPARE(text_of(deliver(to, {epoch(2, {{"a", "1", "NULL", "d"}})})), std::string("ok"));
    QCOMPARE(table_rows(options("emptied").folder), QStringList());
    QCOMPARE(text_of(deliver(to, {epoch(3, {{"a", "1", "6", "c"}})})), std::string("ok"));
    QCOMPARE(table_rows(options("emptied").folder), QStringList{"a|1|6"});
    check_files(options("emptied").folder);
  }

  void everyTypeOfKeyIsFoundAgain() {
    const SchemaPtr schema = make_schema({{"b", {TypeKind::boolean}}, {"i", {TypeKind::int32}}, {"l", {TypeKind::int64}}, {"f", {TypeKind::float64}},
                                          {"d", {TypeKind::decimal, 18, 2}}, {"t", {TypeKind::varchar}}, {"j", {TypeKind::json}}, {"y", {TypeKind::blob}},
                                          {"day", {TypeKind::date}}, {"at", {TypeKind::timestamp}}, {"n", {TypeKind::int32}}});
    const DeltaSinkOptions of = options("types", {"b", "i", "l", "f", "d", "t", "j", "y", "day", "at"});
    DeltaSink to = sink(of);
    QVERIFY(to.open(kMarker, schema).ok());
    const std::vector<std::string> key = {"true", "-2147483648", "9223372036854775807", "0.1", "-12345", "ü\t", "{\"a\":[1]}", "raw", "20000", "1700000000123456"};
    const std::vector<std::string> nothing(10, "NULL");
    const auto rows = [&](const char* n) {
      std::vector<std::vector<std::string>> both = {key, nothing};
      for (auto& row : both) row.push_back(n);
      return both;
    };
    QCOMPARE(text_of(deliver(to, {epoch(1, rows("1"), schema)})), std::string("ok"));
    QCOMPARE(text_of(deliver(to, {epoch(2, rows("2"), schema)})), std::string("ok"));
    QStringList expected = test::lines(make_batch(schema, rows("2")));
    expected.sort();
    QCOMPARE(table_rows(of.folder), expected);
  }

  // A change writes the files of its bucket anew, and no other.
  void onlyBucketsWithChangedKeysAreWritten() {
    DeltaSinkOptions of = options("buckets");
    of.bucket_bytes = 4'000;
    DeltaSink to = sink(of);
    QVERIFY(to.open(kMarker, kStock).ok());
    std::vector<std::vector<std::string>> rows;
    for (int n = 0; n < 8'000; ++n) rows.push_back({"sku-" + std::to_string(n * 7919 % 100'003), std::to_string(n % 40), std::to_string(n), "c"});
    QCOMPARE(text_of(deliver(to, {epoch(1, rows)})), std::string("ok"));
    // The table was too large for one bucket: with the next change of its rows it is divided.
    QCOMPARE(text_of(deliver(to, {epoch(2, {rows[0]})})), std::string("ok"));
    const auto divided = DeltaTable::open(of.folder, &parquet())->snapshot();
    QVERIFY2(divided->files.size() >= 8, std::to_string(divided->files.size()).c_str());
    for (const auto& add : divided->adds) QVERIFY(delta::bucket_of(add.path).count >= 8);

    rows[5][2] = "-1";
    QCOMPARE(text_of(deliver(to, {epoch(3, {rows[5], {"sku-new", "1", "1", "c"}})})), std::string("ok"));
    const auto after = DeltaTable::open(of.folder, &parquet())->snapshot();
    std::size_t same = 0;
    for (const std::string& file : after->files) same += static_cast<std::size_t>(std::count(divided->files.begin(), divided->files.end(), file));
    QVERIFY2(same + 1 >= divided->files.size(), "one bucket of several is written anew");
    const auto metrics = last_metrics(of.folder);
    QCOMPARE(metrics.at("numSourceRows"), std::string("2"));
    QCOMPARE(to.rows_written().changed, 2);
    QCOMPARE(to.rows_written().written, std::stoll(metrics.at("numOutputRows")));
    QVERIFY(std::stoi(metrics.at("numOutputRows")) <= 4'000);
    QCOMPARE(std::stoi(metrics.at("numOutputRows")), std::stoi(metrics.at("numTargetRowsCopied")) + 2);
    QCOMPARE(after->rows.value(), 8'001);
    check_files(of.folder);
  }

  // New keys do not cost the rows that are there: an initial copy is written a few times, not once for each commit.
  void newKeysLeaveLargeFilesAlone() {
    const DeltaSinkOptions of = options("copied");
    DeltaSink to = sink(of);
    QVERIFY(to.open(kMarker, kStock).ok());
    std::int64_t written = 0;
    constexpr int kEpochs = 60, kRows = 50;
    for (int number = 1; number <= kEpochs; ++number) {
      std::vector<std::vector<std::string>> rows;
      for (int n = 0; n < kRows; ++n) rows.push_back({"sku-" + std::to_string((number * kRows + n) * 7919 % 100'003), "1", "1", "c"});
      QVERIFY(deliver(to, {epoch(number, rows)}).ok());
      written += std::stoll(last_metrics(of.folder).at("numOutputRows"));
    }
    const auto snapshot = DeltaTable::open(of.folder, &parquet())->snapshot();
    QCOMPARE(snapshot->rows.value(), kEpochs * kRows);
    QVERIFY2(snapshot->files.size() <= 6, std::to_string(snapshot->files.size()).c_str());
    QVERIFY2(written <= 12 * kEpochs * kRows, std::to_string(written).c_str());
    QVERIFY(fs::exists(of.folder + "/_delta_log/_last_checkpoint"));
  }

  void aLostRaceIsPlannedAgain() {
    Meddling files;
    DeltaSink one = sink(options("race"), &files), two = sink(options("race"));
    const Marker other{.state_id = "s1", .sink = "gold.delta", .shard = 1, .stream = "stock"};
    QVERIFY(one.open(kMarker, kStock).ok());
    QVERIFY(two.open(other, kStock).ok());
    QVERIFY(deliver(one, {epoch(1, {{"a", "1", "1", "c"}, {"b", "1", "1", "c"}})}).ok());
    files.merges = 0;
    files.meddle = [&] { QCOMPARE(text_of(deliver(two, {epoch(1, {{"b", "1", "2", "u"}, {"c", "1", "3", "c"}})})), std::string("ok")); };
    QCOMPARE(text_of(deliver(one, {epoch(2, {{"a", "1", "9", "u"}, {"c", "1", "NULL", "d"}})})), std::string("ok"));
    QCOMPARE(files.merges, 2);
    QCOMPARE(table_rows(options("race").folder), (QStringList{"a|1|9", "b|1|2"}));
    check_files(options("race").folder);
  }

  // Files that another program has put there hold keys as well.
  void filesOfOtherWritersAreMerged() {
    const SchemaPtr plain = make_schema({{"sku", {TypeKind::varchar}}, {"store", {TypeKind::int32}}, {"qty", {TypeKind::int32}}});
    DeltaSink before = sink(options("others", {}));
    QVERIFY(before.open(kMarker, plain).ok());
    QVERIFY(deliver(before, {epoch(1, {{"a", "1", "1"}, {"b", "1", "1"}}, plain)}).ok());
    QVERIFY(deliver(before, {epoch(2, {{"c", "1", "1"}}, plain)}).ok());
    DeltaSinkOptions of = options("others");
    of.bucket_bytes = 100;
    DeltaSink to = sink(of);
    QCOMPARE(to.open(kMarker, kStock).value().value(), 2);
    QCOMPARE(text_of(deliver(to, {epoch(3, {{"a", "1", "NULL", "d"}, {"b", "1", "2", "u"}})})), std::string("ok"));
    QCOMPARE(table_rows(options("others").folder), (QStringList{"b|1|2", "c|1|1"}));
    check_files(options("others").folder);
  }

  void stagedFilesAreMergedAndRemoved() {
    DeltaSink to = sink(options("staged"));
    QVERIFY(to.open(kMarker, kStock).ok());
    const std::string folder = options("staged").folder;
    QVERIFY(deliver(to, {epoch(1, {{"a", "1", "1", "c"}, {"b", "1", "1", "c"}})}).ok());
    const auto file = parquet().write({make_batch(kStock, {{"a", "1", "NULL", "d"}, {"c", "1", "3", "c"}})}, kStock, folder + "/staged-1.parquet");
    const SinkEpoch staged{.epoch = 1, .files = {{.path = "staged-1.parquet", .bytes = file->bytes, .rows = 2, .statistics = file->statistics}}};
    // Rows of later epochs than a file's come after it, and those of earlier ones before.
    SinkEpoch later = staged;
    later.epoch = 3;
    QCOMPARE(text_of(deliver(to, {epoch(2, {{"a", "1", "2", "u"}, {"c", "1", "9", "c"}}), later, epoch(4, {{"d", "1", "1", "c"}})})), std::string("ok"));
    QCOMPARE(table_rows(folder), (QStringList{"b|1|1", "c|1|3", "d|1|1"}));
    QVERIFY(!fs::exists(folder + "/staged-1.parquet"));
    check_files(folder);
  }

  // The first copy of a table: its keys are compared with nothing.
  void filesOfNewKeysAreTheTablesAsTheyAre() {
    const std::string folder = options("first_copy").folder;
    Meddling files;
    DeltaSink to = sink(options("first_copy"), &files);
    QVERIFY(to.open(kMarker, kStock).ok());
    const SinkEpoch first = staged_new(folder, 1, {{"a", "1", "1"}, {"b", "1", "1"}}), second = staged_new(folder, 2, {{"c", "1", "1"}});
    QCOMPARE(text_of(deliver(to, {first, second})), std::string("ok"));
    QCOMPARE(files.merges, 0);
    QCOMPARE(table_rows(folder), (QStringList{"a|1|1", "b|1|1", "c|1|1"}));
    QCOMPARE(to.rows_written().written, 3);
    QVERIFY(fs::exists(folder + "/" + first.files[0].path));
    // What changes after them is looked for in them, also within one delivery.
    QCOMPARE(text_of(deliver(to, {staged_new(folder, 3, {{"d", "1", "1"}}), epoch(4, {{"d", "1", "2", "u"}, {"a", "1", "NULL", "d"}, {"e", "1", "1", "c"}})})), std::string("ok"));
    QCOMPARE(table_rows(folder), (QStringList{"b|1|1", "c|1|1", "d|1|2", "e|1|1"}));
    check_files(folder);
    QCOMPARE(to.open(kMarker, kStock).value().value(), 4);
  }

  // However large a table is, few buckets' worth of it are held at once: then each bucket gets a file for each such part.
  void aLargeTableIsDividedInParts() {
    DeltaSinkOptions of = options("parts");
    of.bucket_bytes = 4'000;
    DeltaSink to = sink(of);
    QVERIFY(to.open(kMarker, kStock).ok());
    const auto rows = [](int first) {
      std::vector<std::vector<std::string>> rows;
      for (int n = first; n < first + 4'000; ++n) rows.push_back({"sku-" + std::to_string(n * 7919 % 100'003), "1", std::to_string(n)});
      return rows;
    };
    QVERIFY(deliver(to, {staged_new(of.folder, 1, rows(0)), staged_new(of.folder, 2, rows(4'000))}).ok());
    QCOMPARE(text_of(deliver(to, {epoch(3, {{rows(0)[0][0], "1", "-1", "u"}, {rows(4'000)[0][0], "1", "-1", "u"}})})), std::string("ok"));
    const auto snapshot = DeltaTable::open(of.folder, &parquet())->snapshot();
    QCOMPARE(snapshot->rows.value(), 8'000);
    std::map<std::string, int> files;
    for (const auto& add : snapshot->adds) ++files[delta::bucket_of(add.path).to_string()];
    QVERIFY2(files.size() >= 8, std::to_string(files.size()).c_str());
    QVERIFY2(snapshot->files.size() >= 2 * files.size(), std::to_string(snapshot->files.size()).c_str());
    QCOMPARE(table_rows(of.folder).filter("|-1").size(), 2);
    check_files(of.folder);
  }

  // Rows that came before from the same state have other keys; where somebody else has written, a new key may be one of theirs.
  void filesOfNewKeysAreMergedIntoATableOfOthers() {
    const std::string folder = options("filled").folder;
    Meddling files;
    DeltaSink own = sink(options("filled"), &files);
    QVERIFY(own.open(kMarker, kStock).ok());
    QVERIFY(deliver(own, {epoch(1, {{"a", "1", "1", "c"}})}).ok());
    QCOMPARE(files.merges, 1);
    QCOMPARE(text_of(deliver(own, {staged_new(folder, 2, {{"b", "1", "2"}})})), std::string("ok"));
    QCOMPARE(files.merges, 1);
    QCOMPARE(table_rows(folder), (QStringList{"a|1|1", "b|1|2"}));
    {
      const SchemaPtr plain = stored_schema(kStock);
      DeltaSink before = sink(options("foreign", {}));
      QVERIFY(before.open(kMarker, plain).ok());
      QVERIFY(deliver(before, {epoch(1, {{"a", "1", "1"}, {"b", "1", "1"}}, plain)}).ok());
    }
    DeltaSink after = sink(options("foreign"));
    QVERIFY(after.open(kMarker, kStock).ok());
    QCOMPARE(text_of(deliver(after, {staged_new(options("foreign").folder, 2, {{"b", "1", "2"}, {"c", "1", "2"}})})), std::string("ok"));
    QCOMPARE(table_rows(options("foreign").folder), (QStringList{"a|1|1", "b|1|2", "c|1|2"}));
    // Of another state, which has copied the table before.
    const std::string others = options("others_copy").folder;
    DeltaSinkOptions of = options("others_copy");
    {
      DeltaSink to = sink(of);
      QVERIFY(to.open(kMarker, kStock).ok());
      QVERIFY(deliver(to, {staged_new(others, 1, {{"a", "1", "1"}, {"b", "1", "1"}})}).ok());
    }
    of.take_over = true;
    DeltaSink to = sink(of);
    Marker other = kMarker;
    other.state_id = "s2";
    QVERIFY(to.open(other, kStock).ok());
    QCOMPARE(text_of(deliver(to, {staged_new(others, 1, {{"b", "1", "2"}, {"c", "1", "2"}}, "s2")})), std::string("ok"));
    QCOMPARE(table_rows(others), (QStringList{"a|1|1", "b|1|2", "c|1|2"}));
    check_files(others);
  }

  // A window that is computed again: its rows go, and what it now has comes.
  void aReplacedRangeGoesBeforeTheChangesCome() {
    const SchemaPtr schema = make_schema({{"sku", {TypeKind::varchar}}, {"window_start", {TypeKind::timestamp}}, {"qty", {TypeKind::int32}}, {"_op", {TypeKind::varchar}}});
    const DeltaSinkOptions of = options("windows", {"sku", "window_start"});
    DeltaSink to = sink(of);
    QVERIFY(to.open(kMarker, schema).ok());
    QVERIFY(deliver(to, {epoch(1, {{"a", "0", "1", "c"}, {"a", "60", "2", "c"}, {"b", "60", "3", "c"}}, schema)}).ok());
    SinkEpoch again = epoch(2, {{"b", "60", "4", "u"}, {"c", "60", "5", "c"}}, schema);
    again.replaces = {{.column = "window_start", .from = 60, .until = 61}};
    QCOMPARE(text_of(deliver(to, {again})), std::string("ok"));
    QCOMPARE(table_rows(of.folder, {"sku", "qty"}), (QStringList{"a|1", "b|4", "c|5"}));
  }

  void newColumnsAreNullInOlderRows() {
    DeltaSink to = sink(options("wider"));
    QVERIFY(to.open(kMarker, kStock).ok());
    QVERIFY(deliver(to, {epoch(1, {{"a", "1", "1", "c"}, {"b", "1", "1", "c"}})}).ok());
    const SchemaPtr wider = make_schema({{"sku", {TypeKind::varchar}}, {"store", {TypeKind::int32}}, {"note", {TypeKind::json}}, {"qty", {TypeKind::int32}}, {"_op", {TypeKind::varchar}}});
    QVERIFY(to.open(kMarker, wider).ok());
    QCOMPARE(text_of(deliver(to, {epoch(2, {{"c", "1", "7", "c"}}), epoch(3, {{"a", "1", "{}", "2", "u"}}, wider)})), std::string("ok"));
    QCOMPARE(table_rows(options("wider").folder), (QStringList{"a|1|2|{}", "b|1|1|NULL", "c|1|7|NULL"}));
  }

  void whatDoesNotFitIsRefused() {
    DeltaSink append = sink(options("refused", {}));
    QCOMPARE(append.open(kMarker, kStock).error().message, std::string("the rows are changes, which cannot be appended"));
    DeltaSink keyless = sink(options("refused", {"colour"}));
    QCOMPARE(keyless.open(kMarker, kStock).error().message, std::string("the key column 'colour' is not among the rows' columns"));
    DeltaSink to = sink(options("refused"));
    QVERIFY(to.open(kMarker, kStock).ok());
    QVERIFY(deliver(to, {epoch(1, {{"a", "1", "1", "c"}})}).ok());
    QCOMPARE(deliver(to, {epoch(2, {{"a", "1", "1", "x"}})}).error().message, std::string("a change has 'x' as its _op, which is none of c, u, d"));
    DeltaSink other = sink(options("refused", {"sku"}));
    QCOMPARE(other.open(kMarker, kStock).error().message, std::string("the table keeps one row for each sku,store, not for each sku"));
    const SchemaPtr plain = make_schema({{"sku", {TypeKind::varchar}}, {"store", {TypeKind::int32}}, {"qty", {TypeKind::int32}}});
    DeltaSink appending = sink(options("refused", {}));
    QCOMPARE(appending.open(kMarker, plain).error().message, std::string("the table keeps one row for each sku,store, and these rows are appended"));
    DeltaSinkOptions bronze = options("bronze", {});
    bronze.append_only = true;
    DeltaSink first = sink(bronze);
    QVERIFY(first.open(kMarker, plain).ok());
    QVERIFY(deliver(first, {epoch(1, {{"a", "1", "1"}}, plain)}).ok());
    QCOMPARE(sink(options("bronze")).open(kMarker, kStock).error().message, std::string("the table only takes new rows (delta.appendOnly)"));
  }

  // Random changes, deliveries, reopened sinks and growing buckets, against a model in memory.
  void aReaderSeesTheModelsRows() {
    const auto seed = qEnvironmentVariableIsSet("PENSTOCK_SEED") ? qEnvironmentVariable("PENSTOCK_SEED").toUInt() : std::random_device{}();
    qInfo() << "seed" << seed << "(PENSTOCK_SEED repeats it)";
    std::mt19937 random(seed);
    DeltaSinkOptions of = options("model");
    of.bucket_bytes = 3'000;
    constexpr int kShards = 2;
    std::map<std::pair<std::string, int>, int> model;
    std::array<std::unique_ptr<DeltaSink>, kShards> sinks;
    std::array<std::int64_t, kShards> epochs{};
    const auto open = [&](std::size_t shard) {
      sinks[shard] = std::make_unique<DeltaSink>(of, &parquet(), &clock_);
      const auto opened = sinks[shard]->open({.state_id = "s", .sink = "gold.delta", .shard = static_cast<int>(shard), .stream = "model"}, kStock);
      QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
      QCOMPARE(opened->value_or(0), epochs[shard]);
    };
    for (std::size_t shard = 0; shard < kShards; ++shard) open(shard);
    for (int step = 0; step < 60; ++step) {
      const std::size_t shard = random() % kShards;
      if (random() % 8 == 0) open(shard);
      std::vector<SinkEpoch> delivery;
      for (unsigned i = 0, count = 1 + random() % 3; i < count; ++i) {
        std::vector<std::vector<std::string>> rows;
        for (unsigned row = 0, many = random() % 60; row < many; ++row) {
          const std::pair<std::string, int> key{"sku" + std::to_string(random() % 300), static_cast<int>(shard)};
          const bool removes = random() % 4 == 0;
          const int qty = static_cast<int>(random() % 1'000);
          if (removes) model.erase(key);
          else model[key] = qty;
          rows.push_back({key.first, std::to_string(key.second), removes ? "NULL" : std::to_string(qty), removes ? "d" : random() % 2 ? "c" : "u"});
        }
        delivery.push_back(epoch(++epochs[shard], rows));
      }
      QCOMPARE(text_of(deliver(*sinks[shard], delivery)), std::string("ok"));
      if (step % 10 != 9) continue;
      QStringList expected;
      for (const auto& [key, qty] : model) expected << QString("%1|%2|%3").arg(key.first.c_str()).arg(key.second).arg(qty);
      expected.sort();
      QCOMPARE(table_rows(of.folder), expected);
    }
    check_files(of.folder);
  }
};

QTEST_GUILESS_MAIN(DeltaUpsertTest)
#include "delta_upsert_test.moc"
