#include <QTest>

#include <QFile>
#include <QTemporaryDir>

#include "connectors/protobuf/proto_decoder.h"
#include "connectors/protobuf/proto_formats.h"
#include "support/decoded_records.h"

using namespace penstock;
using namespace penstock::test;

namespace {

constexpr const char* kSale = R"(syntax = "proto3";
package pos;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
message Sale {
  string id = 1; int32 qty = 2; sint32 change = 3; int64 total = 4; uint32 store = 5; uint64 ticket = 6; fixed32 till = 7;
  sfixed64 offset = 8; float ratio = 9; double price = 10; bool paid = 11; bytes raw = 12; Kind kind = 13;
  google.protobuf.Timestamp at = 14; google.protobuf.Duration took = 15; google.protobuf.StringValue note = 16; optional int32 points = 17;
  Item item = 18; repeated int32 sizes = 19; repeated Item items = 20; map<string, sint64> counts = 21;
  oneof payment { string card = 22; int32 cash = 23; }
  repeated string tags = 5000;
  enum Kind { SALE = 0; RETURN = 1; }
  message Item { string sku = 1; double cost = 2; optional Item next = 3; bytes mark = 4; map<int32, bool> flags = 5; }
})";

// As protoc 3.21 --encode writes id: "sale-1 €", qty: -3, … with that file.
constexpr const char* kRecord =
    "0a0a73616c652d3120e282ac10fdffffffffffffffff0118032080808080802028ffffffff0f30ffffffffffffffffff013d0700000041f7ffffffffffffff4d0000003f"
    "5100000000008028405801620200ff6801720b08e7b381d80610cff49a777a0808011080cab5ee018201030a016e8801009201250a03612262110000000000000c401a06"
    "0a01632201012a0d08ffffffffffffffffff0110019a010d01ac02ffffffffffffffffff01a20100a201030a0178aa01050a01621009aa01050a0161100eb80109c2b802"
    "0174c2b80200";

Result<std::unique_ptr<Decoder>> decoder_of(const std::string& text, std::shared_ptr<SchemaRegistry> registry = nullptr, const std::string& message = {}) {
  ProtobufDecoderOptions options;
  PENSTOCK_ASSIGN(options.contract, proto::ProtoSchema::parse(text, "contract.proto"));
  options.message = message;
  options.framed = registry != nullptr;
  options.registry = std::move(registry);
  return make_protobuf_decoder(std::move(options));
}

std::string one(const std::string& field) { return "syntax = \"proto3\"; message R { " + field + " }"; }

QString taken(const std::string& contract, const char* hex) {
  auto decoder = decoder_of(contract);
  if (!decoder.ok()) return QString::fromStdString(decoder.error().to_string());
  return decode(**decoder, {unhex(hex)}).text();
}

}  // namespace

class ProtobufDecoderTest : public QObject {
  Q_OBJECT

 private slots:
  void a_record_becomes_a_row_of_exact_values() {
    auto decoder = decoder_of(kSale);
    QVERIFY2(decoder.ok(), decoder.ok() ? "" : decoder.error().to_string().c_str());
    QCOMPARE(QString::fromStdString((*decoder)->schema()->to_string()),
             "id VARCHAR, qty INTEGER, change INTEGER, total BIGINT, store BIGINT, ticket DECIMAL(20,0), till BIGINT, offset BIGINT, ratio DOUBLE, price DOUBLE, paid BOOLEAN, "
             "raw BLOB, kind VARCHAR, at TIMESTAMP WITH TIME ZONE, took JSON, note VARCHAR, points INTEGER, item JSON, sizes JSON, items JSON, counts JSON, card VARCHAR, "
             "cash INTEGER, tags JSON");
    const DecodedRows rows = decode(**decoder, {unhex(kRecord)});
    QCOMPARE(rows.text(),
             QString::fromUtf8("sale-1 €|-3|-2|1099511627776|4294967295|18446744073709551615|7|-9|0.5|12.25|true|\\x00\\xff|RETURN|2026-11-20T14:32:07.250001Z|\"1.5s\"|n|0|"
                               "{\"sku\":\"a\\\"b\",\"cost\":3.5,\"next\":{\"sku\":\"c\",\"cost\":0,\"next\":null,\"mark\":\"AQ==\",\"flags\":{}},\"mark\":\"\",\"flags\":{\"-1\":true}}|"
                               "[1,300,-1]|[{\"sku\":\"\",\"cost\":0,\"next\":null,\"mark\":\"\",\"flags\":{}},{\"sku\":\"x\",\"cost\":0,\"next\":null,\"mark\":\"\",\"flags\":{}}]|"
                               "{\"a\":7,\"b\":-5}|NULL|9|[\"t\",\"\"]"));
    QVERIFY(rows.decoded.drift.empty());
  }

