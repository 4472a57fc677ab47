#include "connectors/delta/delta_append_source.h"

#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

#include "backend/connectors/delta/table_rows.h"
#include "connectors/delta/delta_sink.h"
#include "connectors/delta/durable_file.h"
#include "connectors/delta/log_folder.h"
#include "connectors/delta/table_connector.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;
using penstock::test::parquet;

namespace {

namespace fs = std::filesystem;

const SchemaPtr kSales = make_schema({{"id", {TypeKind::int64}}, {"price", {TypeKind::decimal, 10, 2}}, {"note", {TypeKind::varchar}}, {"at", {TypeKind::timestamp}},
                                      {"_source", {TypeKind::varchar}}, {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}},
                                      {"_source_time", {TypeKind::timestamp}}, {"_ingest_time", {TypeKind::timestamp}}});

std::vector<std::string> sale(std::int64_t id) {
  const std::string number = std::to_string(id);
  return {number, number, id % 3 ? "n" + number : "NULL", "0", "pos", "0", number, number + "000000", number + "000000"};
}

std::string text_of(std::string_view bytes) { return std::string(bytes); }

// Reads what is there, in polls of at most `rows`; each record as text. The last line is an error where one came.
QStringList read_all(DeltaAppendSource& source, std::int64_t rows = 65'536, Positions* next = nullptr) {
  QStringList read;
  std::int64_t last = -1;
  for (;;) {
    RawBatch batch;
    const auto outcome = source.poll(batch, {.rows = rows, .wait = std::chrono::milliseconds(0)}, {});
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      if (batch[row].position.offset <= last) read << "out of order";
      last = batch[row].position.offset;
      if (next) (*next)[0] = last + 1;
      read << QString::fromStdString(text_of(batch[row].value));
    }
    if (!outcome.ok()) return read << QString::fromStdString(outcome.error().to_string());
    if (*outcome != PollOutcome::rows) return read;
  }
}

QStringList ids(const QStringList& records) {
  QStringList found;
  for (const QString& record : records) {
    const auto match = QRegularExpression("^\\{\"id\":(\\d+),").match(record);
    found << (match.hasMatch() ? match.captured(1) : record);
  }
  return found;
}

QStringList numbers(int from, int until) {
  QStringList list;
  for (int number = from; number < until; ++number) list << QString::number(number);
  return list;
}

}  // namespace

class DeltaAppendSourceTest : public QObject {
  Q_OBJECT

