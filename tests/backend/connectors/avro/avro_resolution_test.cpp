#include <QTest>

#include "backend/connectors/avro/avro_contract_decoder.h"

using namespace penstock;
using namespace penstock::test;

namespace {

std::string record_of(const std::string& fields, const std::string& name = "R") {
  return R"({"type":"record","name":")" + name + R"(","fields":[)" + fields + "]}";
}
std::string one(const std::string& type, const std::string& more = "") { return record_of(R"({"name":"v","type":)" + type + more + "}"); }

// A value that one schema has written, as another reads it.
QString read_as(const std::string& writer, const std::string& reader, const std::string& value) {
  auto registry = std::make_shared<FakeRegistry>();
  registry->add(1, writer);
  auto decoder = avro_decoder(reader, registry);
  if (!decoder.ok()) return "contract: " + QString::fromStdString(decoder.error().message);
  if (const Readiness ready = (*decoder)->prepare(raw_of({framed(1, value)})); ready.lacks) return "lacks: " + QString::fromStdString(ready.lacks->message);
  return decode(**decoder, {framed(1, value)}).text();
}

// What fastavro 1.12 wrote: {"number": 7, "gone": ["a", "b"], "qty": 5, "rate": 3, "text": b"abc", "raw": "xyz", "kind": "GIFT", "note": "n",
// "maybe": 9, "item": {"extra": 1.5, "cost": 4}}, and one with empty values.
constexpr const char* kOld = R"({"type":"record","name":"Sale","namespace":"old","fields":[
 {"name":"number","type":"int"},{"name":"gone","type":{"type":"array","items":"string"}},{"name":"qty","type":"int"},{"name":"rate","type":"long"},
 {"name":"text","type":"bytes"},{"name":"raw","type":"string"},{"name":"kind","type":{"type":"enum","name":"Kind","symbols":["RETURN","GIFT","SALE"]}},
 {"name":"note","type":"string"},{"name":"maybe","type":["null","int"]},
 {"name":"item","type":{"type":"record","name":"Item","fields":[{"name":"extra","type":"double"},{"name":"cost","type":"int"}]}}]})";
constexpr const char* kFirst = "0e0402610262000a06066162630678797a02026e0212000000000000f83f08";
constexpr const char* kSecond = "10000c0102ff00040000000000000000000000";

constexpr const char* kNew = R"({"type":"record","name":"Sale","namespace":"pos","fields":[
 {"name":"added","type":"string","default":"none"},
 {"name":"id","type":"long","aliases":["number"]},{"name":"qty","type":"double"},{"name":"rate","type":"float"},{"name":"text","type":"string"},
 {"name":"raw","type":"bytes"},{"name":"kind","type":{"type":"enum","name":"Kind","symbols":["SALE","RETURN","OTHER"],"default":"OTHER"}},
 {"name":"note","type":["null","string"]},{"name":"maybe","type":["null","long"],"default":null},
 {"name":"item","type":{"type":"record","name":"Item","fields":[{"name":"cost","type":"double"},{"name":"unit","type":["null","string"],"default":null},
   {"name":"sizes","type":{"type":"array","items":"int"},"default":[1,2]}]}},
 {"name":"since","type":{"type":"int","logicalType":"date"},"default":1},
 {"name":"tags","type":{"type":"array","items":"string"},"default":["x"]}]})";

}  // namespace

class AvroResolutionTest : public QObject {
  Q_OBJECT

 private slots:
  void what_another_schema_has_written_is_read_as_the_contract_says() {
    auto registry = std::make_shared<FakeRegistry>();
    registry->add(41, kOld);
    auto decoder = avro_decoder(kNew, registry);
    QVERIFY2(decoder.ok(), decoder.ok() ? "" : decoder.error().to_string().c_str());
    const std::vector<std::string> records{framed(41, unhex(kFirst)), framed(41, unhex(kSecond)), unhex(kFirst)};
    QVERIFY(!(*decoder)->prepare(raw_of(records)).lacks);
    const DecodedRows rows = decode(**decoder, records);
    QCOMPARE(rows.text(0), "none|7|5|3|abc|xyz|OTHER|n|9|{\"cost\":4,\"unit\":null,\"sizes\":[1,2]}|1970-01-02|[\"x\"]");
    QCOMPARE(rows.text(1), "refused: text: is not valid UTF-8");
    QCOMPARE(rows.text(2), "refused: expected a zero byte and the number of a schema before the value (framing: confluent)");
    QCOMPARE(rows.decoded.drift.size(), 1u);
    QCOMPARE(rows.decoded.drift.front().name, std::string("gone"));
    QCOMPARE(rows.decoded.drifted_rows, std::vector<std::int64_t>{0});
  }

