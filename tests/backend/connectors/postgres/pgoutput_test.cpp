#include "connectors/postgres/pgoutput.h"

#include <QTest>

#include "connectors/postgres/cdc_record.h"

using namespace penstock;
using namespace penstock::postgres;

namespace {

std::string unhex(const char* hex) { return QByteArray::fromHex(hex).toStdString(); }

QString json(ValueType::Kind kind, const char* text, ValueType::Kind element = ValueType::Kind::text) {
  std::string out;
  append_json_value({kind, 0, std::make_shared<const ValueType>(ValueType{element, 0, nullptr})}, text, out);
  return QString::fromStdString(out);
}

}  // namespace

class PgoutputTest : public QObject {
  Q_OBJECT

 private slots:
  void a_row_change_is_read() {
    // U, relation 16385, K (1 column: text "7"), N (3 columns: text "8", null, unchanged)
    const std::string update = unhex("5500004001") + "K" + unhex("000174000000") + unhex("0137") + "N" + unhex("000374000000013" "86e75");
    const auto message = parse_pgoutput(update);
    QVERIFY2(message.ok(), message.ok() ? "" : message.error().message.c_str());
    const auto* change = std::get_if<RowChange>(&*message);
    QVERIFY(change && change->what == RowChange::What::update && change->relation == 16385);
    QVERIFY(change->before && !change->before_is_whole && change->before->at(0).text == "7");
    QCOMPARE(change->after.size(), 3u);
    QVERIFY(change->after[0].text == "8" && change->after[1].kind == TupleValue::Kind::null && change->after[2].kind == TupleValue::Kind::unchanged);
  }

  void what_ends_too_early_or_too_late_is_refused() {
    const std::string remove = unhex("4400004001") + "K" + unhex("00017400000001") + "7";
    QVERIFY(parse_pgoutput(remove).ok());
    for (std::size_t size = 0; size < remove.size(); ++size) QVERIFY(!parse_pgoutput(remove.substr(0, size)).ok());
    const auto longer = parse_pgoutput(remove + "x");
    QVERIFY(!longer.ok());
    QVERIFY(longer.error().kind == ErrorKind::data_loss);
    QVERIFY(!parse_pgoutput("?").ok());
    QVERIFY(!parse_replicated("").ok());
  }

  void a_sign_of_life_and_our_answer() {
    const auto alive = parse_replicated("k" + unhex("00000016b374d848") + unhex("0000000000000000") + unhex("01"));
    QVERIFY(alive.ok());
    const auto* read = std::get_if<KeepAlive>(&*alive);
    QVERIFY(read && read->reply);
    QCOMPARE(QString::fromStdString(lsn_text(read->end)), "16/B374D848");
    QCOMPARE(parse_lsn("16/B374D848").value(), read->end);
    QVERIFY(!parse_lsn("16B374D848") && !parse_lsn("16/x"));
    const std::string update = status_update(2, 1, 946684800000000 + 3);
    QCOMPARE(QByteArray::fromStdString(update).toHex(), QByteArray("72" "0000000000000002" "0000000000000001" "0000000000000001" "0000000000000003" "00"));
  }