  QTemporaryDir root_;
  ManualClock clock_{from_micros(1'790'000'000'000'000)};

  std::string folder(const char* name) const { return root_.filePath(name).toStdString(); }
  DeltaAppendSource source(const char* name, DeltaAppendOptions options = {}) const {
    options.folder = folder(name);
    options.name = std::string("silver.") + name;
    return DeltaAppendSource(std::move(options), &parquet());
  }

  // Rows from … until, so many in each commit.
  void land(const char* name, int from, int until, int rows = 1, DeltaSinkOptions options = {}) {
    options.folder = folder(name);
    DeltaSink sink(options, &parquet(), &clock_);
    const auto opened = sink.open({.state_id = "s", .sink = "silver.delta", .stream = "x"}, kSales);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
    std::int64_t epoch = opened->value_or(0);
    for (int next = from; next < until; next += rows) {
      std::vector<std::vector<std::string>> batch;
      for (int id = next; id < std::min(next + rows, until); ++id) batch.push_back(sale(id));
      clock_.advance(std::chrono::seconds(1));
      const Status done = sink.deliver({{.epoch = ++epoch, .rows = {make_batch(kSales, batch)}}}, [](const auto&) { return Status(); }, {});
      QVERIFY2(done.ok(), done.ok() ? "" : done.error().to_string().c_str());
    }
  }
  void commit(const char* name, const std::vector<delta::Action>& actions) {
    delta::DeltaLog log(folder(name), &parquet(), "other");
    const auto done = log.commit([&](const delta::Snapshot&) -> Result<std::optional<std::vector<delta::Action>>> { return std::optional(actions); });
    QVERIFY2(done.ok(), done.ok() ? "" : done.error().to_string().c_str());
  }
  void remove_commit(const char* name, std::int64_t version) const { fs::remove(folder(name) + "/_delta_log/" + delta::commit_name(version)); }

 private slots:
  void aRowComesAsARecord() {
    land("record", 1, 3, 2);
    auto from = source("record");
    QVERIFY(from.assign({{.partition = 0}}).ok());
    RawBatch batch;
    QVERIFY(from.poll(batch, {}, {}).value() == PollOutcome::rows);
    QCOMPARE(batch.rows(), 2);
    QCOMPARE(QString::fromStdString(text_of(batch[0].value)), QString(R"({"id":1,"price":0.01,"note":"n1","at":"1970-01-01T00:00:00.000Z"})"));
    QCOMPARE(batch[0].source_time_micros, 1'000'000);
    QVERIFY(!batch[0].has_key);
    QCOMPARE(from.name(), std::string("silver.record"));
    QCOMPARE(from.columns()->to_string(), std::string("id BIGINT, price DECIMAL(10,2), note VARCHAR, at TIMESTAMP WITH TIME ZONE"));
  }

  void keysAndHeadersOfBronzeStayThose() {
    const SchemaPtr bronze = make_schema({{"id", {TypeKind::int64}}, {"_raw", {TypeKind::blob}}, {"_key", {TypeKind::blob}}, {"_headers", {TypeKind::json}}});
    DeltaSinkOptions options;
    options.folder = folder("bronze");
    DeltaSink sink(options, &parquet(), &clock_);
    QVERIFY(sink.open({.state_id = "s", .sink = "b", .stream = "x"}, bronze).ok());
    QVERIFY(sink.deliver({{.epoch = 1, .rows = {make_batch(bronze, {{"7", "raw", "k", R"({"h":1})"}})}}}, [](const auto&) { return Status(); }, {}).ok());
    auto from = source("bronze");
    QVERIFY(from.assign({{.partition = 0}}).ok());
    RawBatch batch;
    QVERIFY(from.poll(batch, {}, {}).value() == PollOutcome::rows);
    QVERIFY(batch[0].value == R"({"id":7})" && batch[0].key == "k" && batch[0].headers == R"({"h":1})");
  }

  void newVersionsFollowAndATableMayComeLater() {
    auto from = source("later");
    QVERIFY(from.assign({{.partition = 0}}).ok());
    QVERIFY(!from.columns());
    QCOMPARE(read_all(from), QStringList());
    land("later", 0, 3);
    QCOMPARE(ids(read_all(from)), numbers(0, 3));
    QCOMPARE(from.reached().at(0), from.partitions().value().at(0).head);
    land("later", 3, 5, 2);
    QCOMPARE(ids(read_all(from)), numbers(3, 5));
  }

  // Compaction gives no row again, and a reader that was ahead of it or behind it reads the same.
  void arrangingRowsAnewGivesNone() {
    land("compacted", 0, 40);
    auto whole = source("compacted");
    QVERIFY(whole.assign({{.partition = 0}}).ok());
    QCOMPARE(ids(read_all(whole)), numbers(0, 40));
    QVERIFY(delta::DeltaLog(folder("compacted"), &parquet()).read().value().files.size() < 40);
    QCOMPARE(whole.reached().at(0), whole.partitions().value().at(0).head);
  }

  // Any sizes of commits and polls, any restarts, whoever writes in between.
  void eachRowComesOnceForAnyRestarts() {
    const quint32 seed = qEnvironmentVariableIsSet("PENSTOCK_SEED") ? qEnvironmentVariable("PENSTOCK_SEED").toUInt() : QRandomGenerator::global()->generate();
    qInfo("PENSTOCK_SEED=%u", seed);
    QRandomGenerator random(seed);
    Positions next;
    QStringList read;
    int landed = 0;
    for (int life = 0; life < 40; ++life) {
      const int more = static_cast<int>(random.bounded(0, 60));
      land("lives", landed, landed + more, static_cast<int>(random.bounded(1, 20)));
      landed += more;
      auto from = source("lives");
      const auto known = next.find(0);
      QVERIFY(from.assign({{.partition = 0, .from = known == next.end() ? std::nullopt : std::optional(known->second)}}).ok());
      if (life % 3 == 2) {       // killed in the middle
        RawBatch batch;
        QVERIFY(from.poll(batch, {.rows = static_cast<std::int64_t>(random.bounded(1, 30)), .wait = std::chrono::milliseconds(0)}, {}).ok());
        for (std::int64_t row = 0; row < batch.rows(); ++row) {
          read << QString::fromStdString(text_of(batch[row].value));
          next[0] = batch[row].position.offset + 1;
        }
        continue;
      }
      read << read_all(from, random.bounded(1, 100), &next);
    }
    auto last = source("lives");
    QVERIFY(last.assign({{.partition = 0, .from = next.at(0)}}).ok());
    read << read_all(last);
    QCOMPARE(ids(read), numbers(0, landed));
  }

  void aRangeOfPositionsIsHalfOpen() {
    land("range", 0, 6, 3);
    auto from = source("range");
    const delta::TablePosition first{0, false, 1}, end{1, false, 2};
    QVERIFY(from.assign({{.partition = 0, .from = first.to_offset(), .until = end.to_offset()}}).ok());
    QCOMPARE(ids(read_all(from)), numbers(1, 5));
    RawBatch none;
    QVERIFY(from.poll(none, {}, {}).value() == PollOutcome::ended);
  }

  void aFirstStartMayBeLaterThanTheFirstRow() {
    land("starts", 0, 4, 2);
    auto version = source("starts", {.start_version = 1});
    QVERIFY(version.assign({{.partition = 0}}).ok());
    QCOMPARE(ids(read_all(version)), numbers(2, 4));
    auto latest = source("starts", {.from_head = true});
    QVERIFY(latest.starts_at_head());
    QVERIFY(latest.assign({{.partition = 0, .from = latest.partitions().value().at(0).head}}).ok());
    QCOMPARE(read_all(latest), QStringList());
    land("starts", 4, 5);
    QCOMPARE(ids(read_all(latest)), numbers(4, 5));
    auto finite = source("starts", {.watch = false});
    QVERIFY(finite.finite() && finite.assign({{.partition = 0}}).ok());
    land("starts", 5, 6);
    QCOMPARE(ids(read_all(finite)), numbers(0, 5));
    RawBatch none;
    QVERIFY(finite.poll(none, {}, {}).value() == PollOutcome::ended);
  }

  void aVersionThatTakesRowsAwayIsRefusedOrSkipped() {
    land("changed", 0, 2);
    auto from = source("changed"), skipping = source("changed", {.skip_changes = true});
    QVERIFY(from.assign({{.partition = 0}}).ok() && skipping.assign({{.partition = 0}}).ok());
    QCOMPARE(ids(read_all(from)), numbers(0, 2));
    QCOMPARE(ids(read_all(skipping)), numbers(0, 2));
    const auto files = delta::DeltaLog(folder("changed"), &parquet()).read().value().files;
    commit("changed", {delta::CommitInfo{.operation = "DELETE"}, delta::RemoveFile{.path = files.begin()->first}});
    land("changed", 2, 3);
    const QStringList refused = read_all(from);
    QCOMPARE(refused.size(), 1);
    QVERIFY2(refused.front().contains("version 2 of silver.changed is no append: DELETE takes rows away or changes them") && refused.front().contains("change_commits: skip"),
             qPrintable(refused.front()));
    QCOMPARE(ids(read_all(skipping)), numbers(2, 3));
    // Whoever begins now takes the table as it is.
    auto anew = source("changed");
    QVERIFY(anew.assign({{.partition = 0}}).ok());
    QCOMPARE(read_all(anew).size(), 2);
    Positions next;
    land("changed", 3, 5, 2);
    auto again = source("changed");
    QVERIFY(again.assign({{.partition = 0}}).ok());
    RawBatch one;
    QVERIFY(again.poll(one, {.rows = 1}, {}).ok());
    auto resumed = source("changed");
    QVERIFY(resumed.assign({{.partition = 0, .from = one[0].position.offset + 1}}).ok());
    land("changed", 5, 6);
    const QStringList rest = ids(read_all(resumed));
    QCOMPARE(QSet<QString>(rest.begin(), rest.end()).size(), 4);
    QCOMPARE(rest.size(), 4);
    QCOMPARE(rest.back(), QString("5"));
  }

  void versionsWithoutTheirFilesAreNamedAndNothingElseIsLost() {
    land("vacuumed", 0, 6);
    const auto files = [&](std::int64_t version) { return delta::added_rows(folder("vacuumed") + "/_delta_log", version).value().files; };
    auto from = source("vacuumed");
    QVERIFY(from.assign({{.partition = 0}}).ok());
    RawBatch two;
    QVERIFY(from.poll(two, {.rows = 2}, {}).ok());
    for (const std::int64_t version : {2, 3, 5}) fs::remove(folder("vacuumed") + "/" + files(version).front().path);
    const QStringList first = read_all(from);
    QCOMPARE(first.size(), 1);
    QVERIFY2(first.front().contains("versions 2 to 3 of silver.vacuumed cannot be read any more"), qPrintable(first.front()));
    const QStringList rest = read_all(from);
    QCOMPARE(ids(rest).front(), QString("4"));
    QVERIFY2(rest.size() == 2 && rest.back().contains("version 5 of silver.vacuumed cannot be read any more"), qPrintable(rest.join('\n')));
    QCOMPARE(read_all(from), QStringList());
  }

  void aLogThatWasTrimmedIsToldByItsVersions() {
    land("trimmed", 0, 25);
    for (std::int64_t version = 0; version < 8; ++version) remove_commit("trimmed", version);
    auto from = source("trimmed");
    QVERIFY(from.assign({{.partition = 0, .from = delta::TablePosition{3}.to_offset()}}).ok());
    const QStringList lost = read_all(from);
    QVERIFY2(lost.size() == 1 && lost.front().contains("versions 3 to 7 of silver.trimmed cannot be read any more"), qPrintable(lost.join('\n')));
    QCOMPARE(ids(read_all(from)), numbers(8, 25));
    // A first start loses nothing: it takes the table as it is.
    auto anew = source("trimmed");
    QVERIFY(anew.assign({{.partition = 0}}).ok());
    QCOMPARE(ids(read_all(anew)), numbers(0, 25));
  }

  void anotherTableInItsPlaceIsRefused() {
    land("replaced", 0, 5);
    const std::int64_t head = source("replaced").partitions().value().at(0).head;
    fs::remove_all(folder("replaced"));
    land("replaced", 0, 2);
    auto from = source("replaced");
    const Status assigned = from.assign({{.partition = 0, .from = head}});
    QVERIFY(!assigned.ok());
    QVERIFY2(assigned.error().message.find("was read up to version 4, but ends with version 1") != std::string::npos, assigned.error().to_string().c_str());
  }

  void theColumnsThatDivideATableAreInItsRecords() {
    DeltaSinkOptions divided;
    divided.partition_by = {"note", "price"};
    land("divided", 1, 5, 2, divided);
    auto from = source("divided");
    QVERIFY(from.assign({{.partition = 0}}).ok());
    QStringList read = read_all(from);
    read.sort();
    QCOMPARE(read.size(), 4);
    QCOMPARE(read.front(), QString("{\"id\":1,\"price\":0.01,\"note\":\"n1\",\"at\":\"1970-01-01T00:00:00.000Z\"}"));
    QCOMPARE(read.at(2), QString("{\"id\":3,\"price\":0.03,\"note\":null,\"at\":\"1970-01-01T00:00:00.000Z\"}"));
  }

  void nestedColumnsOfOthersAreJson() {
    const std::string table = folder("nested");
    fs::create_directories(table + "/_delta_log");
    QVERIFY(delta::write_synced(table + "/rows.ndjson", "{\"id\":1,\"who\":{\"name\":\"a\",\"tags\":[\"x\",\"y\"]}}\n").ok());
    QVERIFY(parquet().write_json(table + "/rows.ndjson", "{'id': 'BIGINT', 'who': 'STRUCT(name VARCHAR, tags VARCHAR[])'}", table + "/a.parquet").ok());
    const std::string schema = R"({"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}},{"name":"who","type":{"type":"struct","fields":[]},"nullable":true,"metadata":{}}]})";
    commit("nested", {delta::Protocol{}, delta::Metadata{.id = "m", .schema_string = schema},
                      delta::AddFile{.path = "a.parquet", .bytes = static_cast<std::int64_t>(fs::file_size(table + "/a.parquet")), .modified_ms = 5}});
    auto from = source("nested");
    QVERIFY(from.assign({{.partition = 0}}).ok());
    QCOMPARE(read_all(from), QStringList{R"({"id":1,"who":{"name":"a","tags":["x","y"]}})"});
  }

  void itIsOneTableThatIsNamed() {
    const Connector connector = table_connector();
    ConnectorContext context;
    context.parquet = &parquet();
    const auto none = connector.make_source({}, {}, context);
    QVERIFY(!none.ok() && none.error().message.find("names one table") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(DeltaAppendSourceTest)
#include "delta_append_source_test.moc"
