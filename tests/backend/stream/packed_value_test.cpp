#include <QTest>

#include <random>

#include "stream/packed_value.h"

using namespace penstock;

namespace {

std::string noise(std::size_t size) {
  std::mt19937_64 random(7);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

std::string alike(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += R"({"store":")" + std::to_string(i % 40) + R"(","qty":1})";
  text.resize(size);
  return text;
}

}  // namespace

class PackedValueTest : public QObject {
  Q_OBJECT
 private slots:
  void every_value_comes_back_data() {
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<bool>("shrinks");
    const auto row = [](const char* name, const std::string& value, bool shrinks) { QTest::newRow(name) << QByteArray::fromStdString(value) << shrinks; };
    row("empty", "", false);
    row("small", alike(1'023), false);
    row("rows that are alike", alike(1'024), true);
    row("many of them", alike(3'000'000), true);
    row("hashes", noise(100'000), false);
    row("what begins as a packed value does", "\xB7LZ4" + noise(100), false);
    row("the magic alone", "\xB7LZ4", false);
  }
  void every_value_comes_back() {
    QFETCH(const QByteArray, value);
    QFETCH(const bool, shrinks);
    const std::string given = value.toStdString();
    std::string packed, unpacked;
    const std::string_view stored = pack_value(given, packed);
    QCOMPARE(stored.size() < given.size(), shrinks);
    const auto back = unpack_value(stored, unpacked);
    QVERIFY(back.has_value());
    QVERIFY(*back == given);
  }

  void what_is_damaged_is_told() {
    std::string buffer, out;
    const std::string stored(pack_value(alike(50'000), buffer));
    QVERIFY(!unpack_value(std::string_view(stored).substr(0, stored.size() / 2), out));
    std::string longer = stored;
    longer[4] = static_cast<char>(longer[4] + 1);
    QVERIFY(!unpack_value(longer, out));
    longer.replace(4, 4, "\xff\xff\xff\x7f");      // two gigabytes of some hundred bytes
    QVERIFY(!unpack_value(longer, out));
    QVERIFY(out.capacity() < 1'000'000);
  }
};

QTEST_APPLESS_MAIN(PackedValueTest)
#include "packed_value_test.moc"