  void what_is_not_there_has_its_default_or_is_null() {
    auto decoder = decoder_of(kSale);
    QCOMPARE(decode(**decoder, {""}).text(), "|0|0|0|0|0|0|0|0|0|false||SALE|NULL|NULL|NULL|NULL|NULL|[]|[]|{}|NULL|NULL|[]");
    QCOMPARE(taken("syntax = \"proto2\"; message R { optional int32 a = 1 [default = -7]; optional string b = 2; required string c = 3; }", "1a0178"), "-7|NULL|x");
    QCOMPARE(taken("syntax = \"proto2\"; message R { required string c = 3; }", ""), "refused: c: is missing");
  }

  void every_beginning_of_a_record_is_a_row_or_refused() {
    auto decoder = decoder_of(kSale);
    const std::string whole = unhex(kRecord);
    std::vector<std::string> records;
    for (std::size_t size = 0; size <= whole.size(); ++size) records.push_back(whole.substr(0, size));
    const DecodedRows rows = decode(**decoder, records);
    QCOMPARE(rows.rows.rows(), static_cast<std::int64_t>(records.size()));
    QCOMPARE(rows.text(5), "refused: id: the record ends within it, or it is no value");
    QVERIFY(rows.rows.column(1).is_null(5));
    QVERIFY(rows.text(12).startsWith(QString::fromUtf8("sale-1 €|0|")));
    QVERIFY(rows.decoded.failures.size() > 100);
  }

  void values_data() {
    QTest::addColumn<QString>("contract");
    QTest::addColumn<QByteArray>("hex");
    QTest::addColumn<QString>("taken");
    const auto row = [](const char* name, const std::string& contract, const char* hex, const char* taken) {
      QTest::newRow(name) << QString::fromStdString(contract) << QByteArray(hex) << QString::fromUtf8(taken);
    };
    row("the last value counts", one("int32 v = 1;"), "08010802", "2");
    row("the last of a oneof counts", one("oneof o { int32 a = 1; int32 b = 2; }"), "08011002", "NULL|2");
    row("messages are merged", one("message M { int32 a = 1; int32 b = 2; } M v = 1;"), "0a0208050a021006", "{\"a\":5,\"b\":6}");
    row("packed and not", one("repeated sint32 v = 1;"), "0a020102080300", "refused: a field's number cannot be read");
    row("packed and then not", one("repeated sint32 v = 1;"), "0a0201020803", "[-1,1,-2]");
    row("an int32 of more bits is not cut", one("int32 v = 1;"), "088080808010", "refused: v: is no value of its type");
    row("a uint32 of more bits is not cut", one("uint32 v = 1;"), "088080808010", "refused: v: is no value of its type");
    row("a bool that is 2", one("bool v = 1;"), "0802", "refused: v: is no value of its type");
    row("another wire type", one("int32 v = 1;"), "0a0178", "refused: v: was written as another type");
    row("text that is none", one("string v = 1;"), "0a02c328", "refused: v: is not valid UTF-8");
    row("a symbol without a name", one("enum E { A = 0; } E v = 1;"), "0807", "7");
    row("a name and its alias", one("enum E { option allow_alias = true; A = 0; B = 0; } E v = 1;"), "0800", "A");
    row("a time that is none", one("int32 a = 1;") + " ", "10", "refused: field 2: the record ends within it, or it is no value");
    row("nanos out of range", "syntax = \"proto3\"; import \"google/protobuf/timestamp.proto\"; message R { google.protobuf.Timestamp v = 1; }", "0a06108094ebdc03", "refused: v: is no time");
    row("a time before 1970", "syntax = \"proto3\"; import \"google/protobuf/timestamp.proto\"; message R { google.protobuf.Timestamp v = 1; }",
        "0a1108ffffffffffffffffff011080cab5ee01", "1969-12-31T23:59:59.500Z");
    row("a wrapper of a default", "syntax = \"proto3\"; import \"google/protobuf/wrappers.proto\"; message R { google.protobuf.Int64Value v = 1; google.protobuf.BoolValue w = 2; }", "0a00", "0|NULL");
    row("a group that nobody knows", one("int32 v = 1;"), "130801140805", "5");
    row("a group that does not end", one("int32 v = 1;"), "130801", "refused: a group does not end");
    row("field 0", one("int32 v = 1;"), "0001", "refused: a field's number cannot be read");
    row("a message within messages", one("R v = 1;"), "0a040a020a00", "{\"v\":{\"v\":{\"v\":null}}}");
    row("a file that is none", "message R {", "", "contract.proto:1:12: Reached end of input in message definition (missing '}').");
    row("an import that is not there", "syntax = \"proto3\"; import \"x.proto\"; message R { int32 v = 1; }", "", "x.proto: it is not there");
    row("a group in the contract", "syntax = \"proto2\"; message R { optional group G = 1 { optional int32 a = 1; } }", "",
        "'R.g' is a group, which is not supported (a message of its own)");
  }
  void values() {
    QFETCH(const QString, contract);
    QFETCH(const QByteArray, hex);
    QTEST(taken(contract.toStdString(), hex.constData()), "taken");
  }

