#include "io/scalar_text.h"

#include <QTest>

using namespace penstock;

class ScalarTextTest : public QObject {
  Q_OBJECT

 private slots:
  void decimals_data();
  void decimals();
  void decimal_faults_are_told_apart();
  void json_numbers_follow_the_grammar();
  void base64_needs_its_padding();
  void shortened_never_cuts_a_character();
  void what_is_no_utf8_is_replaced();
};

void ScalarTextTest::decimals_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<qint64>("unscaled");   // with three decimals
  QTest::newRow("zero") << "0" << qint64(0);
  QTest::newRow("negative zero") << "-0.000" << qint64(0);
  QTest::newRow("fewer decimals") << "1.5" << qint64(1500);
  QTest::newRow("trailing zeros") << "1.50000000000000000000" << qint64(1500);
  QTest::newRow("exponent up") << "12e2" << qint64(1'200'000);
  QTest::newRow("exponent down") << "12.5E-1" << qint64(1250);
  QTest::newRow("zero with a large exponent") << "0e99" << qint64(0);
  QTest::newRow("negative") << "-999999999999.999" << qint64(-999'999'999'999'999);
}

void ScalarTextTest::decimals() {
  QFETCH(QString, text);
  QFETCH(qint64, unscaled);
  Int128 value;
  QVERIFY(parse_decimal(text.toStdString(), {TypeKind::decimal, 15, 3}, value) == DecimalFault::none);
  QCOMPARE(qint64(value.low), unscaled);
  QCOMPARE(value.high, std::int64_t(unscaled < 0 ? -1 : 0));
}

void ScalarTextTest::decimal_faults_are_told_apart() {
  const Type type{TypeKind::decimal, 5, 2};
  Int128 value;
  QVERIFY(parse_decimal("999.99", type, value) == DecimalFault::none);
  QVERIFY(parse_decimal("1000", type, value) == DecimalFault::too_many_digits);
  QVERIFY(parse_decimal("1e98", type, value) == DecimalFault::too_many_digits);
  QVERIFY(parse_decimal("1e999999999999", type, value) == DecimalFault::too_many_digits);
  QVERIFY(parse_decimal("1.234", type, value) == DecimalFault::too_many_decimals);
  QVERIFY(parse_decimal("1e-3", type, value) == DecimalFault::too_many_decimals);
  for (const char* text : {"", "-", ".5", "5.", "+1", "01", "1e", "0x1", "1 ", "1_000"})
    QVERIFY2(parse_decimal(text, type, value) == DecimalFault::not_a_number, text);
  const Type wide{TypeKind::decimal, 38, 0};
  QVERIFY(parse_decimal(std::string(38, '9'), wide, value) == DecimalFault::none);
  QVERIFY((value == Int128{0x098a223fffffffff, 0x4b3b4ca85a86c47a}));
  QVERIFY(parse_decimal(std::string(39, '9'), wide, value) == DecimalFault::too_many_digits);
}

void ScalarTextTest::json_numbers_follow_the_grammar() {
  for (const char* text : {"0", "-0", "10", "0.5", "-1.5e+10", "1E-2"}) QVERIFY2(is_json_number(text), text);
  for (const char* text : {"", "-", "00", "1.", ".1", "1e", "1e+", "Infinity", "NaN", "1a"}) QVERIFY2(!is_json_number(text), text);
}

void ScalarTextTest::base64_needs_its_padding() {
  QCOMPARE(*parse_base64(""), std::string());
  QCOMPARE(*parse_base64("TQ=="), std::string("M"));
  QCOMPARE(*parse_base64("TWE="), std::string("Ma"));
  QCOMPARE(*parse_base64("TWFu"), std::string("Man"));
  for (const char* text : {"TQ", "TQ=", "T===", "TQ=x", "TQ==TQ==", "T*FuTWFu"}) QVERIFY2(!parse_base64(text), text);
}

void ScalarTextTest::shortened_never_cuts_a_character() {
  QCOMPARE(shortened("a\nb"), std::string("a b"));
  std::string long_text;
  for (int i = 0; i < 30; ++i) long_text += "é";
  std::string expected = long_text.substr(0, 40);
  QCOMPARE(shortened(long_text), expected + "…");
  QCOMPARE(shortened("x" + long_text), "x" + long_text.substr(0, 38) + "…");
}

void ScalarTextTest::what_is_no_utf8_is_replaced() {
  QCOMPARE(utf8_text(""), std::string(""));
  QCOMPARE(utf8_text("12,50 €, é"), std::string("12,50 €, é"));
  QCOMPARE(utf8_text("12,50 \x80"), std::string("12,50 \uFFFD"));                                // Windows-1252
  QCOMPARE(utf8_text("caf\xE9s"), std::string("caf\uFFFDs"));
  QCOMPARE(utf8_text("\xFF\xFE" "a"), std::string("\uFFFD\uFFFD" "a"));
  QCOMPARE(utf8_text("cut \xE2\x82"), std::string("cut \uFFFD\uFFFD"));
  QCOMPARE(utf8_text("\xED\xA0\x80 eight or more of them"), std::string("\uFFFD\uFFFD\uFFFD eight or more of them"));      // half of a pair
  QCOMPARE(shortened("12,50 \x80"), std::string("12,50 \uFFFD"));
  QVERIFY(is_utf8(shortened(std::string(60, '\x80'))));
}

QTEST_APPLESS_MAIN(ScalarTextTest)
#include "scalar_text_test.moc"
