#include "connectors/json/json_decoder.h"

#include <QTest>

#include "connectors/json/json_formats.h"

using namespace penstock;

namespace {

Contract contract_of(std::vector<ContractField> fields) { return {std::move(fields)}; }

ContractField field(std::string name, Type type) { return {.name = std::move(name), .type = type}; }

// One column named v; everything about a type is seen through it.
struct One {
  Batch rows;
  Decoded decoded;
  std::string text(std::int64_t row = 0) const { return rows.column(0).is_null(row) ? "NULL" : rows.column(0).to_text(row); }
  std::string reason() const { return decoded.failures.empty() ? "" : decoded.failures.front().reason; }
};

One decode(const Contract& contract, const std::vector<std::string>& records) {
  auto decoder = make_json_decoder(contract);
  if (!decoder.ok()) qFatal("%s", decoder.error().to_string().c_str());
  RawBatch raw;
  for (std::size_t i = 0; i < records.size(); ++i) raw.append({.position = {0, static_cast<std::int64_t>(i)}, .value = records[i]});
  BatchBuilder columns((*decoder)->schema());
  One one;
  one.decoded = (*decoder)->decode(raw, columns);
  one.rows = columns.finish();
  return one;
}

One decode_value(ContractField v, const std::string& value) { return decode(contract_of({std::move(v)}), {"{\"v\":" + value + "}"}); }

std::string taken(ContractField v, const std::string& value) {
  const One one = decode_value(std::move(v), value);
  return one.reason().empty() ? one.text() : "refused: " + one.reason();
}

void same(const std::string& actual, const std::string& expected) {
  QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected));
}

const Type kInt32{TypeKind::int32}, kInt64{TypeKind::int64}, kText{TypeKind::varchar}, kTime{TypeKind::timestamp}, kDate{TypeKind::date},
    kReal{TypeKind::float64}, kBool{TypeKind::boolean}, kJson{TypeKind::json}, kBlob{TypeKind::blob}, kMoney{TypeKind::decimal, 10, 2};

}  // namespace

class JsonDecoderTest : public QObject {
  Q_OBJECT

 private slots:
  void a_record_becomes_a_row_of_exact_values();
  void whole_numbers_are_never_made_from_something_else();
  void decimals_are_exact_or_refused();
  void real_numbers_and_booleans();
  void text_is_unescaped_once();
  void times_need_a_zone_unless_the_contract_allows_numbers();
  void dates();
  void nested_values_are_kept_as_they_are_written();
  void bytes_come_from_base64_or_characters();
  void null_is_taken_only_where_the_contract_allows_it();
  void missing_fields();
  void order_of_fields_does_not_matter();
  void unknown_fields_are_drift();
  void unknown_fields_may_be_very_many();
  void checks_of_the_contract();
  void a_broken_record_is_refused_with_its_reason_data();
  void a_broken_record_is_refused_with_its_reason();
  void a_refused_record_is_a_row_of_nulls_between_its_neighbours();
  void text_and_bytes_take_records_whole();
  void the_frame_of_a_schema_is_passed_over();
};

