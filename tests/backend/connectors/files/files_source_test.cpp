#include "connectors/files/files_source.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <map>

#include <zlib.h>

#include "backend/sql/rows.h"
#include "connectors/files/files_connector.h"
#include "sql/parquet_files.h"

using namespace penstock;
using namespace penstock::files;

namespace {

const std::string kLastHeaders = "{\"columns\":[\"id\",\"na\\\"me\"],\"file\":\"a.csv\",\"line\":6}";
const Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20);

}  // namespace

class FilesSourceTest : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void files_are_read_once_each_oldest_first();
  void a_restart_goes_on_behind_the_last_position();
  void positions_mean_the_same_after_files_were_added();
  void unfinished_files_are_never_read();
  void a_done_file_says_that_its_neighbour_is_ready();
  void a_file_that_grew_is_read_on();
  void a_record_that_was_half_written_when_it_was_read_comes_again_whole();
  void a_replaced_file_is_a_new_one_and_a_touched_one_is_not();
  void csv_records_carry_their_columns_and_line();
  void a_cut_gzip_gives_its_records_then_one_error_then_the_next_file();
  void a_file_that_was_deleted_while_it_was_read_is_data_loss();
  void until_ends_a_replayed_range();
  void rows_of_parquet_files_are_records();
  void a_parquet_file_that_is_none_is_told_and_the_next_one_comes();
  void what_is_read_again_is_not_kept_and_finds_nothing_new();
  void partitions_share_the_files();
  void a_lost_list_of_files_is_noticed();
  void a_list_that_a_crash_cut_off_is_mended();
  void names_of_two_lines_do_not_spoil_the_list();
  void a_missing_folder_is_named();

 private:
  void write(const QString& name, const QByteArray& content, int seconds_ago = 100);
  void write_parquet(const QString& name, const std::vector<std::vector<std::string>>& rows, int seconds_ago = 100);
  std::unique_ptr<FilesSource> make(std::function<void(FilesConfig&)> change = [](FilesConfig&) {});
  // Values in order, joined by '|'; an error as "! message|".
  std::string read(Source& source, std::vector<Assignment> assignments);
  std::string poll(Source& source);

  std::unique_ptr<Parquet> parquet_ = std::move(*make_parquet_files());
  std::unique_ptr<QTemporaryDir> folder_;
  QString inbox_;
  ManualClock clock_{kNow};
  std::map<std::int32_t, std::int64_t> next_;       // as a stream keeps it
  std::string headers_;                             // of the last record
};

void FilesSourceTest::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  inbox_ = folder_->filePath("inbox");
  QDir().mkpath(inbox_);
  clock_.advance(kNow - clock_.now());
  next_.clear();
}

void FilesSourceTest::write(const QString& name, const QByteArray& content, int seconds_ago) {
  QFile file(inbox_ + "/" + name);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(content);
  file.flush();
  QVERIFY(file.setFileTime(QDateTime::currentDateTimeUtc().addSecs(-seconds_ago), QFileDevice::FileModificationTime));
}

std::unique_ptr<FilesSource> FilesSourceTest::make(std::function<void(FilesConfig&)> change) {
  FilesConfig config;
  config.rules.folder = inbox_.toStdString();
  config.name = "inbox";
  config.watch = false;
  config.every = {};
  config.state_dir = folder_->filePath("state").toStdString();
  change(config);
  return std::make_unique<FilesSource>(config, clock_);
}

std::string FilesSourceTest::poll(Source& source) {
  std::string all;
  for (int quiet = 0; quiet < 2;) {
    RawBatch batch;
    const auto outcome = source.poll(batch, {.rows = 2, .wait = std::chrono::milliseconds(0)}, {});
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      all += std::string(batch[row].damage == RawBatch::Damage::torn ? "torn " : "") + std::string(batch[row].value) + "|";
      headers_ = batch[row].headers;
      next_[batch[row].position.partition] = batch[row].position.offset + 1;
    }
    if (!outcome.ok()) all += "! " + outcome.error().message + "|";
    else if (*outcome == PollOutcome::ended) return all;
    else if (*outcome == PollOutcome::idle) ++quiet;
  }
  return all;
}

std::string FilesSourceTest::read(Source& source, std::vector<Assignment> assignments) {
  const Status assigned = source.assign(assignments);
  return assigned.ok() ? poll(source) : "! " + assigned.error().message;
}