  void the_rules_of_the_specification_data() {
    QTest::addColumn<QString>("writer");
    QTest::addColumn<QString>("reader");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("read");
    const auto row = [](const char* name, const std::string& writer, const std::string& reader, const char* hex, const char* read) {
      QTest::newRow(name) << QString::fromStdString(writer) << QString::fromStdString(reader) << QByteArray::fromHex(hex) << QString::fromUtf8(read);
    };
    row("int as long", one("\"int\""), one("\"long\""), "05", "-3");
    row("int as double", one("\"int\""), one("\"double\""), "05", "-3");
    row("long as float", one("\"long\""), one("\"float\""), "05", "-3");
    row("float as double", one("\"float\""), one("\"double\""), "0000003f", "0.5");
    row("double as float", one("\"double\""), one("\"float\""), "000000000000e03f", "refused: v: was written as double, which cannot be read as float");
    row("long as int", one("\"long\""), one("\"int\""), "02", "refused: v: was written as long, which cannot be read as int");
    row("string as int", one("\"string\""), one("\"int\""), "0232", "refused: v: was written as string, which cannot be read as int");
    row("string as bytes", one("\"string\""), one("\"bytes\""), "0278", "x");
    row("bytes as string", one("\"bytes\""), one("\"string\""), "0278", "x");
    row("a value into a union", one("\"int\""), one(R"(["null","long"])"), "02", "1");
    row("null out of a union, where it may be", one(R"(["null","int"])"), one(R"(["null","int"])"), "00", "NULL");
    row("null out of a union, where it may not", one(R"(["null","int"])"), one("\"int\""), "00", "refused: v: was written as null, which cannot be read as int");
    row("a value out of a union", one(R"(["null","int"])"), one("\"int\""), "020e", "7");
    row("a branch that the contract does not have", one(R"(["null","int","string"])"), one(R"(["null","int"])"), "040278",
        "refused: v: was written as string, which cannot be read as null or int");
    row("another branch of the same union", one(R"(["null","int","string"])"), one(R"(["null","int"])"), "0204", "2");
    row("a symbol that the contract does not have", one(R"({"type":"enum","name":"E","symbols":["A","B"]})"), one(R"({"type":"enum","name":"E","symbols":["A"]})"), "02",
        "refused: v: the contract has no symbol B");
    row("an enum of another name", one(R"({"type":"enum","name":"E","symbols":["A"]})"), one(R"({"type":"enum","name":"F","symbols":["A"]})"), "00",
        "refused: v: was written as enum E, which cannot be read as enum F");
    row("an enum by its alias", one(R"({"type":"enum","name":"E","symbols":["A"]})"), one(R"({"type":"enum","name":"F","aliases":["E"],"symbols":["A"]})"), "00", "A");
    row("a fixed of another size", one(R"({"type":"fixed","name":"F","size":2})"), one(R"({"type":"fixed","name":"F","size":3})"), "6162",
        "refused: v: was written as fixed F, which cannot be read as fixed F");
    row("names count without their namespaces", R"({"type":"record","name":"a.R","fields":[{"name":"v","type":"int"}]})", one("\"int\""), "02", "1");
    row("a record of another name", record_of(R"({"name":"v","type":"int"})", "Refund"), one("\"int\""), "02",
        "refused: the record was written as record Refund, which cannot be read as record R (schema 1)");
    row("a field without a default", record_of(R"({"name":"w","type":"int"})"), one("\"int\""), "02",
        "refused: the record was written without 'v', which has no default (schema 1)");
    row("a field with one", record_of(""), one("\"int\"", ",\"default\":-4"), "", "-4");
    row("a decimal of the same scale", one(R"({"type":"bytes","logicalType":"decimal","precision":5,"scale":2})"),
        one(R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})"), "0405dc", "15.00");
    row("a decimal of another scale", one(R"({"type":"bytes","logicalType":"decimal","precision":5,"scale":2})"),
        one(R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":3})"), "0405dc", "refused: v: was written with 2 decimals, expected 3");
    row("milliseconds as a time in microseconds", one(R"({"type":"long","logicalType":"timestamp-millis"})"), one(R"({"type":"long","logicalType":"timestamp-micros"})"),
        "d00f", "1970-01-01T00:00:01.000Z");
    row("a plain long as a time", one("\"long\""), one(R"({"type":"long","logicalType":"timestamp-millis"})"), "d00f", "1970-01-01T00:00:01.000Z");
    row("a nested field that is left out", one(R"({"type":"array","items":{"type":"record","name":"I","fields":[{"name":"a","type":"int"},{"name":"b","type":"string"}]}})"),
        one(R"({"type":"array","items":{"type":"record","name":"I","fields":[{"name":"a","type":"long"}]}})"), "04020278 04027900", "[{\"a\":1},{\"a\":2}]");
    row("a nested enum with a default", one(R"({"type":"map","values":{"type":"enum","name":"E","symbols":["A","B"]}})"),
        one(R"({"type":"map","values":{"type":"enum","name":"E","symbols":["A"],"default":"A"}})"), "020278 0200", "{\"x\":\"A\"}");
    row("a writer that is no record", "\"int\"", one("\"int\""), "02", "refused: the record was written as int, which cannot be read as record R (schema 1)");
    row("a writer that is no schema", "{\"type\":\"recrd\"}", one("\"int\""), "02", "refused: schema 1:1: there is no type 'recrd'");
    row("a default that is none", one("\"int\""), one("\"int\"", ",\"default\":\"x\""), "02", "contract: the default of 'v': the default \"x\" is no int");
  }
  void the_rules_of_the_specification() {
    QFETCH(const QString, writer);
    QFETCH(const QString, reader);
    QFETCH(const QByteArray, value);
    QTEST(read_as(writer.toStdString(), reader.toStdString(), value.toStdString()), "read");
  }