  void offsets_rise_with_the_log_and_within_a_transaction() {
    const Lsn commit = 0x16b374d848;
    std::int64_t last = 0;
    for (const std::int64_t change : {0, 1, 32'767, 32'768, 40'960, 1'000'000, 200'000'000}) {
      const std::int64_t offset = ChangePlace{commit, ChangePlace::group_of(change)}.offset();
      QVERIFY(offset > last);
      QCOMPARE(ChangePlace::of_offset(offset).commit, commit);
      last = offset;
    }
    QVERIFY((ChangePlace{commit + 8, 0}.offset() > last));
    QVERIFY(ChangePlace::ends_group(5) && !ChangePlace::ends_group(32'768) && ChangePlace::ends_group(40'959));
    QVERIFY((ChangePlace{ChangePlace::kMaxLsn, ChangePlace::group_of(268'000'000)}.offset() > 0));
  }

  void values_are_written_as_json_data() {
    using Kind = ValueType::Kind;
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, Kind kind, const char* text, const char* expected) { QTest::newRow(name) << static_cast<int>(kind) << QByteArray(text) << expected; };
    row("true", Kind::boolean, "t", "true");
    row("false", Kind::boolean, "f", "false");
    row("number", Kind::number, "-9223372036854775808", "-9223372036854775808");
    row("numeric", Kind::real, "12345678901234567890.123456789", "12345678901234567890.123456789");
    row("not a number", Kind::real, "NaN", "\"NaN\"");
    row("infinite number", Kind::real, "-Infinity", "\"-Infinity\"");
    row("timestamp", Kind::timestamp, "2026-01-31 12:00:00.123456", "\"2026-01-31T12:00:00.123456Z\"");
    row("timestamptz", Kind::timestamptz, "2026-01-31 12:00:00+00", "\"2026-01-31T12:00:00Z\"");
    row("another zone", Kind::timestamptz, "2026-01-31 12:00:00+05:30", "\"2026-01-31T12:00:00+05:30\"");
    row("whole hours", Kind::timestamptz, "2026-01-31 12:00:00-07", "\"2026-01-31T12:00:00-07:00\"");
    row("infinity", Kind::timestamptz, "infinity", "\"infinity\"");
    row("something else", Kind::timestamp, "2026-01-31 12:00:00\"\n", "\"2026-01-31 12:00:00\\\"\\n\"");
    row("before Christ", Kind::timestamp, "0044-03-15 12:00:00 BC", "\"0044-03-15 12:00:00 BC\"");
    row("bytes", Kind::bytes, "\\x00ff10", "\"AP8Q\"");
    row("a byte", Kind::bytes, "\\xff", "\"/w==\"");
    row("no byte", Kind::bytes, "\\x", "\"\"");
    row("json", Kind::json, "{\"a\": 1}", "\"{\\\"a\\\": 1}\"");
    row("text", Kind::text, "a\"b\\c\nd\x01", "\"a\\\"b\\\\c\\nd\\u0001\"");
    row("range", Kind::text, "[1,10)", "\"[1,10)\"");
  }
  void values_are_written_as_json() {
    QFETCH(int, kind);
    QFETCH(QByteArray, text);
    QFETCH(QString, expected);
    QCOMPARE(json(static_cast<ValueType::Kind>(kind), text.constData()), expected);
  }

  void arrays_are_lists() {
    using Kind = ValueType::Kind;
    QCOMPARE(json(Kind::array, "{1,NULL,-3}", Kind::number), "[1,null,-3]");
    QCOMPARE(json(Kind::array, "{}", Kind::number), "[]");
    QCOMPARE(json(Kind::array, "{{1,2},{3,4}}", Kind::number), "[[1,2],[3,4]]");
    QCOMPARE(json(Kind::array, "[0:1]={t,f}", Kind::boolean), "[true,false]");
    QCOMPARE(json(Kind::array, "{a,\"b \\\"c\\\"\",\"NULL\",\"x,y\",\"{\",\"\"}"), "[\"a\",\"b \\\"c\\\"\",\"NULL\",\"x,y\",\"{\",\"\"]");
    QCOMPARE(json(Kind::array, "{1,2", Kind::number), "\"{1,2\"");
  }

  void a_line_of_copy_is_a_tuple() {
    std::string scratch;
    Tuple tuple;
    QVERIFY(read_copy_line("7\t\\N\ta\\tb\\\\N\\n\t\n", 4, tuple, scratch).ok());
    QVERIFY(tuple[0].text == "7" && tuple[1].kind == TupleValue::Kind::null && tuple[2].text == "a\tb\\N\n" && tuple[3].text.empty());
    QVERIFY(!read_copy_line("7\t8\n", 3, tuple, scratch).ok());
  }

  void decimals_have_the_digits_of_their_column() {
    const ValueType numeric{ValueType::Kind::real, 1700, nullptr};
    QCOMPARE(QString::fromStdString(json_schema_of(numeric, (12 << 16 | 2) + 4)), "{\"type\":[\"number\",\"null\"],\"x-precision\":12,\"x-scale\":2}");
    QCOMPARE(QString::fromStdString(json_schema_of(numeric, -1)), "{}");
    QCOMPARE(QString::fromStdString(json_schema_of({ValueType::Kind::number, 23, nullptr}, -1)), "{\"type\":[\"integer\",\"null\"],\"format\":\"int32\"}");
  }
};

QTEST_GUILESS_MAIN(PgoutputTest)
#include "pgoutput_test.moc"