void FilesSourceTest::write_parquet(const QString& name, const std::vector<std::vector<std::string>>& rows, int seconds_ago) {
  const SchemaPtr schema = test::make_schema({{"id", {TypeKind::int64}}, {"price", {TypeKind::decimal, 10, 2}}, {"real", {TypeKind::float64}}, {"sold_at", {TypeKind::timestamp}}});
  QFile::remove(inbox_ + "/" + name);
  const auto written = parquet_->write({test::make_batch(schema, rows)}, schema, (inbox_ + "/" + name).toStdString());
  QVERIFY2(written.ok(), written.ok() ? "" : written.error().to_string().c_str());
  QFile file(inbox_ + "/" + name);
  QVERIFY(file.open(QIODevice::ReadWrite) && file.setFileTime(QDateTime::currentDateTimeUtc().addSecs(-seconds_ago), QFileDevice::FileModificationTime));
}

void FilesSourceTest::rows_of_parquet_files_are_records() {
  const auto as_parquet = [&](FilesConfig& config) {
    config.framing = Framing::parquet;
    config.parquet = parquet_.get();
  };
  write_parquet("b.parquet", {{"3", "300", "nan", "0"}}, 50);
  write_parquet("a.parquet", {{"1", "110", "0.5", "1790000000123456"}, {"2", "NULL", "NULL", "NULL"}});
  const std::string a1 = "{\"id\":1,\"price\":1.10,\"real\":0.5,\"sold_at\":\"2026-09-21T14:13:20.123456Z\"}|", a2 = "{\"id\":2,\"price\":null,\"real\":null,\"sold_at\":null}|",
                    b1 = "{\"id\":3,\"price\":3.00,\"real\":\"NaN\",\"sold_at\":\"1970-01-01T00:00:00.000Z\"}|";
  auto source = make(as_parquet);
  QVERIFY(!source->columns());
  QCOMPARE(read(*source, {{.partition = 0}}), a1 + a2 + b1);
  QCOMPARE(source->columns()->to_string(), std::string("id BIGINT, price DECIMAL(10,2), real DOUBLE, sold_at TIMESTAMP WITH TIME ZONE"));
  QCOMPARE(headers_, std::string("{\"file\":\"b.parquet\",\"line\":1}"));
  QCOMPARE(make(as_parquet)->columns()->size(), std::size_t(4));
  // In the middle of a file, whatever came since; one that was written anew is another file.
  write_parquet("c.parquet", {{"4", "1", "1", "0"}}, 10);
  write_parquet("b.parquet", {{"5", "1", "1", "0"}, {"6", "1", "1", "0"}}, 5);
  const std::string rest = read(*make(as_parquet), {{.partition = 0, .from = 1}});
  QVERIFY2(rest.starts_with(a2) && rest.find("\"id\":1,") == std::string::npos, rest.c_str());
  for (const char* id : {"4", "5", "6"}) QVERIFY2(rest.find(std::string("\"id\":") + id) != std::string::npos, rest.c_str());
}

void FilesSourceTest::a_parquet_file_that_is_none_is_told_and_the_next_one_comes() {
  const auto as_parquet = [&](FilesConfig& config) {
    config.framing = Framing::parquet;
    config.parquet = parquet_.get();
  };
  write_parquet("a.parquet", {{"1", "1", "1", "0"}, {"2", "1", "1", "0"}});
  QFile whole(inbox_ + "/a.parquet");
  QVERIFY(whole.open(QIODevice::ReadOnly));
  write("a.parquet", whole.readAll().chopped(10), 100);
  write_parquet("b.parquet", {{"3", "1", "1", "0"}}, 50);
  const std::string seen = read(*make(as_parquet), {{.partition = 0}});
  QVERIFY2(seen.starts_with("! a.parquet: ") && seen.find("|{\"id\":3,") != std::string::npos, seen.c_str());
  // It was told once; the same file again is not read.
  QCOMPARE(read(*make(as_parquet), {{.partition = 0, .from = next_.at(0)}}), std::string());
}

void FilesSourceTest::files_are_read_once_each_oldest_first() {
  write("b.jsonl", "b1\nb2\n", 300);
  write("a.jsonl", "a1\na2\na3", 200);
  write("c.jsonl", "", 150);
  write("d.jsonl", "d1\n", 100);
  const auto source = make();
  QVERIFY(source->finite());
  QCOMPARE(read(*source, {{.partition = 0}}), std::string("b1|b2|a1|a2|a3|d1|"));
  const auto ranges = source->partitions();
  QCOMPARE(ranges->size(), std::size_t(1));
  QCOMPARE(ranges->front().head, next_[0]);
  QCOMPARE(next_[0], (std::int64_t(3) << 40) + 1);
  QCOMPARE(headers_, std::string(R"({"file":"d.jsonl","line":1})"));
}