  void depth_ends_at_64_levels() {
    std::string nested;
    for (int i = 0; i < 100; ++i) {
      std::string size;
      for (std::size_t left = nested.size(); true; left >>= 7) {
        size += static_cast<char>((left & 0x7f) | (left >= 0x80 ? 0x80 : 0));
        if (left < 0x80) break;
      }
      nested = "\x0a" + size + nested;
    }
    auto decoder = decoder_of(one("R v = 1;"));
    QCOMPARE(decode(**decoder, {nested}).text(), "refused: v: is nested deeper than 64 levels");
  }

  void numbers_that_the_contract_does_not_know_are_drift() {
    auto decoder = decoder_of(one("int32 v = 1;"));
    const DecodedRows rows = decode(**decoder, {unhex("0805"), unhex("08061802"), unhex("1801")});
    QCOMPARE(rows.text(1), "6");
    QCOMPARE(rows.decoded.drift.size(), 1u);
    QCOMPARE(rows.decoded.drift.front().name, std::string("field 3"));
    QCOMPARE(rows.decoded.drift.front().rows, 2);
    QCOMPARE(rows.decoded.drifted_rows, (std::vector<std::int64_t>{1, 2}));
  }

  void the_frame_says_which_message_was_written() {
    auto registry = std::make_shared<FakeRegistry>();
    registry->add(1, "syntax = \"proto3\"; package p; message A { int32 v = 1; message B { int32 v = 1; } } message C { int32 v = 1; }", {}, RegisteredSchema::Language::protobuf);
    registry->add(2, "syntax = \"proto3\"; package p; import \"other.proto\"; message C { int64 v = 1; Other o = 2; }",
                  {{"other.proto", "syntax = \"proto3\"; package p; message Other { int32 v = 1; }"}}, RegisteredSchema::Language::protobuf);
    registry->add(3, "\"int\"");
    auto decoder = decoder_of("syntax = \"proto3\"; package p; message X { int32 w = 1; } message C { int32 v = 1; }", registry, "C");
    const std::string value = unhex("0805"), first("\0", 1);
    const std::vector<std::string> records{framed(1, unhex("0202") + value),     // one index: 1
                                           framed(1, first + value),             // short for the first
                                           framed(1, unhex("040000") + value),   // 0, 0
                                           framed(1, unhex("0208") + value),     // one index: 4
                                           framed(2, first + value), framed(3, first + value), framed(9, first + value), value, framed(1, "\x03")};
    QVERIFY(!(*decoder)->prepare(raw_of(records)).lacks);
    const DecodedRows rows = decode(**decoder, records);
    QCOMPARE(rows.text(0), "5");
    QCOMPARE(rows.text(1), "refused: was written as message p.A, expected p.C");
    QCOMPARE(rows.text(2), "refused: was written as message p.A.B, expected p.C");
    QCOMPARE(rows.text(3), "refused: schema 1 has no such message");
    QCOMPARE(rows.text(4), "5");
    QCOMPARE(rows.text(5), "refused: schema 3 of the registry is not for format protobuf, but for avro");
    QCOMPARE(rows.text(6), "refused: the registry has no schema 9");
    QCOMPARE(rows.text(7), "refused: expected a zero byte and the number of a schema before the value (framing: confluent)");
    QCOMPARE(rows.text(8), "refused: the indexes of the message behind the number of its schema cannot be read");
  }

  void the_format_reads_a_file_and_those_that_it_imports() {
    const QTemporaryDir folder;
    const auto write = [&](const char* name, const char* text) {
      QFile file(folder.filePath(name));
      QVERIFY(file.open(QIODevice::WriteOnly));
      file.write(text);
    };
    write("sale.proto", "syntax = \"proto3\"; import \"item.proto\"; message Sale { Item item = 1; } message Other { int32 a = 1; }");
    write("item.proto", "syntax = \"proto3\"; message Item { int32 a = 1; }");
    ConnectorCatalog catalog;
    add_protobuf_formats(catalog);
    const DecoderFactory& make = *catalog.find_format("protobuf");
    const auto sale = make({.contract_path = folder.filePath("sale.proto").toStdString()});
    QVERIFY2(sale.ok(), sale.ok() ? "" : sale.error().to_string().c_str());
    QCOMPARE((*sale)->schema()->to_string(), std::string("item JSON"));
    Setting root{.kind = Setting::Kind::map};
    root.entries.push_back({"message", Setting{.kind = Setting::Kind::text, .text = "Other"}});
    QCOMPARE((*make({folder.filePath("sale.proto").toStdString(), Settings(root), nullptr}))->schema()->to_string(), std::string("a INTEGER"));
    root.entries.front().second.text = "Nobody";
    QCOMPARE(make({folder.filePath("sale.proto").toStdString(), Settings(root), nullptr}).error().kind, ErrorKind::not_found);
    QCOMPARE(make({}).error().kind, ErrorKind::failed_precondition);
    QCOMPARE(make({.contract_path = "/x.avsc"}).error().kind, ErrorKind::invalid_argument);
  }
};

QTEST_GUILESS_MAIN(ProtobufDecoderTest)
#include "protobuf_decoder_test.moc"
