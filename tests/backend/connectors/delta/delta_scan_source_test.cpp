#include "connectors/delta/delta_scan_source.h"

#include <QTemporaryDir>
#include <QTest>

#include <random>

#include "backend/connectors/delta/table_rows.h"
#include "connectors/delta/delta_sink.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::parquet;

namespace {

const SchemaPtr kBronze = make_schema({{"_raw", {TypeKind::blob}}, {"_key", {TypeKind::blob}}, {"_headers", {TypeKind::json}}, {"_source", {TypeKind::varchar}},
                                       {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}, {"_source_time", {TypeKind::timestamp}},
                                       {"_ingest_time", {TypeKind::timestamp}}});

std::vector<std::string> record(const std::string& source, int partition, std::int64_t offset, std::int64_t time) {
  const std::string value = source + "-" + std::to_string(partition) + "-" + std::to_string(offset);
  return {value, "k" + std::to_string(offset), R"({"h":"1"})", source, std::to_string(partition), std::to_string(offset), std::to_string(time), "0"};
}

// "partition:offset=value" in the order in which polls give them; polls must stay in order within a partition.
QStringList drain(DeltaScanSource& source, const PollLimits& limits = {}) {
  QStringList read;
  std::map<int, std::int64_t> last;
  for (;;) {
    RawBatch batch;
    const auto outcome = source.poll(batch, limits, {});
    if (!outcome.ok()) return {QString::fromStdString(outcome.error().to_string())};
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      const auto one = batch[row];
      if (last.contains(one.position.partition) && last[one.position.partition] >= one.position.offset) return {"out of order"};
      last[one.position.partition] = one.position.offset;
      read << QString("%1:%2=%3").arg(one.position.partition).arg(one.position.offset).arg(QString::fromUtf8(one.value.data(), static_cast<qsizetype>(one.value.size())));
    }
    if (*outcome == PollOutcome::ended) return read;
  }
}

}  // namespace

class DeltaScanSourceTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;

  std::string folder(const char* name) const { return root_.filePath(name).toStdString(); }

  void land(const std::string& folder, const std::vector<std::vector<std::vector<std::string>>>& epochs, const SchemaPtr& schema = kBronze) {
    DeltaSinkOptions options;
    options.folder = folder;
    options.append_only = true;
    DeltaSink sink(options, &parquet(), &Clock::system());
    const auto opened = sink.open({.state_id = "s", .sink = "bronze.delta", .stream = "x"}, schema);
    QVERIFY(opened.ok());
    std::int64_t number = opened->value_or(0);
    for (const auto& rows : epochs)
      QVERIFY(sink.deliver({{.epoch = ++number, .rows = {make_batch(schema, rows)}}}, [](const auto&) { return Status(); }, {}).ok());
  }
  std::unique_ptr<DeltaScanSource> open(const std::string& folder, DeltaScanOptions options = {}) {
    options.folder = folder;
    options.source = "t";
    return std::move(*DeltaScanSource::open(options, &parquet()));
  }

 private slots:
  void recordsComeBackAsTheyWere() {
    std::vector<std::string> tombstone = record("t", 0, 1, 2'000'000);
    tombstone[0] = tombstone[1] = tombstone[2] = tombstone[6] = "NULL";
    land(folder("same"), {{record("t", 0, 0, 1'000'000), tombstone}});
    const auto source = open(folder("same"));
    QVERIFY(source->finite());
    QCOMPARE(source->name(), std::string("t"));
    QVERIFY(source->assign({{.partition = 0}}).ok());
    RawBatch batch;
    QVERIFY(source->poll(batch, {}, {}).value() == PollOutcome::rows);
    QCOMPARE(batch.rows(), 2);
    QVERIFY(batch[0].value == "t-0-0" && batch[0].key == "k0" && batch[0].headers == R"({"h":"1"})");
    QVERIFY(batch[0].has_key && !batch[0].tombstone && batch[0].source_time_micros == 1'000'000);
    QVERIFY(batch[1].tombstone && !batch[1].has_key && batch[1].headers.empty() && batch[1].source_time_micros == 0);
    RawBatch rest;
    QVERIFY(source->poll(rest, {}, {}).value() == PollOutcome::ended);
  }

  void aRangeOfPositionsIsReadInOrder() {
    land(folder("range"), {{record("t", 1, 5, 0), record("t", 0, 3, 0), record("other", 0, 4, 0)}, {record("t", 0, 1, 0), record("t", 0, 2, 0)}, {record("t", 0, 9, 0), record("t", 1, 4, 0)}});
    const auto source = open(folder("range"));
    const auto ranges = source->partitions().value();
    QCOMPARE(ranges.size(), std::size_t(2));
    QVERIFY(ranges[0].partition == 0 && ranges[0].earliest == 1 && ranges[0].head == 10);
    QVERIFY(ranges[1].partition == 1 && ranges[1].earliest == 4 && ranges[1].head == 6);
    QVERIFY(source->assign({{.partition = 0, .from = 2, .until = 9}}).ok());
    QCOMPARE(drain(*source), (QStringList{"0:2=t-0-2", "0:3=t-0-3"}));
    QVERIFY(source->assign({{.partition = 1}, {.partition = 7}}).ok());
    QCOMPARE(drain(*source), (QStringList{"1:4=t-1-4", "1:5=t-1-5"}));
    QVERIFY(source->assign({}).ok());
    QCOMPARE(drain(*source), QStringList());
  }

  void aRangeOfTimesIsHalfOpen() {
    land(folder("times"), {{record("t", 0, 0, 10), record("t", 0, 1, 20), record("t", 0, 2, 30)}});
    const auto source = open(folder("times"), {.from_time = from_micros(20), .until_time = from_micros(30)});
    QCOMPARE(source->partitions().value().at(0).earliest, 1);
    QVERIFY(source->assign({{.partition = 0}}).ok());
    QCOMPARE(drain(*source), QStringList{"0:1=t-0-1"});
  }

  void whatIsLandedMeanwhileDoesNotComeAlong() {
    land(folder("meanwhile"), {{record("t", 0, 0, 0)}});
    const auto source = open(folder("meanwhile"));
    land(folder("meanwhile"), {{record("t", 0, 1, 0)}});
    QVERIFY(source->assign({{.partition = 0}}).ok());
    QCOMPARE(drain(*source), QStringList{"0:0=t-0-0"});
  }

  void onlyABronzeTableIsASource() {
    land(folder("gold"), {{{"1"}}}, make_schema({{"units", {TypeKind::int32}}}));
    const auto opened = DeltaScanSource::open({.folder = folder("gold"), .source = "t"}, &parquet());
    QVERIFY(opened.error().kind == ErrorKind::failed_precondition);
    QVERIFY(DeltaScanSource::open({.folder = folder("nothing"), .source = "t"}, &parquet()).error().kind == ErrorKind::not_found);
  }

  // Sparse offsets, as byte positions are, over many files, with small polls: every row once, in order.
  void randomTablesAreReadWholeAndInOrder() {
    const auto seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937_64 random(seed);
    QStringList expected;
    std::vector<std::vector<std::vector<std::string>>> epochs(12);
    for (int partition = 0; partition < 3; ++partition) {
      std::int64_t offset = static_cast<std::int64_t>(random() % 1'000'000);
      for (auto& rows : epochs)
        for (unsigned i = 0, count = random() % 200; i < count; ++i) {
          rows.push_back(record("t", partition, offset, 0));
          expected << QString("%1:%2=t-%1-%2").arg(partition).arg(offset);
          offset += 1 + static_cast<std::int64_t>(random() % (partition == 0 ? 1 : 100'000));
        }
    }
    land(folder("random"), epochs);
    const auto source = open(folder("random"));
    QVERIFY(source->assign({{.partition = 0}, {.partition = 1}, {.partition = 2}}).ok());
    QStringList read = drain(*source, {.rows = 100, .bytes = 4'000});
    read.sort();
    expected.sort();
    QCOMPARE(read, expected);
  }
};

QTEST_GUILESS_MAIN(DeltaScanSourceTest)
#include "delta_scan_source_test.moc"
