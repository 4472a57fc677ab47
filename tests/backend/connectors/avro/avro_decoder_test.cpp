#include <QTest>

#include "connectors/avro/avro_formats.h"
#include "backend/connectors/avro/avro_contract_decoder.h"

using namespace penstock;
using namespace penstock::test;

namespace {

constexpr const char* kSale = R"({"type":"record","name":"Sale","namespace":"pos","fields":[
 {"name":"id","type":"string"},{"name":"flag","type":"boolean"},{"name":"qty","type":"int"},{"name":"total","type":"long"},
 {"name":"ratio","type":"float"},{"name":"price","type":"double"},{"name":"blob","type":"bytes"},
 {"name":"code","type":{"type":"fixed","name":"Code","size":3}},
 {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["SALE","RETURN"]}},
 {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}},
 {"name":"small","type":{"type":"fixed","name":"Small","size":4,"logicalType":"decimal","precision":7,"scale":3}},
 {"name":"day","type":{"type":"int","logicalType":"date"}},
 {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"exact","type":{"type":"long","logicalType":"timestamp-micros"}},
 {"name":"key","type":{"type":"string","logicalType":"uuid"}},
 {"name":"note","type":["null","string"]},
 {"name":"item","type":{"type":"record","name":"Item","fields":[{"name":"sku","type":"string"},
   {"name":"cost","type":{"type":"bytes","logicalType":"decimal","precision":6,"scale":2}},{"name":"raw","type":"bytes"},
   {"name":"next","type":["null","Item"],"default":null}]}},
 {"name":"tags","type":{"type":"array","items":["null","string","long"]}},
 {"name":"attrs","type":{"type":"map","values":{"type":"long","logicalType":"timestamp-millis"}}}]})";

// As fastavro 1.12 writes {"id": "sale-1 €", "qty": -3, …} with that schema.
constexpr const char* kRecord =
    "1473616c652d3120e282ac01058080808080400000003f00000000008028400400ff6162630204faf6000004e2d2c402a4bdf995bf68a2e186bdc3adb006"
    "4831323365343536372d653839622d313264332d613435362d34323636313431373430303000066122620401360401e9020263020500000602027800040e00"
    "02087365656eb0b9f995bf6800";

// A record of one field `v` of this type, and why a value of it is refused or what it is.
QString taken(const std::string& type, const std::string& value) {
  auto decoder = avro_decoder(R"({"type":"record","name":"R","fields":[{"name":"v","type":)" + type + "}]}");
  if (!decoder.ok()) return QString::fromStdString(decoder.error().message);
  return decode(**decoder, {value}).text();
}

}  // namespace

class AvroDecoderTest : public QObject {
  Q_OBJECT

 private slots:
  void a_record_becomes_a_row_of_exact_values() {
    auto decoder = avro_decoder(kSale);
    QVERIFY2(decoder.ok(), decoder.ok() ? "" : decoder.error().to_string().c_str());
    QCOMPARE(QString::fromStdString((*decoder)->schema()->to_string()),
             "id VARCHAR, flag BOOLEAN, qty INTEGER, total BIGINT, ratio DOUBLE, price DOUBLE, blob BLOB, code BLOB, kind VARCHAR, amount DECIMAL(10,2), "
             "small DECIMAL(7,3), day DATE, at TIMESTAMP WITH TIME ZONE, exact TIMESTAMP WITH TIME ZONE, key VARCHAR, note VARCHAR, item JSON, tags JSON, attrs JSON");
    const DecodedRows rows = decode(**decoder, {unhex(kRecord)});
    QCOMPARE(rows.text(),
             QString::fromUtf8("sale-1 €|true|-3|1099511627776|0.5|12.25|\\x00\\xff|abc|RETURN|-12.90|1.250|2026-11-20|2026-11-20T14:32:07.250Z|"
                               "2026-11-20T14:32:07.250001Z|123e4567-e89b-12d3-a456-426614174000|NULL|"
                               "{\"sku\":\"a\\\"b\",\"cost\":3.10,\"raw\":\"\\u0001é\",\"next\":{\"sku\":\"c\",\"cost\":0.05,\"raw\":\"\",\"next\":null}}|"
                               "[\"x\",null,7]|{\"seen\":\"2026-11-20T14:32:07.000Z\"}"));
    QVERIFY(rows.decoded.drift.empty());
  }