void FilesSourceTest::a_restart_goes_on_behind_the_last_position() {
  write("a.jsonl", "a1\na2\na3\n", 300);
  write("b.jsonl", "b1\nb2\n", 200);
  QCOMPARE(read(*make(), {{.partition = 0}}), std::string("a1|a2|a3|b1|b2|"));
  const std::int64_t end = next_[0];
  // Killed after the epoch that held a1 and a2: the files are marked as read, the stream is behind.
  QCOMPARE(read(*make(), {{.partition = 0, .from = 4}}), std::string("a3|b1|b2|"));
  QCOMPARE(read(*make(), {{.partition = 0, .from = end}}), std::string());
  write("c.jsonl", "c1\n", 100);
  QCOMPARE(read(*make(), {{.partition = 0, .from = end}}), std::string("c1|"));
}

void FilesSourceTest::positions_mean_the_same_after_files_were_added() {
  write("m.jsonl", "m1\nm2\n", 200);
  QCOMPARE(read(*make(), {{.partition = 0}}), std::string("m1|m2|"));
  write("older.jsonl", "o1\n", 900);
  write("a.jsonl", "a1\n", 100);
  QCOMPARE(read(*make(), {{.partition = 0, .from = 0}}), std::string("m1|m2|o1|a1|"));
}

void FilesSourceTest::unfinished_files_are_never_read() {
  write(".hidden", "no\n");
  write("a.jsonl.tmp", "no\n");
  write("a.jsonl.part", "no\n");
  write("ok.jsonl", "yes\n");
  write("young.jsonl", "half", 0);
  const auto source = make([](FilesConfig& config) { config.rules.settle = std::chrono::hours(1), config.watch = true; });
  write("ok.jsonl", "yes\n", 4000);
  QCOMPARE(read(*source, {{.partition = 0}}), std::string("yes|"));
  // Still being written: every change begins the wait anew.
  clock_.advance(std::chrono::minutes(40));
  write("young.jsonl", "half and more\n", 0);
  QCOMPARE(poll(*source), std::string());
  clock_.advance(std::chrono::minutes(40));
  QCOMPARE(poll(*source), std::string());
  clock_.advance(std::chrono::minutes(30));
  QCOMPARE(poll(*source), std::string("half and more|"));
}

void FilesSourceTest::a_done_file_says_that_its_neighbour_is_ready() {
  const auto done = [](FilesConfig& config) { config.rules.wait_for_done = true, config.watch = true; };
  write("a.jsonl", "a1\n");
  const auto source = make(done);
  QCOMPARE(read(*source, {{.partition = 0}}), std::string());
  write("a.jsonl.done", "");
  QCOMPARE(poll(*source), std::string("a1|"));
}

void FilesSourceTest::a_file_that_grew_is_read_on() {
  write("a.jsonl", "a1\na2\n", 300);
  QCOMPARE(read(*make(), {{.partition = 0}}), std::string("a1|a2|"));
  write("a.jsonl", "a1\na2\na3\n", 200);
  QCOMPARE(read(*make(), {{.partition = 0, .from = next_[0]}}), std::string("a3|"));
  QCOMPARE(read(*make(), {{.partition = 0, .from = 0}}), std::string("a1|a2|a3|"));
}

void FilesSourceTest::a_record_that_was_half_written_when_it_was_read_comes_again_whole() {
  write("a.jsonl", "a1\na2", 300);
  QCOMPARE(read(*make(), {{.partition = 0}}), std::string("a1|a2|"));
  const std::int64_t half = next_[0];
  write("a.jsonl", "a1\na2 and more\na3\n", 200);
  QCOMPARE(read(*make(), {{.partition = 0, .from = half}}), std::string("torn a2 and more|a3|"));
  // The same again, after a crash that has forgotten the last epochs or all of them.
  QCOMPARE(read(*make(), {{.partition = 0, .from = half}}), std::string("torn a2 and more|a3|"));
  QCOMPARE(read(*make(), {{.partition = 0, .from = 0}}), std::string("a1|a2|torn a2 and more|a3|"));
  // Only its line end was missing: it was whole.
  write("b.jsonl", "b1", 150);
  QCOMPARE(read(*make(), {{.partition = 0, .from = next_[0]}}), std::string("b1|"));
  write("b.jsonl", "b1\r\nb2", 100);
  QCOMPARE(read(*make(), {{.partition = 0, .from = next_[0]}}), std::string("b2|"));
}

