#include <QTest>

#include <algorithm>
#include <random>

#include "store/text_search.h"

using namespace penstock;

class TextSearchTest : public QObject {
  Q_OBJECT

 private slots:
  void letters_of_either_case_are_the_same() {
    QVERIFY(TextSearch("ORDER-3").found_in("web order-31"));
    QVERIFY(TextSearch("order-3").found_in("ORDER-3"));
    QVERIFY(!TextSearch("order-3").found_in("order-4"));
    QVERIFY(!TextSearch("[").found_in("{"));       // 32 apart, but no letters
  }

  void nothing_is_in_everything() {
    QVERIFY(TextSearch("").found_in(""));
    QVERIFY(TextSearch("").found_in("x"));
    QVERIFY(!TextSearch("x").found_in(""));
  }

  void a_part_longer_than_a_step_is_found() {
    const std::string part = "x" + std::string(400, 'a');
    QVERIFY(TextSearch(part).found_in(std::string(300, 'a') + part));
    QVERIFY(!TextSearch(part).found_in(std::string(900, 'a')));
  }

  void it_finds_what_a_plain_search_finds() {
    const unsigned seed = std::random_device()();
    std::mt19937 dice(seed);
    const auto text_of = [&](std::size_t size) {
      std::string text;
      while (text.size() < size) text += "abAB-"[dice() % 5];
      return text;
    };
    const auto small = [](std::string text) {
      std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
      return text;
    };
    for (int i = 0; i < 20'000; ++i) {
      const std::string text = text_of(dice() % 20), part = text_of(1 + dice() % 5);
      const bool expected = small(text).find(small(part)) != std::string::npos;
      QVERIFY2(TextSearch(part).found_in(text) == expected, qPrintable(QString("seed %1: '%2' in '%3'").arg(seed).arg(part.c_str(), text.c_str())));
      const std::size_t from = dice() % 4;
      QVERIFY2(TextSearch(part).find_in_small(small(text), from) == small(text).find(small(part), from),
               qPrintable(QString("seed %1: '%2' in '%3' from %4").arg(seed).arg(part.c_str(), text.c_str()).arg(from)));
    }
  }
};

QTEST_GUILESS_MAIN(TextSearchTest)
#include "text_search_test.moc"