void JsonDecoderTest::a_record_becomes_a_row_of_exact_values() {
  const One one = decode(contract_of({field("event_id", kText), field("qty", kInt64), field("unit_price", kMoney), field("sold_at", kTime)}),
                         {R"({"event_id":"pos-1","qty":3,"unit_price":12.99,"sold_at":"2026-11-20T14:32:07.250Z"})",
                          R"( { "event_id" : "pos-2" , "qty" : -1 , "unit_price" : 0.5 , "sold_at" : "2026-11-20T15:32:07+01:00" } )"});
  QVERIFY(one.decoded.failures.empty());
  QVERIFY(one.decoded.drift.empty());
  QCOMPARE(one.rows.rows(), 2);
  same(std::string(one.rows.column(0).bytes(1)), "pos-2");
  QCOMPARE(one.rows.column(1).int64(0), 3);
  QCOMPARE(one.rows.column(1).int64(1), -1);
  QVERIFY((one.rows.column(2).decimal(0) == Int128{1299, 0}));
  QVERIFY((one.rows.column(2).decimal(1) == Int128{50, 0}));
  QCOMPARE(one.rows.column(3).int64(0), 1'795'185'127'250'000);
  QCOMPARE(one.rows.column(3).int64(1), 1'795'185'127'000'000);
}

void JsonDecoderTest::whole_numbers_are_never_made_from_something_else() {
  const auto v = [](Type type) { return field("v", type); };
  same(taken(v(kInt64), "9223372036854775807"), "9223372036854775807");
  same(taken(v(kInt64), "-9223372036854775808"), "-9223372036854775808");
  same(taken(v(kInt64), "9223372036854775808"), "refused: v: expected a whole number of 64 bits, got 9223372036854775808");
  same(taken(v(kInt64), "\"three\""), "refused: v: expected a whole number, got \"three\"");
  same(taken(v(kInt64), "\"3\""), "refused: v: expected a whole number, got \"3\"");
  same(taken(v(kInt64), "3.0"), "refused: v: expected a whole number, got 3.0");
  same(taken(v(kInt64), "1e3"), "refused: v: expected a whole number, got 1e3");
  same(taken(v(kInt64), "true"), "refused: v: expected a whole number, got true");
  same(taken(v(kInt64), "[3]"), "refused: v: expected a whole number, got an array");
  same(taken(v(kInt32), "2147483647"), "2147483647");
  same(taken(v(kInt32), "2147483648"), "refused: v: expected a whole number of 32 bits, got 2147483648");
}

void JsonDecoderTest::decimals_are_exact_or_refused() {
  const auto v = [] { return field("v", kMoney); };
  same(taken(v(), "12.99"), "12.99");
  same(taken(v(), "-0.01"), "-0.01");
  same(taken(v(), "12"), "12.00");
  same(taken(v(), "12.990"), "12.99");
  same(taken(v(), "1.5e3"), "1500.00");
  same(taken(v(), "99999999.99"), "99999999.99");
  same(taken(v(), "100000000"), "refused: v: expected a number of at most 8 digits before and 2 after the point, got 100000000");
  same(taken(v(), "12.999"), "refused: v: expected a number of at most 8 digits before and 2 after the point, got 12.999");
  same(taken(v(), "\"12.99\""), "refused: v: expected a number of at most 8 digits before and 2 after the point, got \"12.99\"");
  ContractField as_text = v();
  as_text.decimal_as_text = true;
  same(taken(as_text, "\"12.99\""), "12.99");
  same(taken(field("v", {TypeKind::decimal, 38, 10}), "-1234567890123456789012345678.0123456789"), "-1234567890123456789012345678.0123456789");
}

void JsonDecoderTest::real_numbers_and_booleans() {
  QCOMPARE(decode_value(field("v", kReal), "-1.25e2").rows.column(0).float64(0), -125.0);
  QCOMPARE(decode_value(field("v", kReal), "7").rows.column(0).float64(0), 7.0);
  same(taken(field("v", kReal), "1e999"), "refused: v: expected a number, got 1e999");
  same(taken(field("v", kReal), "NaN"), "refused: v: expected a number, got NaN");
  same(taken(field("v", kBool), "true"), "true");
  same(taken(field("v", kBool), "false"), "false");
  same(taken(field("v", kBool), "1"), "refused: v: expected true or false, got 1");
  same(taken(field("v", kBool), "truer"), "refused: v: expected true or false, got truer");
}

void JsonDecoderTest::text_is_unescaped_once() {
  const auto v = [] { return field("v", kText); };
  same(taken(v(), R"("")"), "");
  same(taken(v(), R"("a \"b\" \\ \n \u00e9")"), "a \"b\" \\ \n é");
  same(taken(v(), R"("\ud83d\ude00 caf\u00e9 é")"), "😀 café é");
  same(taken(v(), R"("\ud83d")"), R"(refused: v: expected text with valid escapes, got "\ud83d")");
  same(taken(v(), R"("\x")"), R"(refused: v: expected text with valid escapes, got "\x")");
  same(taken(v(), "12"), "refused: v: expected text, got 12");
  same(taken(v(), "\"" + std::string(100, 'a') + "\""), std::string(100, 'a'));
}

void JsonDecoderTest::times_need_a_zone_unless_the_contract_allows_numbers() {
  const auto v = [](ContractField::Epoch epoch) {
    ContractField time = field("v", kTime);
    time.epoch = epoch;
    return time;
  };
  const auto micros = [](ContractField time, const std::string& value) { return decode_value(std::move(time), value).rows.column(0).int64(0); };
  using Epoch = ContractField::Epoch;
  QCOMPARE(micros(v(Epoch::none), R"("2026-11-20T00:00:00.000001Z")"), 1'795'132'800'000'001);
  QCOMPARE(micros(v(Epoch::none), R"("2026-11-20 00:00:00-02:30")"), 1'795'141'800'000'000);
  QCOMPARE(micros(v(Epoch::millis), "1795132800123"), 1'795'132'800'123'000);
  QCOMPARE(micros(v(Epoch::micros), "-1"), -1);
  QCOMPARE(micros(v(Epoch::millis), R"("1970-01-01T00:00:01Z")"), 1'000'000);
  same(taken(v(Epoch::none), R"("2026-11-20T00:00:00")"),
       R"(refused: v: expected a time with a zone like 2026-11-20T14:32:07Z, got "2026-11-20T00:00:00")");
  same(taken(v(Epoch::none), R"("2026-02-30T00:00:00Z")"),
       R"(refused: v: expected a time with a zone like 2026-11-20T14:32:07Z, got "2026-02-30T00:00:00Z")");
  same(taken(v(Epoch::none), "1795132800123"), "refused: v: expected a time with a zone like 2026-11-20T14:32:07Z, got 1795132800123");
  same(taken(v(Epoch::millis), "9223372036854775807"), "refused: v: expected a time with a zone like 2026-11-20T14:32:07Z, got 9223372036854775807");
}

void JsonDecoderTest::dates() {
  ContractField date = field("v", kDate);
  same(taken(date, R"("2026-11-20")"), "2026-11-20");
  same(taken(date, R"("2026-11-31")"), R"(refused: v: expected a date like 2026-11-20, got "2026-11-31")");
  same(taken(date, "20777"), "refused: v: expected a date like 2026-11-20, got 20777");
  date.date_as_days = true;
  QCOMPARE(decode_value(date, "20777").rows.column(0).int32(0), 20777);
}

void JsonDecoderTest::nested_values_are_kept_as_they_are_written() {
  ContractField v = field("v", kJson);
  same(taken(v, R"({"b": [1, {"c":null}],"a":"x\u0041"} )"), R"({"b": [1, {"c":null}],"a":"x\u0041"})");
  same(taken(v, "[]"), "[]");
  same(taken(v, "12.50"), "12.50");
  same(taken(v, R"({"a":tru})"), "refused: v: expected JSON, got tru");
  same(taken(v, R"([1,,2])"), "refused: v: expected JSON, got ,");
  same(taken(v, R"([01])"), "refused: v: expected JSON, got 01");
  same(taken(v, std::string(65, '[') + std::string(65, ']')), "refused: v: is nested deeper than 64 levels");
  v.json = ContractField::Json::object;
  same(taken(v, "[1]"), "refused: v: expected an object, got an array");
}

void JsonDecoderTest::bytes_come_from_base64_or_characters() {
  ContractField v = field("v", kBlob);
  same(std::string(decode_value(v, "\"aGVsbG8=\"").rows.column(0).bytes(0)), "hello");
  same(taken(v, "\"aGVsbG8\""), "refused: v: expected bytes in base64, got \"aGVsbG8\"");
  v.bytes_text = ContractField::BytesText::latin1;
  same(std::string(decode_value(v, R"("\u00ffA")").rows.column(0).bytes(0)), "\xff" "A");
  same(taken(v, R"("\u0100")"), R"(refused: v: expected bytes as characters up to U+00FF, got "\u0100")");
}

void JsonDecoderTest::null_is_taken_only_where_the_contract_allows_it() {
  ContractField v = field("v", kInt64);
  same(taken(v, "null"), "refused: v: expected a whole number, got null");
  v.nullable = true;
  same(taken(v, "null"), "NULL");
  same(taken(v, "nul"), "refused: v: expected a whole number, got nul");
}

void JsonDecoderTest::missing_fields() {
  ContractField required = field("a", kInt64);
  ContractField optional = field("b", kInt64);
  optional.required = false;
  ContractField filled = field("c", kText);
  filled.required = false;
  filled.fallback = "\"none\"";
  const One one = decode(contract_of({required, optional, filled}), {R"({"a":1})", R"({"b":1})", "{}"});
  QCOMPARE(one.decoded.failures.size(), std::size_t(2));
  QCOMPARE(one.decoded.failures[0].row, 1);
  same(one.decoded.failures[0].reason, "a: is missing");
  same(one.decoded.failures[1].reason, "a: is missing");
  QVERIFY(one.rows.column(1).is_null(0));
  same(one.rows.column(2).to_text(0), "none");
  filled.fallback = "7";
  const auto wrong = make_json_decoder(contract_of({filled}));
  same(wrong.error().message, "the default of 'c': expected text, got 7");
}

void JsonDecoderTest::order_of_fields_does_not_matter() {
  const One one = decode(contract_of({field("a", kInt64), field("ab", kInt64), field("c", kInt64)}),
                         {R"({"a":1,"ab":2,"c":3})", R"({"c":3,"a":1,"ab":2})", R"({"c":3,"a":1,"ab":2})", R"({"\u0061b":2,"c":3,"a":1})"});
  QVERIFY(one.decoded.failures.empty());
  for (std::int64_t row = 0; row < 4; ++row)
    for (std::size_t column = 0; column < 3; ++column) QCOMPARE(one.rows.column(column).int64(row), std::int64_t(column + 1));
}

void JsonDecoderTest::unknown_fields_are_drift() {
  const One one = decode(contract_of({field("a", kInt64)}),
                         {R"({"a":1})", R"({"a":1,"till_version":"7.2"})", R"({"x":{"y":[1]},"a":1,"till_version":"7.3"})", R"({"a":1})"});
  QVERIFY(one.decoded.failures.empty());
  QCOMPARE(one.decoded.drifted_rows, (std::vector<std::int64_t>{1, 2}));
  QCOMPARE(one.decoded.drift.size(), std::size_t(2));
  same(one.decoded.drift[0].name, "till_version");
  same(one.decoded.drift[0].what, "added");
  QCOMPARE(one.decoded.drift[0].first_row, 1);
  QCOMPARE(one.decoded.drift[0].rows, 2);
  same(one.decoded.drift[1].name, "x");
  QCOMPARE(one.decoded.drift[1].first_row, 2);
}

// As where a record is a map.
void JsonDecoderTest::unknown_fields_may_be_very_many() {
  std::string all;
  for (int i = 0; i < 100'000; ++i) all += ",\"k" + std::to_string(i) + "\":0";
  const One one = decode(contract_of({field("a", kInt64)}), {"{\"a\":1" + all + "}", "{\"a\":2" + all + "}", "{\"a\":3" + all + ",\"k70000\":1}"});
  QCOMPARE(one.decoded.drift.size(), std::size_t(100'000));
  same(one.decoded.drift[99'999].name, "k99999");
  QCOMPARE(one.decoded.drift[99'999].rows, 2);
  QCOMPARE(one.decoded.failures.size(), std::size_t(1));
  same(one.decoded.failures[0].reason, "k70000: is given twice");
}

void JsonDecoderTest::checks_of_the_contract() {
  ContractField status = field("v", kText);
  status.checks.one_of = {"paid", "open"};
  same(taken(status, "\"paid\""), "paid");
  same(taken(status, "\"lost\""), R"(refused: v: expected one of "paid", "open", got "lost")");
  ContractField qty = field("v", kInt64);
  qty.checks.minimum = 1;
  qty.checks.maximum = 10;
  qty.checks.maximum_exclusive = true;
  same(taken(qty, "1"), "1");
  same(taken(qty, "0"), "refused: v: expected at least 1, got 0");
  same(taken(qty, "10"), "refused: v: expected less than 10, got 10");
  ContractField sku = field("v", kText);
  sku.checks.pattern = "^SKU-[0-9]+$";
  sku.checks.max_length = 7;
  same(taken(sku, "\"SKU-1\""), "SKU-1");
  same(taken(sku, "\"sku-1\""), "refused: v: expected text that matches ^SKU-[0-9]+$, got \"sku-1\"");
  same(taken(sku, "\"SKU-1234\""), "refused: v: expected at most 7 characters, got \"SKU-1234\"");
  sku.checks.pattern = "(";
  QVERIFY(!make_json_decoder(contract_of({sku})).ok());
}

void JsonDecoderTest::a_broken_record_is_refused_with_its_reason_data() {
  QTest::addColumn<QByteArray>("record");
  QTest::addColumn<QString>("reason");
  const auto row = [](const char* name, QByteArray record, const char* reason) { QTest::newRow(name) << record << QString::fromUtf8(reason); };
  row("empty", "", "the record is empty");
  row("blank", "   ", "the record is empty");
  row("not json", "hello", "expected an object, got hello");
  row("array", "[1,2]", "expected an object, got [1,2]");
  row("cut in a text", R"({"v":"ab)", "not JSON: a text is not closed");
  row("cut after a value", R"({"v":1)", "not JSON: the object is not closed");
  row("cut after a colon", R"({"v":)", "not JSON: the object is not closed");
  row("missing colon", R"({"v" 1})", "not JSON: a comma, a colon or a brace is missing or too many");
  row("missing comma", R"({"v":1 "w":2})", "not JSON: a comma, a colon or a brace is missing or too many");
  row("comma before the end", R"({"v":1,})", "not JSON: a comma, a colon or a brace is missing or too many");
  row("two objects", R"({"v":1}{"v":2})", "not JSON: something follows the object");
  row("text behind", R"({"v":1} x)", "not JSON: the object is not closed");
  row("twice", R"({"v":1,"v":1})", "v: is given twice");
  row("unknown twice", R"({"v":1,"x":1,"x":2})", "x: is given twice");
  row("byte order mark", "\xEF\xBB\xBF{\"v\":1}", "the record starts with a byte order mark");
  row("latin-1", "{\"v\":1,\"x\":\"\xe9\"}", "the record is not valid UTF-8");
  row("control character", "{\"v\":1,\"x\":\"a\nb\"}", "not JSON: a text holds a control character that is not escaped");
  row("single quotes", "{'v':1}", "not JSON: a comma, a colon or a brace is missing or too many");
  row("broken unknown", R"({"v":1,"x":tru})", "x: expected JSON, got tru");
}

void JsonDecoderTest::a_broken_record_is_refused_with_its_reason() {
  QFETCH(QByteArray, record);
  QFETCH(QString, reason);
  const One one = decode(contract_of({field("v", kInt64)}), {R"({"v":7})", record.toStdString(), R"({"v":8})"});
  QCOMPARE(one.decoded.failures.size(), std::size_t(1));
  QCOMPARE(one.decoded.failures.front().row, 1);
  QCOMPARE(QString::fromStdString(one.reason()), reason);
  QCOMPARE(one.rows.column(0).int64(0), 7);
  QVERIFY(one.rows.column(0).is_null(1));
  QCOMPARE(one.rows.column(0).int64(2), 8);
}

void JsonDecoderTest::a_refused_record_is_a_row_of_nulls_between_its_neighbours() {
  const One one = decode(contract_of({field("a", kText), field("b", kMoney), field("c", kBool), field("d", kInt64)}),
                         {R"({"a":"x","b":1.5,"c":true,"d":1})", R"({"d":2,"a":"lost","c":true,"b":"no"})", R"({"a":"y","b":2.5,"c":false,"d":3})"});
  QCOMPARE(one.decoded.failures.size(), std::size_t(1));
  QCOMPARE(one.rows.rows(), 3);
  for (std::size_t column = 0; column < 4; ++column) QVERIFY(one.rows.column(column).is_null(1));
  same(one.rows.column(0).to_text(2), "y");
  same(one.rows.column(1).to_text(2), "2.50");
  same(one.rows.column(2).to_text(2), "false");
  same(one.rows.column(3).to_text(2), "3");
}

void JsonDecoderTest::text_and_bytes_take_records_whole() {
  ConnectorCatalog catalog;
  add_json_formats(catalog);
  RawBatch raw;
  raw.append({.position = {0, 0}, .value = "line é"});
  raw.append({.position = {0, 1}, .value = "\xff\xfe"});
  raw.append({.position = {0, 2}, .tombstone = true});
  for (const char* format : {"text", "bytes"}) {
    auto decoder = (*catalog.find_format(format))({});
    BatchBuilder columns((*decoder)->schema());
    const Decoded decoded = (*decoder)->decode(raw, columns);
    const Batch rows = columns.finish();
    const bool is_text = std::string(format) == "text";
    same(std::string(rows.column(0).bytes(0)), "line é");
    QCOMPARE(decoded.failures.size(), std::size_t(is_text ? 1 : 0));
    if (is_text) same(decoded.failures[0].reason, "the record is not valid UTF-8");
    QCOMPARE(rows.column(0).is_null(1), is_text);
    QVERIFY(rows.column(0).is_null(2));
  }
  same((*catalog.find_format("json"))({}).error().message, "format json needs a contract, declared or inferred from the first records");
}

void JsonDecoderTest::the_frame_of_a_schema_is_passed_over() {
  auto decoder = make_json_decoder(contract_of({field("v", kInt32)}), true);
  RawBatch raw;
  raw.append({.position = {0, 0}, .value = std::string_view("\0\0\0\0\7{\"v\":5}", 12)});
  raw.append({.position = {0, 1}, .value = "{\"v\":5}"});
  BatchBuilder columns((*decoder)->schema());
  const Decoded decoded = (*decoder)->decode(raw, columns);
  QCOMPARE(columns.finish().column(0).int32(0), 5);
  QCOMPARE(decoded.failures.size(), std::size_t(1));
  same(decoded.failures[0].reason, "expected a zero byte and the number of a schema before the value (framing: confluent)");
}

QTEST_APPLESS_MAIN(JsonDecoderTest)
#include "json_decoder_test.moc"
