#include <QTest>

#include <random>

#include "sql/utf8_bounds.h"

using namespace penstock;

class Utf8BoundsTest : public QObject {
  Q_OBJECT

 private slots:
  void short_texts_are_their_own_bounds() {
    QCOMPARE(lower_bound_of("tea", 3).value(), std::string("tea"));
    QCOMPARE(upper_bound_of("tea", 3).value(), std::string("tea"));
    QCOMPARE(upper_bound_of("", 3).value(), std::string());
  }

  void long_texts_are_cut_between_characters() {
    QCOMPARE(lower_bound_of("théière", 3).value(), std::string("thé"));
    QCOMPARE(upper_bound_of("théière", 3).value(), std::string("thê"));
    QCOMPARE(upper_bound_of("ab\U0010FFFF\U0010FFFF", 3).value(), std::string("ac"));
    QCOMPARE(upper_bound_of("\xED\x9F\xBF" "x", 1).value(), std::string("\xEE\x80\x80"));     // over the surrogates
  }

  void what_cannot_be_said_is_nothing() {
    QVERIFY(!upper_bound_of("\U0010FFFF\U0010FFFF", 1));
    QVERIFY(!lower_bound_of("\xff", 3));
    QVERIFY(!lower_bound_of("\xC3", 3));
    QVERIFY(!upper_bound_of("a\xC3" "b", 3));
  }

  void bounds_hold_for_random_texts() {
    const auto seed = std::random_device()();
    qInfo() << "seed" << seed;
    std::mt19937 random(seed);
    static const std::string kAlphabet[] = {"a", "z", "\x7f", "é", "\xDF\xBF", "€", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\U00010000", "\U0010FFFF"};
    for (int round = 0; round < 20'000; ++round) {
      std::string text;
      for (auto length = random() % 7; length > 0; --length) text += kAlphabet[random() % std::size(kAlphabet)];
      const auto most = 1 + random() % 4;
      QVERIFY(*lower_bound_of(text, most) <= text);
      if (const auto upper = upper_bound_of(text, most)) QVERIFY(*upper >= text);
    }
  }
};

QTEST_APPLESS_MAIN(Utf8BoundsTest)
#include "utf8_bounds_test.moc"
