#include "connectors/avro/avro_translator.h"

#include <QTest>

#include "connectors/avro/avro_wire.h"
#include "support/decoded_records.h"

using namespace penstock;

namespace {

// As Kafka Connect's converters write it: the row is named where it comes a second time.
constexpr auto kEnvelope =
    "{\"type\":\"record\",\"name\":\"Envelope\",\"namespace\":\"shop.orders\",\"fields\":["
    "{\"name\":\"before\",\"type\":[\"null\",{\"type\":\"record\",\"name\":\"Value\",\"fields\":["
    "{\"name\":\"id\",\"type\":\"long\"},{\"name\":\"at\",\"type\":{\"type\":\"long\",\"connect.version\":1,\"connect.name\":\"io.debezium.time.Timestamp\"}},"
    "{\"name\":\"price\",\"type\":[\"null\",{\"type\":\"bytes\",\"scale\":2,\"precision\":12,\"connect.name\":\"org.apache.kafka.connect.data.Decimal\",\"logicalType\":\"decimal\"}]},"
    "{\"name\":\"photo\",\"type\":\"bytes\"}]}],\"default\":null},"
    "{\"name\":\"after\",\"type\":[\"null\",\"Value\"],\"default\":null},{\"name\":\"op\",\"type\":\"string\"}]}";

}  // namespace

class AvroTranslatorTest : public QObject {
  Q_OBJECT

  std::shared_ptr<test::FakeRegistry> registry_ = std::make_shared<test::FakeRegistry>();

 private slots:
  void a_record_is_what_kafka_connect_writes_in_json() {
    registry_->add(7, kEnvelope);
    const auto translator = make_avro_translator(registry_);
    std::string value;
    avro::write_long(0, value);                 // before: null
    avro::write_long(1, value);                 // after: a row
    avro::write_long(42, value);
    avro::write_long(1763640000123, value);
    avro::write_long(1, value);
    avro::write_bytes(std::string("\x04\xd2", 2), value);
    avro::write_bytes(std::string("\x00\xff\x10", 3), value);
    avro::write_bytes("u", value);
    const std::string record = test::framed(7, value);
    QVERIFY(!translator->prepare(test::raw_of({record, "{}"})).lacks);
    std::string json, fault;
    QVERIFY2(translator->translate(record, json, fault), fault.c_str());
    const std::string schema = "{\"fields\":[{\"field\":\"before\",\"fields\":FIELDS},{\"field\":\"after\",\"fields\":FIELDS}]}";
    const QString fields = "[{\"field\":\"id\"},{\"field\":\"at\",\"name\":\"io.debezium.time.Timestamp\"},{\"field\":\"price\"},{\"field\":\"photo\"}]";
    QCOMPARE(QString::fromStdString(json), "{\"schema\":" + QString::fromStdString(schema).replace("FIELDS", fields) +
                                               ",\"payload\":{\"before\":null,\"after\":{\"id\":42,\"at\":1763640000123,\"price\":12.34,\"photo\":\"AP8Q\"},\"op\":\"u\"}}");

    QVERIFY(!translator->translate(record + "x", json, fault));
    QCOMPARE(fault, std::string("1 bytes follow the record"));
    QVERIFY(!translator->translate(record.substr(0, 8), json, fault));
    QVERIFY(!translator->translate(test::framed(8, value), json, fault));
  }

  void a_registry_that_is_down_holds_records_of_schemas_that_were_not_seen() {
    const auto translator = make_avro_translator(registry_);
    registry_->add(9, kEnvelope);
    registry_->set_down(true);
    const Readiness readiness = translator->prepare(test::raw_of({"{}", test::framed(9, "x")}));
    QCOMPARE(readiness.rows, 1);
    QVERIFY(readiness.lacks && readiness.lacks->kind == ErrorKind::unavailable);
    registry_->set_down(false);
  }

  // As Apicurio's converter registers it.
  void records_of_other_subjects_are_found_by_their_names() {
    const std::string envelope = "{\"type\":\"record\",\"name\":\"Envelope\",\"namespace\":\"shop.orders\",\"fields\":[{\"name\":\"after\",\"type\":[\"null\",\"Value\"]},{\"name\":\"source\",\"type\":\"io.Source\"}]}";
    const std::vector<RegisteredSchema::Reference> references{
        {"shop.lines.Value", "{\"type\":\"record\",\"name\":\"Value\",\"namespace\":\"shop.lines\",\"fields\":[{\"name\":\"line\",\"type\":\"int\"}]}"},
        {"shop.orders.Value", "{\"type\":\"record\",\"name\":\"Value\",\"namespace\":\"shop.orders\",\"fields\":[{\"name\":\"due\",\"type\":{\"type\":\"int\",\"connect.name\":\"io.debezium.time.Date\"}}]}"},
        {"io.Source", "{\"type\":\"record\",\"name\":\"Source\",\"namespace\":\"io\",\"fields\":[]}"}};
    QCOMPARE(QString::fromStdString(connect_schema_of(envelope, references)),
             QString("{\"fields\":[{\"field\":\"after\",\"fields\":[{\"field\":\"due\",\"name\":\"io.debezium.time.Date\"}]},{\"field\":\"source\",\"fields\":[]}]}"));
  }

  void what_is_no_record_has_no_schema_part() {
    QCOMPARE(connect_schema_of("\"string\""), std::string("null"));
    QCOMPARE(connect_schema_of("{"), std::string("null"));
    QCOMPARE(connect_schema_of("{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"x\",\"type\":\"A\"}]}"), std::string("{\"fields\":[{\"field\":\"x\",\"fields\":[{\"field\":\"x\"}]}]}"));
  }
};

QTEST_GUILESS_MAIN(AvroTranslatorTest)
#include "avro_translator_test.moc"