  void every_beginning_of_a_record_is_refused_and_so_is_what_follows_one() {
    auto decoder = avro_decoder(kSale);
    const std::string whole = unhex(kRecord);
    std::vector<std::string> records;
    for (std::size_t size = 0; size < whole.size(); ++size) records.push_back(whole.substr(0, size));
    records.push_back(whole + "!");
    records.push_back(whole);
    const DecodedRows rows = decode(**decoder, records);
    QCOMPARE(rows.rows.rows(), static_cast<std::int64_t>(records.size()));
    QCOMPARE(rows.decoded.failures.size(), records.size() - 1);
    for (std::size_t size = 0; size < whole.size(); ++size)
      QVERIFY2(rows.text(static_cast<std::int64_t>(size)).contains(": "), qPrintable(rows.text(static_cast<std::int64_t>(size))));
    QCOMPARE(rows.text(0), "refused: id: the record ends within it, or it is no number of its type");
    QCOMPARE(rows.text(static_cast<std::int64_t>(whole.size())), "refused: 1 bytes follow the record");
    QVERIFY(rows.text(static_cast<std::int64_t>(whole.size()) + 1).startsWith(QString::fromUtf8("sale-1 €|true|-3|")));
    QVERIFY(rows.rows.column(0).is_null(3));
  }

