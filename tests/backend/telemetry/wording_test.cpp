#include <QTest>

#include "telemetry/wording.h"

using namespace penstock;

class WordingTest : public QObject {
  Q_OBJECT

 private slots:
  void numbers_have_thousands() {
    QCOMPARE(with_thousands(0), std::string("0"));
    QCOMPARE(with_thousands(999), std::string("999"));
    QCOMPARE(with_thousands(1'000), std::string("1,000"));
    QCOMPARE(with_thousands(88'120'394), std::string("88,120,394"));
    QCOMPARE(with_thousands(-1'234), std::string("-1,234"));
    QCOMPARE(with_thousands(-123), std::string("-123"));
  }
  void one_is_singular() {
    QCOMPARE(count_of(1, "table"), std::string("1 table"));
    QCOMPARE(count_of(1'204, "row"), std::string("1,204 rows"));
  }
  void percents_keep_two_digits() {
    QCOMPARE(percent_of(0.031), std::string("3.1 %"));
    QCOMPARE(percent_of(0.0002), std::string("0.02 %"));
    QCOMPARE(percent_of(0.12), std::string("12 %"));
    QCOMPARE(percent_of(0), std::string("0 %"));
    QCOMPARE(percent_of(1), std::string("100 %"));
  }
  void times_name_their_zone() { QCOMPARE(clock_time(1'763'648'875'000'000), std::string("14:27:55 UTC")); }
  void durations_have_two_parts() {
    QCOMPARE(in_words(7'000'000), std::string("7 s"));
    QCOMPARE(in_words(252'000'000), std::string("4 m 12 s"));
    QCOMPARE(in_words(7'500'000'000), std::string("2 h 5 m"));
  }
};

QTEST_APPLESS_MAIN(WordingTest)
#include "wording_test.moc"