void FilesSourceTest::a_replaced_file_is_a_new_one_and_a_touched_one_is_not() {
  write("a.jsonl", "a1\na2\n", 300);
  QCOMPARE(read(*make(), {{.partition = 0}}), std::string("a1|a2|"));
  write("a.jsonl", "a1\na2\n", 200);
  QCOMPARE(read(*make(), {{.partition = 0, .from = next_[0]}}), std::string());
  write("a.jsonl", "n1\nn2\n", 100);
  QCOMPARE(read(*make(), {{.partition = 0, .from = next_[0]}}), std::string("n1|n2|"));
}

void FilesSourceTest::csv_records_carry_their_columns_and_line() {
  write("a.csv", "id,\"na\"\"me\"\r\n1,x\r\n\r\n2,\"y\nz\"\r\n3,w\r\n");
  const auto csv = [](FilesConfig& config) { config.framing = Framing::csv; };
  QCOMPARE(read(*make(csv), {{.partition = 0}}), std::string("1,x|2,\"y\nz\"|3,w|"));
  QCOMPARE(headers_, kLastHeaders);
  // In the middle of a file the columns and lines are still known.
  QCOMPARE(read(*make(csv), {{.partition = 0, .from = 20}}), std::string("2,\"y\nz\"|3,w|"));
  QCOMPARE(headers_, kLastHeaders);
}

void FilesSourceTest::a_cut_gzip_gives_its_records_then_one_error_then_the_next_file() {
  const QString whole = folder_->filePath("whole.gz");
  gzFile packed = gzopen(whole.toStdString().c_str(), "wb");
  for (int i = 0; i < 5; ++i) {
    gzputs(packed, ("row " + std::to_string(i) + "\n").c_str());
    gzflush(packed, Z_FULL_FLUSH);
  }
  gzclose(packed);
  QFile file(whole);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray bytes = file.readAll();
  write("a.gz", bytes.left(bytes.size() - 12), 300);
  write("b.jsonl", "b1\n", 200);
  QCOMPARE(read(*make(), {{.partition = 0}}),
           std::string("row 0|row 1|row 2|row 3|row 4|! a.gz: the compressed data ends too early; the 30 bytes before that were read; its records before "
                       "position 25 were read, the rest is not|b1|"));
  // Known from then on, and what was read is read again from the same positions.
  QCOMPARE(read(*make(), {{.partition = 0, .from = 7}}), std::string("row 2|row 3|row 4|b1|"));
}

void FilesSourceTest::a_file_that_was_deleted_while_it_was_read_is_data_loss() {
  write("a.jsonl", "a1\na2\na3\na4\n", 300);
  write("b.jsonl", "b1\n", 200);
  QCOMPARE(read(*make(), {{.partition = 0, .from = 0, .until = 4}}), std::string("a1|a2|"));
  QVERIFY(QFile::remove(inbox_ + "/a.jsonl"));
  QCOMPARE(read(*make(), {{.partition = 0, .from = 4}}),
           std::string("! a.jsonl: the file is gone or cannot be opened; its records before position 4 were read, the rest is not|b1|"));
}

void FilesSourceTest::until_ends_a_replayed_range() {
  write("a.jsonl", "a1\na2\na3\n", 300);
  write("b.jsonl", "b1\nb2\n", 200);
  const auto watching = [](FilesConfig& config) { config.watch = true; };
  const std::int64_t second = std::int64_t(1) << 40;
  QCOMPARE(read(*make(), {{.partition = 0}}), std::string("a1|a2|a3|b1|b2|"));
  const auto source = make(watching);
  QCOMPARE(read(*source, {{.partition = 0, .from = 3, .until = second + 1}}), std::string("a2|a3|b1|"));
  RawBatch batch;
  QVERIFY(*source->poll(batch, {}, {}) == PollOutcome::ended);
}