  void a_value_that_is_none_is_refused_with_its_reason_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("taken");
    QTest::newRow("boolean") << "\"boolean\"" << QByteArray::fromHex("02") << "refused: v: expected true or false";
    QTest::newRow("int beyond 32 bits") << "\"int\"" << QByteArray::fromHex("8080808010") << "refused: v: the record ends within it, or it is no number of its type";
    QTest::newRow("the largest int") << "\"int\"" << QByteArray::fromHex("feffffff0f") << "2147483647";
    QTest::newRow("the smallest long") << "\"long\"" << QByteArray::fromHex("ffffffffffffffffff01") << "-9223372036854775808";
    QTest::newRow("long beyond 64 bits") << "\"long\"" << QByteArray::fromHex("ffffffffffffffffff02") << "refused: v: the record ends within it, or it is no number of its type";
    QTest::newRow("eleven bytes") << "\"long\"" << QByteArray::fromHex("8080808080808080808001") << "refused: v: the record ends within it, or it is no number of its type";
    QTest::newRow("text") << "\"string\"" << QByteArray::fromHex("04c328") << "refused: v: is not valid UTF-8";
    QTest::newRow("negative length") << "\"string\"" << QByteArray::fromHex("01") << "refused: v: the record ends within it, or it is no number of its type";
    QTest::newRow("huge length") << "\"bytes\"" << QByteArray::fromHex("feffffffffffffffff01") << "refused: v: the record ends within it, or it is no number of its type";
    QTest::newRow("enum") << R"({"type":"enum","name":"E","symbols":["A"]})" << QByteArray::fromHex("02") << "refused: v: its enum has no such symbol";
    QTest::newRow("union") << R"(["null","int"])" << QByteArray::fromHex("04") << "refused: v: its union has no such branch";
    QTest::newRow("decimal") << R"({"type":"bytes","logicalType":"decimal","precision":2,"scale":1})" << QByteArray::fromHex("0264") << "refused: v: has more than 2 digits";
    QTest::newRow("decimal that fits") << R"({"type":"bytes","logicalType":"decimal","precision":2,"scale":1})" << QByteArray::fromHex("029d") << "-9.9";
    QTest::newRow("decimal of 38 digits") << R"({"type":"bytes","logicalType":"decimal","precision":38,"scale":0})"
                                          << QByteArray::fromHex("204b3b4ca85a86c47a098a223fffffffff") << "99999999999999999999999999999999999999";
    QTest::newRow("decimal of 39 digits") << R"({"type":"bytes","logicalType":"decimal","precision":38,"scale":0})"
                                          << QByteArray::fromHex("204b3b4ca85a86c47a098a224000000000") << "refused: v: has more than 38 digits";
    QTest::newRow("decimal with more bytes than it needs") << R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2})"
                                                           << QByteArray::fromHex("28fffffffffffffffffffffffffffffffffffffb2e") << "-12.34";
    QTest::newRow("decimal of no bytes") << R"({"type":"bytes","logicalType":"decimal","precision":4,"scale":2})" << QByteArray::fromHex("00") << "refused: v: has more than 4 digits";
    QTest::newRow("uuid") << R"({"type":"string","logicalType":"uuid"})" << QByteArray::fromHex("0478 79") << "refused: v: expected a UUID, got \"xy\"";
    QTest::newRow("time") << R"({"type":"long","logicalType":"timestamp-millis"})" << QByteArray::fromHex("feffffffffffffffff01") << "refused: v: the time is out of range";
    QTest::newRow("an array that claims more than there is") << R"({"type":"array","items":"null"})" << QByteArray::fromHex("feffffffffffffffff01")
                                                             << "refused: v: claims more values than the record has bytes";
    QTest::newRow("an array in blocks with sizes") << R"({"type":"array","items":"int"})" << QByteArray::fromHex("03 04 02 04 02 06 00") << "[1,2,3]";
    QTest::newRow("an empty map") << R"({"type":"map","values":"int"})" << QByteArray::fromHex("00") << "{}";
    QTest::newRow("a key that is no text") << R"({"type":"map","values":"int"})" << QByteArray::fromHex("0202ff") << "refused: v: a key is not valid UTF-8";
  }
  void a_value_that_is_none_is_refused_with_its_reason() {
    QFETCH(const QString, type);
    QFETCH(const QByteArray, bytes);
    QTEST(taken(type.toStdString(), bytes.toStdString()), "taken");
  }

  void a_record_within_records_ends_at_64_levels() {
    const std::string list = R"({"type":"record","name":"List","fields":[{"name":"next","type":["null","List"]}]})";
    QCOMPARE(taken(list, std::string(20, 2) + '\0').left(20), "{\"next\":{\"next\":{\"ne");
    QCOMPARE(taken(list, std::string(100, 2) + '\0'), "refused: v: is nested deeper than 64 levels");
  }

  void damaged_records_and_tombstones_are_refused() {
    auto decoder = avro_decoder(R"({"type":"record","name":"R","fields":[{"name":"v","type":"int"}]})");
    RawBatch raw;
    raw.append({.value = "\x02", .tombstone = true});
    raw.append({.value = "\x02", .damage = RawBatch::Damage::cut});
    raw.append({.value = "\x02"});
    BatchBuilder columns((*decoder)->schema());
    const Decoded decoded = (*decoder)->decode(raw, columns);
    QCOMPARE(decoded.failures.size(), 2u);
    QCOMPARE(decoded.failures[0].reason, std::string("the record has no value (a tombstone)"));
    QCOMPARE(decoded.failures[1].reason, std::string(reason_of(RawBatch::Damage::cut)));
    QCOMPARE(columns.finish().column(0).int32(2), 1);
  }

  void the_format_needs_an_avro_contract() {
    ConnectorCatalog catalog;
    add_avro_formats(catalog);
    const DecoderFactory& make = *catalog.find_format("avro");
    QCOMPARE(make({}).error().message, std::string("format avro needs a contract"));
    QCOMPARE(make({.contract_path = "/none.json"}).error().message, std::string("format avro needs a contract that ends with .avsc"));
    QCOMPARE(make({.contract_path = "/none.avsc"}).error().kind, ErrorKind::not_found);
  }
};

QTEST_GUILESS_MAIN(AvroDecoderTest)
#include "avro_decoder_test.moc"
