#include "io/contract.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "io/avro_contract.h"
#include "io/json_schema_contract.h"

using namespace penstock;

namespace {

void same(const std::string& actual, const std::string& expected) {
  QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected));
}

std::string columns_of(const Result<Contract>& contract) {
  return contract.ok() ? contract->schema()->to_string() : contract.error().to_string();
}

// A JSON Schema with one property `v`, which stands in line 1.
std::string schema_error(const std::string& property) {
  const auto contract = parse_json_schema_contract(R"({"type":"object","properties":{"v":)" + property + "}}", "c.json");
  return contract.ok() ? "" : contract.error().to_string();
}

ContractField schema_field(const std::string& property) {
  const auto contract = parse_json_schema_contract(R"({"type":"object","properties":{"v":)" + property + "}}", "c.json");
  if (!contract.ok()) qFatal("%s", contract.error().to_string().c_str());
  return contract->fields.front();
}

std::string avro_error(const std::string& type) {
  const auto contract = parse_avro_contract(R"({"type":"record","name":"r","fields":[{"name":"v","type":)" + type + "}]}", "c.avsc");
  return contract.ok() ? "" : contract.error().to_string();
}

}  // namespace

class ContractTest : public QObject {
  Q_OBJECT

 private slots:
  void json_schema_types_become_columns();
  void json_schema_nullable_and_required();
  void json_schema_checks_are_kept();
  void json_schema_follows_local_references();
  void json_schema_refuses_by_name_and_line_what_it_does_not_keep();
  void avro_types_become_columns();
  void avro_defaults_and_nulls();
  void avro_names_are_found_again();
  void avro_a_list_ends_with_the_contract();
  void avro_refuses_by_name_what_it_does_not_keep();
  void a_broken_file_says_where();
  void the_kind_of_file_decides();
};

void ContractTest::json_schema_types_become_columns() {
  const auto contract = parse_json_schema_contract(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "a sale", "type": "object",
    "properties": {
      "event_id": {"type": "string", "description": "unique"},
      "store_id": {"type": "integer", "format": "int32"},
      "qty": {"type": "integer"},
      "unit_price": {"type": "number", "multipleOf": 0.01},
      "rate": {"type": "number"},
      "amount": {"type": "number", "x-precision": 38, "x-scale": 6},
      "ok": {"type": "boolean"},
      "sold_at": {"type": "string", "format": "date-time"},
      "day": {"type": "string", "format": "date"},
      "mail": {"type": "string", "format": "email"},
      "photo": {"type": "string", "contentEncoding": "base64"},
      "lines": {"type": "array", "items": {"type": "object"}},
      "extra": {}
    }, "required": ["event_id"] })", "c.json");
  same(columns_of(contract),
       "event_id VARCHAR, store_id INTEGER, qty BIGINT, unit_price DECIMAL(18,2), rate DOUBLE, amount DECIMAL(38,6), ok BOOLEAN, "
       "sold_at TIMESTAMP WITH TIME ZONE, day DATE, mail VARCHAR, photo BLOB, lines JSON, extra JSON");
  QVERIFY(contract->fields[11].json == ContractField::Json::array);
}

void ContractTest::json_schema_nullable_and_required() {
  const auto contract = parse_json_schema_contract(
      R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":["string","null"]},"c":{"anyOf":[{"type":"null"},{"type":"integer"}]},
          "d":{"type":"string"}},"required":["a","b"]})", "c.json");
  QVERIFY(contract.ok());
  const auto& fields = contract->fields;
  QVERIFY(fields[0].required && !fields[0].nullable);
  QVERIFY(fields[1].required && fields[1].nullable);
  QVERIFY(!fields[2].required && fields[2].nullable);
  QVERIFY(!fields[3].required && !fields[3].nullable);
  const SchemaPtr schema = contract->schema();
  QVERIFY(!(*schema)[0].nullable);
  QVERIFY((*schema)[1].nullable && (*schema)[2].nullable && (*schema)[3].nullable);
}

void ContractTest::json_schema_checks_are_kept() {
  const ContractField status = schema_field(R"({"type":["string","null"],"enum":["open","paid",null],"minLength":2,"maxLength":9,"pattern":"^[a-z]+$"})");
  QCOMPARE(status.checks.one_of, (std::vector<std::string>{"open", "paid"}));
  QCOMPARE(status.checks.min_length, std::optional<std::int64_t>(2));
  QCOMPARE(status.checks.max_length, std::optional<std::int64_t>(9));
  same(status.checks.pattern, "^[a-z]+$");
  const ContractField qty = schema_field(R"({"type":"integer","minimum":1,"exclusiveMaximum":1000})");
  QCOMPARE(*qty.checks.minimum, 1.0);
  QVERIFY(!qty.checks.minimum_exclusive);
  QCOMPARE(*qty.checks.maximum, 1000.0);
  QVERIFY(qty.checks.maximum_exclusive);
  QVERIFY(schema_field(R"({"type":"string","format":"uuid"})").checks.uuid);
}