void FilesSourceTest::what_is_read_again_is_not_kept_and_finds_nothing_new() {
  write("a.jsonl", "a1\na2\n", 300);
  write("b.jsonl", "b1\nb2\n", 200);
  const std::int64_t second = std::int64_t(1) << 40;
  QCOMPARE(read(*make(), {{.partition = 0}}), std::string("a1|a2|b1|b2|"));
  QFile index(folder_->filePath("state/files-0.index"));
  QVERIFY(index.open(QIODevice::Append | QIODevice::ReadWrite));
  index.write("file\t0\t3");      // that another object is about to write
  index.close();
  const auto list = [&] {
    QFile file(index.fileName());
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  };
  const QByteArray before = list();
  QVERIFY(before.endsWith("file\t0\t3"));
  const auto again = [](FilesConfig& config) { config.again = config.watch = true; };
  write("c.jsonl", "c1\n", 100);
  const auto source = make(again);
  QVERIFY(source->observable());
  const auto ranges = source->partitions();
  QCOMPARE(ranges->front().earliest, 0);
  QCOMPARE(ranges->front().head, second + 4);
  QCOMPARE(read(*source, {{.partition = 0, .from = 3, .until = second + 3}}), std::string("a2|b1|"));
  QVERIFY(QFile::remove(inbox_ + "/a.jsonl"));
  QCOMPARE(make(again)->partitions()->front().earliest, second);
  QCOMPARE(read(*make(again), {{.partition = 0, .from = second, .until = second + 4}}), std::string("b1|b2|"));
  QCOMPARE(read(*make(again), {{.partition = 0, .from = 0, .until = second + 4}}),
           std::string("! a.jsonl: the file is gone or cannot be opened; its records before position 0 were read, the rest is not|b1|b2|"));
  QCOMPARE(list(), before);
}

void FilesSourceTest::partitions_share_the_files() {
  for (int i = 0; i < 12; ++i) write(QString("f%1.jsonl").arg(i), QByteArray::number(i) + "\n", 300 - i);
  const auto three = [](FilesConfig& config) { config.partitions = 3; };
  std::string all;
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    // A shard of its own, as pods have it.
    const std::string own = read(*make(three), {{.partition = partition}});
    QVERIFY(!own.empty());
    all += own;
  }
  for (int i = 0; i < 12; ++i) QCOMPARE(("|" + all).find("|" + std::to_string(i) + "|") != std::string::npos, true);
  QCOMPARE(std::count(all.begin(), all.end(), '|'), 12);
  const auto ranges = make(three)->partitions();
  QCOMPARE(ranges->size(), std::size_t(3));
  for (const PartitionRange& range : *ranges) QCOMPARE(range.head, next_[range.partition]);
}

void FilesSourceTest::a_lost_list_of_files_is_noticed() {
  write("a.jsonl", "a1\n");
  const auto source = make();
  const Status lost = source->assign({{.partition = 0, .from = (std::int64_t(5) << 40) + 3}});
  QVERIFY(!lost.ok());
  QVERIFY(lost.error().kind == ErrorKind::data_loss);
  QVERIFY(source->assign({{.partition = 1}}).error().kind == ErrorKind::not_found);
}

void FilesSourceTest::a_list_that_a_crash_cut_off_is_mended() {
  write("a.jsonl", "a1\n", 300);
  QCOMPARE(read(*make(), {{.partition = 0}}), std::string("a1|"));
  const QString index = folder_->filePath("state/files-0.index");
  {
    QFile file(index);
    QVERIFY(file.open(QIODevice::Append));
    file.write("file\t0\t3\t17");
  }
  write("b.jsonl", "b1\n", 200);
  QCOMPARE(read(*make(), {{.partition = 0, .from = next_[0]}}), std::string("b1|"));
  {
    QFile file(index);
    QVERIFY(file.open(QIODevice::Append));
    file.write("garbage\n");
  }
  const Status damaged = make()->assign({{.partition = 0}});
  QVERIFY(damaged.error().kind == ErrorKind::data_loss);
  QVERIFY(damaged.error().where.ends_with("files-0.index:5"));
}

void FilesSourceTest::names_of_two_lines_do_not_spoil_the_list() {
  QDir().mkpath(inbox_ + "/north\nsouth");
  write("north\nsouth/a.jsonl", "no\n");
  write("b\nc.jsonl", "no\n");
  write("d.jsonl", "yes\n");
  const auto all = [](FilesConfig& config) { config.rules.recursive = true; };
  QCOMPARE(read(*make(all), {{.partition = 0}}), std::string("yes|"));
  QCOMPARE(read(*make(all), {{.partition = 0, .from = 0}}), std::string("yes|"));
}

void FilesSourceTest::a_missing_folder_is_named() {
  const auto source = make([](FilesConfig& config) { config.rules.folder = "/nowhere/at/all"; });
  QVERIFY(source->assign({{.partition = 0}}).ok());
  RawBatch batch;
  const auto outcome = source->poll(batch, {}, {});
  QVERIFY(outcome.error().kind == ErrorKind::not_found);
  QCOMPARE(outcome.error().message, std::string("there is no folder '/nowhere/at/all' to watch"));
}

QTEST_APPLESS_MAIN(FilesSourceTest)
#include "files_source_test.moc"
