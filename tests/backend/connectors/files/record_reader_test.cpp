#include "connectors/files/record_reader.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <vector>

#include <zlib.h>
#include <zstd.h>

using namespace penstock;
using namespace penstock::files;

namespace {

std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstandard(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string many_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line number " + std::to_string(i) + "\n";
  return text;
}

}  // namespace

class RecordReaderTest : public QObject {
  Q_OBJECT

 private slots:
  void lines_end_in_any_way();
  void csv_records_may_hold_line_ends();
  void a_quote_inside_an_unquoted_cell_swallows_nothing();
  void offsets_and_lines_point_at_the_record();
  void gzip_and_zstd_give_the_same_records();
  void several_members_follow_each_other();
  void what_stands_before_a_cut_is_given();
  void damaged_data_is_told_from_a_cut();
  void a_record_that_is_too_large_is_an_error();
  void byte_order_marks();

 private:
  std::unique_ptr<RecordReader> open(const std::string& name, const std::string& bytes, Framing framing, std::int64_t most = 1 << 20);
  // Records joined by '|', then the error.
  std::string read(const std::string& name, const std::string& bytes, Framing framing = Framing::lines, std::int64_t most = 1 << 20);

  QTemporaryDir folder_;
};

std::unique_ptr<RecordReader> RecordReaderTest::open(const std::string& name, const std::string& bytes, Framing framing, std::int64_t most) {
  const QString path = folder_.filePath(QString::fromStdString(name));
  QFile file(path);
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes.data(), static_cast<qint64>(bytes.size())) < 0) qFatal("cannot write");
  file.close();
  auto opened = open_file(path.toStdString());
  if (!opened.ok()) qFatal("%s", opened.error().to_string().c_str());
  return std::make_unique<RecordReader>(std::move(*opened), framing, ',', most);
}

std::string RecordReaderTest::read(const std::string& name, const std::string& bytes, Framing framing, std::int64_t most) {
  const auto reader = open(name, bytes, framing, most);
  std::string all;
  for (;;) {
    const auto record = reader->next();
    if (!record.ok()) return all + "! " + record.error().message;
    if (!*record) return all;
    all += std::string((*record)->bytes) + "|";
  }
}

void RecordReaderTest::lines_end_in_any_way() {
  QCOMPARE(read("a", "one\ntwo\r\n\n\nthree"), std::string("one|two|three|"));
  QCOMPARE(read("a", ""), std::string());
  QCOMPARE(read("a", "\n\n"), std::string());
}

void RecordReaderTest::csv_records_may_hold_line_ends() {
  QCOMPARE(read("a", "a,\"b\nc\",d\r\ne,\"f\"\"\n\",g\n", Framing::csv), std::string("a,\"b\nc\",d|e,\"f\"\"\n\",g|"));
  QCOMPARE(read("a", "\"\"\n\"\"\"\"\nx", Framing::csv), std::string("\"\"|\"\"\"\"|x|"));
}

void RecordReaderTest::a_quote_inside_an_unquoted_cell_swallows_nothing() {
  QCOMPARE(read("a", "5\" pipe,1\n6\"\" pipe,2\n\"a\"x\"\nlast", Framing::csv), std::string("5\" pipe,1|6\"\" pipe,2|\"a\"x\"|last|"));
}

void RecordReaderTest::offsets_and_lines_point_at_the_record() {
  const auto reader = open("a", "h\n\n\"x\ny\"\nlast", Framing::csv);
  std::vector<std::pair<std::int64_t, std::int64_t>> places;
  for (auto record = reader->next(); record.ok() && *record; record = reader->next()) places.emplace_back((*record)->offset, (*record)->line);
  QCOMPARE(places, (std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 1}, {3, 3}, {9, 5}}));
}

void RecordReaderTest::gzip_and_zstd_give_the_same_records() {
  const std::string text = many_lines(60'000);      // more than one buffer
  const std::string plain = read("a.txt", text);
  QCOMPARE(std::count(plain.begin(), plain.end(), '|'), 60'000);
  QCOMPARE(read("a.gz", gzipped(text)), plain);
  QCOMPARE(read("a.zst", zstandard(text)), plain);
}

void RecordReaderTest::several_members_follow_each_other() {
  QCOMPARE(read("a.gz", gzipped("one\n") + gzipped("two\n")), std::string("one|two|"));
  QCOMPARE(read("a.zst", zstandard("one\n") + zstandard("two\n")), std::string("one|two|"));
}

void RecordReaderTest::what_stands_before_a_cut_is_given() {
  const std::string text = many_lines(50'000);
  const std::string plain = read("a.txt", text);
  for (const auto& [name, packed] : {std::pair<std::string, std::string>{"a.gz", gzipped(text)}, {"a.zst", zstandard(text)}}) {
    const std::string cut = read(name, packed.substr(0, packed.size() * 2 / 3));
    const std::size_t error = cut.find("! ");
    QVERIFY(error != std::string::npos);
    QVERIFY(std::count(cut.begin(), cut.begin() + static_cast<std::ptrdiff_t>(error), '|') > 10'000);
    QVERIFY(plain.starts_with(cut.substr(0, error)));
    QVERIFY(cut.substr(error).starts_with("! the compressed data ends too early; the "));
  }
  QVERIFY(read("a.gz", gzipped("one\n").substr(0, 5)).starts_with("! the compressed data ends too early"));
}

void RecordReaderTest::damaged_data_is_told_from_a_cut() {
  std::string packed = gzipped(many_lines(1000));
  packed[packed.size() / 2] ^= 0x55;
  packed[packed.size() / 2 + 1] ^= 0x55;
  const std::string read_back = read("a.gz", packed);
  QVERIFY(read_back.find("! the compressed data is damaged; the ") != std::string::npos);
  QVERIFY(read("b.gz", "this is no gzip").starts_with("! the compressed data is damaged"));
}

void RecordReaderTest::a_record_that_is_too_large_is_an_error() {
  const std::string large(700'000, 'x');
  QCOMPARE(read("a", "ok\n" + large + "\n", Framing::lines, 300'000), std::string("ok|! the record in line 2 is larger than 300000 bytes"));
  QCOMPARE(read("a", "ok\n\"" + large, Framing::csv, 300'000), std::string("ok|! the record in line 2 is larger than 300000 bytes"));
}

void RecordReaderTest::byte_order_marks() {
  QCOMPARE(read("a", "\xEF\xBB\xBF" "one\n"), std::string("one|"));
  QCOMPARE(read("a", std::string("\xFF\xFE" "o\0n\0", 6)), std::string("! the file is UTF-16; only UTF-8 is read"));
}

QTEST_APPLESS_MAIN(RecordReaderTest)
#include "record_reader_test.moc"