void ContractTest::json_schema_follows_local_references() {
  const auto contract = parse_json_schema_contract(
      R"({"type":"object","properties":{"v":{"$ref":"#/$defs/money"}},"$defs":{"money":{"type":"number","multipleOf":0.0001}}})", "c.json");
  same(columns_of(contract), "v DECIMAL(18,4)");
  same(schema_error(R"({"$ref":"#/$defs/gone"})"), "c.json:1: '$ref' to '#/$defs/gone': there is no such definition in this file");
  const auto circle = parse_json_schema_contract(R"({"type":"object","properties":{"v":{"$ref":"#/$defs/a"}},"$defs":{"a":{"$ref":"#/$defs/a"}}})", "c.json");
  same(columns_of(circle), "c.json:1: '$ref' leads in a circle");
}

void ContractTest::json_schema_refuses_by_name_and_line_what_it_does_not_keep() {
  const auto contract = parse_json_schema_contract("{\n \"type\": \"object\",\n \"properties\": {\n  \"v\": {\n   \"type\": \"string\",\n   \"not\": {}\n  }\n }\n}", "contracts/c.json");
  same(columns_of(contract), "contracts/c.json:6: keyword 'not' of 'v' is not supported in a contract");
  same(schema_error(R"({"type":"number","multipleOf":0.25})"), "c.json:1: 'multipleOf' of 'v' is supported for powers of ten only: 1, 0.1, 0.01, …");
  same(schema_error(R"({"type":["string","integer"]})"), "c.json:1: 'v': a type may be one type and null, not several");
  same(schema_error(R"({"type":"string","minimum":1})"), "c.json:1: 'minimum' does not fit 'v', which is no number");
  same(schema_error(R"({"type":"text"})"), "c.json:1: 'v' has an unknown type 'text'");
  same(columns_of(parse_json_schema_contract(R"({"$schema":"http://json-schema.org/draft-04/schema#","type":"object"})", "c.json")),
       "c.json:1: JSON Schema 'http://json-schema.org/draft-04/schema#' is not supported; use draft-07, 2019-09 or 2020-12");
  same(columns_of(parse_json_schema_contract(R"({"type":"object","properties":{"a":{"type":"string"}},"required":["b"]})", "c.json")),
       "c.json:1: 'b' is required but is no property");
  same(columns_of(parse_json_schema_contract(R"({"type":"object","properties":{"a":{}},"if":{}})", "c.json")),
       "c.json:1: keyword 'if' is not supported in a contract");
}

void ContractTest::avro_types_become_columns() {
  const auto contract = parse_avro_contract(R"({"type":"record","name":"sale","namespace":"pos","doc":"a sale","fields":[
      {"name":"event_id","type":"string"}, {"name":"store_id","type":"int"}, {"name":"n","type":"long"}, {"name":"x","type":"double"},
      {"name":"ok","type":"boolean"}, {"name":"raw","type":"bytes"},
      {"name":"unit_price","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}},
      {"name":"day","type":{"type":"int","logicalType":"date"}},
      {"name":"sold_at","type":{"type":"long","logicalType":"timestamp-millis"}},
      {"name":"seen_at","type":{"type":"long","logicalType":"timestamp-micros"}},
      {"name":"id","type":{"type":"string","logicalType":"uuid"}},
      {"name":"status","type":{"type":"enum","name":"status","symbols":["OPEN","PAID"]}},
      {"name":"lines","type":{"type":"array","items":"string"}}, {"name":"tags","type":{"type":"map","values":"string"}}]})", "c.avsc");
  same(columns_of(contract),
       "event_id VARCHAR, store_id INTEGER, n BIGINT, x DOUBLE, ok BOOLEAN, raw BLOB, unit_price DECIMAL(10,2), day DATE, "
       "sold_at TIMESTAMP WITH TIME ZONE, seen_at TIMESTAMP WITH TIME ZONE, id VARCHAR, status VARCHAR, lines JSON, tags JSON");
  QVERIFY(contract->fields[8].epoch == ContractField::Epoch::millis);
  QVERIFY(contract->fields[9].epoch == ContractField::Epoch::micros);
  QCOMPARE(contract->fields[11].checks.one_of, (std::vector<std::string>{"OPEN", "PAID"}));
  QVERIFY(contract->fields[6].decimal_as_text && contract->fields[7].date_as_days && contract->fields[10].checks.uuid);
}

void ContractTest::avro_defaults_and_nulls() {
  const auto contract = parse_avro_contract(R"({"type":"record","name":"r","fields":[
      {"name":"a","type":["null","string"],"default":null}, {"name":"b","type":["string","null"]}, {"name":"c","type":"int","default":7},
      {"name":"d","type":"int"}]})", "c.avsc");
  QVERIFY(contract.ok());
  const auto& fields = contract->fields;
  QVERIFY(fields[0].nullable && !fields[0].required && !fields[0].fallback);
  QVERIFY(fields[1].nullable && !fields[1].required);
  QVERIFY(!fields[2].nullable && !fields[2].required);
  same(*fields[2].fallback, "7");
  QVERIFY(fields[3].required);
  const SchemaPtr schema = contract->schema();
  QVERIFY((*schema)[0].nullable && (*schema)[1].nullable && !(*schema)[2].nullable && !(*schema)[3].nullable);
}

void ContractTest::avro_names_are_found_again() {
  const auto contract = parse_avro_contract(R"({"type":"record","name":"r","namespace":"n","fields":[
      {"name":"a","type":{"type":"enum","name":"colour","namespace":"n","symbols":["RED"]}}, {"name":"b","type":"colour"}, {"name":"c","type":"n.colour"},
      {"name":"self","type":["null","r"]}]})", "c.avsc");
  same(columns_of(contract), "a VARCHAR, b VARCHAR, c VARCHAR, self JSON");
  QCOMPARE(contract->fields[2].checks.one_of, (std::vector<std::string>{"RED"}));
}

void ContractTest::avro_a_list_ends_with_the_contract() {
  const auto contract = parse_avro_contract(
      "[{\"type\":\"record\",\"name\":\"Money\",\"namespace\":\"shop\",\"fields\":[{\"name\":\"currency\",\"type\":{\"type\":\"enum\",\"name\":\"Currency\",\"symbols\":[\"EUR\"]}}]},"
      "{\"type\":\"record\",\"name\":\"Sale\",\"fields\":[{\"name\":\"price\",\"type\":\"shop.Money\"},{\"name\":\"currency\",\"type\":\"Currency\"}]}]",
      "list.avsc");
  QVERIFY2(contract.ok(), contract.ok() ? "" : contract.error().to_string().c_str());
  QCOMPARE(QString::fromStdString(contract->schema()->to_string()), "price JSON, currency VARCHAR");
  QCOMPARE(contract->fields[1].checks.one_of, std::vector<std::string>{"EUR"});
  QVERIFY(!parse_avro_contract("[]", "list.avsc").ok());
}

void ContractTest::avro_refuses_by_name_what_it_does_not_keep() {
  same(avro_error(R"(["int","string"])"), "c.avsc:1: 'v': a union of null and one type is supported, not of several");
  same(avro_error(R"({"type":"int","logicalType":"time-millis"})"), "c.avsc:1: logical type 'time-millis' of 'v' is not supported");
  same(avro_error(R"({"type":"int","logicalType":"timestamp-millis"})"), "c.avsc:1: 'v': logical type timestamp-millis stands on long, not on int");
  same(avro_error(R"({"type":"bytes","logicalType":"decimal","precision":2,"scale":3})"),
       "c.avsc:1: 'v': a decimal has a 'precision' from 1 to 38 and a 'scale' up to it");
  same(avro_error(R"("strnig")"), "c.avsc:1: 'v' has an unknown type 'strnig'");
  same(columns_of(parse_avro_contract(R"("string")", "c.avsc")), "c.avsc:1: an Avro contract is a record");
}

void ContractTest::a_broken_file_says_where() {
  same(columns_of(parse_json_schema_contract("{\n\"type\": \"object\",\n\"properties\": }", "c.json")), "c.json:3: not JSON near '\"properties\": }'");
  same(columns_of(parse_avro_contract("{\"a\":1,\n\"a\":2}", "c.avsc")), "c.avsc:2: 'a' is given twice");
  same(columns_of(parse_avro_contract(std::string(1000, '['), "c.avsc")), "c.avsc:1: nested too deeply");
  same(columns_of(parse_json_schema_contract("", "c.json")), "c.json:1: not JSON near ''");
}

void ContractTest::the_kind_of_file_decides() {
  QTemporaryDir folder;
  const auto write = [&](const char* name, const char* text) {
    QFile file(folder.filePath(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
  };
  write("a.avsc", R"({"type":"record","name":"r","fields":[{"name":"v","type":"int"}]})");
  write("a.json", R"({"type":"object","properties":{"v":{"type":"integer"}}})");
  write("a.xsd", "<x/>");
  const auto load = [&](const char* name) { return load_contract(folder.filePath(name).toStdString()); };
  same(columns_of(load("a.avsc")), "v INTEGER");
  same(columns_of(load("a.json")), "v BIGINT");
  QVERIFY(load("a.xsd").error().kind == ErrorKind::unsupported);
  QVERIFY(load("gone.json").error().kind == ErrorKind::not_found);
}

QTEST_APPLESS_MAIN(ContractTest)
#include "contract_test.moc"
