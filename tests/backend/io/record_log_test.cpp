#include "io/record_log.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace penstock;

namespace {

RawBatch records(const std::vector<std::string>& values) {
  RawBatch batch;
  for (const std::string& value : values) batch.append({.value = value, .key = "k" + value, .headers = "{}", .source_time_micros = 7, .has_key = value != "b"});
  return batch;
}

// "3:d" for each record from there on.
QStringList texts(const RecordLog& log, std::int64_t from, std::int64_t rows = 100, std::int64_t bytes = 1 << 20) {
  RawBatch out;
  if (const Status read = log.read(from, rows, bytes, out); !read.ok()) return {QString::fromStdString(read.error().to_string())};
  QStringList all;
  for (std::int64_t row = 0; row < out.rows(); ++row) all << QString::number(out[row].position.offset) + ":" + QString::fromUtf8(out[row].value.data(), qsizetype(out[row].value.size()));
  return all;
}

}  // namespace

class RecordLogTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> root_;
  std::string folder() const { return root_->filePath("a/log").toStdString(); }
  std::unique_ptr<RecordLog> open(std::int64_t segment_bytes = 16 << 20) {
    auto log = RecordLog::open(folder(), segment_bytes);
    return log.ok() ? std::move(log).value() : nullptr;
  }
  QStringList files() const { return QDir(root_->filePath("a/log")).entryList({"*.log"}, QDir::Files, QDir::Name); }

 private slots:
  void init() { root_ = std::make_unique<QTemporaryDir>(); }

  void recordsComeBackAfterARestart() {
    auto log = open();
    QVERIFY(log);
    QCOMPARE(log->append(records({"a", "b"}), "first").value(), 0);
    QCOMPARE(log->append(records({}), "nothing").value(), 2);
    QCOMPARE(log->append(records({"c"})).value(), 2);
    log.reset();
    log = open();
    QCOMPARE(log->end(), 3);
    QCOMPARE(texts(*log, 0), (QStringList{"0:a", "1:b", "2:c"}));
    QCOMPARE(texts(*log, 1, 1), QStringList{"1:b"});
    QCOMPARE(texts(*log, 1, 100, 1), QStringList{"1:b"});
    RawBatch out;
    QVERIFY(log->read(0, 2, 100, out).ok());
    QVERIFY(out[0].has_key && !out[1].has_key);
    QCOMPARE(std::string(out[0].key), std::string("ka"));
    QCOMPARE(std::string(out[0].headers), std::string("{}"));
    QCOMPARE(out[0].source_time_micros, 7);
    QStringList notes;
    QVERIFY(log->scan([&](const RecordLog::Group& group) { notes << QString("%1+%2 %3").arg(group.first).arg(group.records).arg(QString::fromUtf8(group.note.data(), qsizetype(group.note.size()))); }).ok());
    QCOMPARE(notes, (QStringList{"0+2 first", "2+0 nothing", "2+1 "}));
  }

  void itIsOpenOnce() {
    auto log = open();
    const auto again = RecordLog::open(folder());
    QVERIFY(!again.ok());
    QCOMPARE(again.error().kind, ErrorKind::unavailable);
    log.reset();
    QVERIFY(open());
  }

  // A power loss in the middle of an append.
  void aTornEndIsCutOff() {
    open()->append(records({"a"})).value();
    const qint64 whole = QFileInfo(root_->filePath("a/log/0.log")).size();
    open()->append(records({"bbbb"})).value();
    const qint64 both = QFileInfo(root_->filePath("a/log/0.log")).size();
    for (qint64 size = both - 1; size >= whole; --size) {
      std::filesystem::resize_file(folder() + "/0.log", static_cast<std::uintmax_t>(size));
      auto log = open();
      QVERIFY(log);
      QCOMPARE(texts(*log, 0), QStringList{"0:a"});
      QCOMPARE(log->append(records({"bbbb"})).value(), 1);
      log.reset();
      QCOMPARE(texts(*open(), 0), (QStringList{"0:a", "1:bbbb"}));
    }
  }
  void damageBeforeTheEndIsNoTornEnd() {
    auto log = open(1);
    for (const char* value : {"a", "b", "c"}) QVERIFY(log->append(records({value})).ok());
    QCOMPARE(files(), (QStringList{"0.log", "1.log", "2.log"}));
    QFile file(root_->filePath("a/log/1.log"));
    QVERIFY(file.open(QIODevice::ReadWrite));
    file.seek(file.size() - 1);
    file.write("x");
    file.close();
    log.reset();
    const auto damaged = RecordLog::open(folder(), 1);
    QVERIFY(!damaged.ok());
    QCOMPARE(damaged.error().kind, ErrorKind::data_loss);
  }

  void whatIsDurableElsewhereIsRemoved() {
    auto log = open(1);
    for (const char* value : {"a", "b", "c"}) QVERIFY(log->append(records({value}), value).ok());
    QStringList gone;
    const auto before = [&](const RecordLog::Group& group) { return gone << QString::fromUtf8(group.note.data(), qsizetype(group.note.size())), Status(); };
    QVERIFY(log->trim(1, before).ok());
    QCOMPARE(gone, QStringList{"a"});
    QCOMPARE(log->begin(), 1);
    QCOMPARE(texts(*log, 0), (QStringList{"1:b", "2:c"}));
    QVERIFY(log->trim(3, before).ok());
    QCOMPARE(gone, (QStringList{"a", "b", "c"}));
    QCOMPARE(files(), QStringList{"3.log"});
    log.reset();
    // The newest note is there still, with no record.
    QStringList notes;
    log = open(1);
    QVERIFY(log->scan([&](const RecordLog::Group& group) { notes << QString("%1+%2 %3").arg(group.first).arg(group.records).arg(QString::fromUtf8(group.note.data(), qsizetype(group.note.size()))); }).ok());
    QCOMPARE(notes, QStringList{"3+0 c"});
    log.reset();
    QCOMPARE(open(1)->append(records({"d"})).value(), 3);
    QCOMPARE(texts(*open(1), 0), QStringList{"3:d"});
  }
  void aNewLogGoesOnWhereTheStateIs() {
    QVERIFY(open()->begin_at(42).ok());
    auto log = open();
    QCOMPARE(log->begin(), 42);
    QCOMPARE(log->append(records({"a"})).value(), 42);
    QCOMPARE(log->begin(), 42);
    QVERIFY(!log->begin_at(7).ok());
  }
};

QTEST_GUILESS_MAIN(RecordLogTest)
#include "record_log_test.moc"