  void a_schema_may_refer_to_others() {
    auto registry = std::make_shared<FakeRegistry>();
    registry->add(9, R"({"type":"record","name":"R","namespace":"shop","fields":[{"name":"v","type":"shop.Money"}]})",
                  {{"shop.Currency", R"({"type":"enum","name":"Currency","namespace":"shop","symbols":["EUR"]})"},
                   {"shop.Money", R"({"type":"record","name":"Money","namespace":"shop","fields":[{"name":"amount","type":"int"},{"name":"currency","type":"Currency"}]})"}});
    auto decoder = avro_decoder(one(R"({"type":"record","name":"Money","fields":[{"name":"amount","type":"int"}]})"), registry);
    QVERIFY(!(*decoder)->prepare(raw_of({framed(9, "")})).lacks);
    QCOMPARE(decode(**decoder, {framed(9, unhex("0400"))}).text(), "{\"amount\":2}");
  }

  void a_registry_that_is_down_stops_only_schemas_that_were_not_seen() {
    auto registry = std::make_shared<FakeRegistry>();
    registry->add(1, one("\"int\""));
    registry->add(2, one("\"int\""));
    auto decoder = avro_decoder(one("\"int\""), registry);
    const std::string first = framed(1, "\x02"), second = framed(2, "\x04");
    QCOMPARE((*decoder)->prepare(raw_of({first})).rows, 1);
    registry->set_down(true);
    const Readiness ready = (*decoder)->prepare(raw_of({first, first, second, first}));
    QCOMPARE(ready.rows, 2);
    QVERIFY(ready.lacks && ready.lacks->kind == ErrorKind::unavailable);
    QCOMPARE(QString::fromStdString(ready.lacks->message), "schema 2: the registry does not answer");
    registry->set_down(false);
    QVERIFY(!(*decoder)->prepare(raw_of({first, first, second, first})).lacks);
    QCOMPARE(decode(**decoder, {first, second}).text(1), "2");
    const int asked = registry->asked();
    QVERIFY(!(*decoder)->prepare(raw_of({first, second})).lacks);
    QCOMPARE(registry->asked(), asked);
  }

  void a_schema_that_the_registry_does_not_have_is_a_refusal() {
    auto registry = std::make_shared<FakeRegistry>();
    registry->add(3, "syntax = \"proto3\";", {}, RegisteredSchema::Language::protobuf);
    auto decoder = avro_decoder(one("\"int\""), registry);
    const std::vector<std::string> records{framed(77, "\x02"), framed(3, "\x02")};
    QVERIFY(!(*decoder)->prepare(raw_of(records)).lacks);
    QCOMPARE(decode(**decoder, records).text(0), "refused: the registry has no schema 77");
    QCOMPARE(decode(**decoder, records).text(1), "refused: schema 3 of the registry is not for format avro, but for protobuf");
  }
};

QTEST_GUILESS_MAIN(AvroResolutionTest)
#include "avro_resolution_test.moc"
