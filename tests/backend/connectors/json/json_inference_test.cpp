#include "connectors/json/json_inference.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "connectors/json/contract_evolution.h"
#include "connectors/json/json_decoder.h"
#include "io/json_schema_contract.h"

using namespace penstock;

namespace {

RawBatch sample_of(const std::vector<std::string>& records) {
  RawBatch raw;
  for (const std::string& record : records) raw.append({.value = record});
  return raw;
}

}  // namespace

class JsonInferenceTest : public QObject {
  Q_OBJECT

 private slots:
  void types_are_those_that_every_record_shows();
  void what_was_inferred_decodes_the_sample();
  void a_sample_without_objects_is_an_error();
  void a_contract_that_was_damaged_meanwhile_is_not_extended_data();
  void a_contract_that_was_damaged_meanwhile_is_not_extended();
};

void JsonInferenceTest::types_are_those_that_every_record_shows() {
  const auto text = infer_json_contract(sample_of({
      R"({"id":1,"price":1,"at":"2026-11-20T00:00:00Z","day":"2026-11-20","note":"2026-11-20","ok":true,"mixed":1,"list":[1],"none":null})",
      R"({"id":2,"price":1.5,"at":"2026-11-20T00:00:01Z","day":"2026-11-21","note":"x","ok":null,"mixed":"a","list":[],"more":"z"})",
      "garbage"}));
  QVERIFY(text.ok());
  const auto contract = parse_json_schema_contract(*text, "inferred");
  QVERIFY(contract.ok());
  QCOMPARE(QString::fromStdString(contract->schema()->to_string()),
           QString("id BIGINT, price DOUBLE, at TIMESTAMP WITH TIME ZONE, day DATE, note VARCHAR, ok BOOLEAN, mixed JSON, list JSON, none JSON, more VARCHAR"));
  for (const ContractField& field : contract->fields) QVERIFY(field.nullable && !field.required);
}

void JsonInferenceTest::what_was_inferred_decodes_the_sample() {
  RawBatch sample = sample_of({R"({"a":1,"b":"x"})", R"({"b":null})", R"({"a":-5,"c":{"d":1}})"});
  const auto contract = parse_json_schema_contract(*infer_json_contract(sample), "inferred");
  auto decoder = make_json_decoder(*contract);
  BatchBuilder columns((*decoder)->schema());
  const Decoded decoded = (*decoder)->decode(sample, columns);
  QVERIFY(decoded.failures.empty());
  QVERIFY(decoded.drift.empty());
  const Batch rows = columns.finish();
  QCOMPARE(rows.column(0).int64(2), -5);
  QCOMPARE(rows.column(2).to_text(2), std::string(R"({"d":1})"));
}

void JsonInferenceTest::a_sample_without_objects_is_an_error() {
  const auto nothing = infer_json_contract(sample_of({"1", "[2]", "x"}));
  QVERIFY(!nothing.ok());
  QCOMPARE(nothing.error().message, std::string("none of the 3 records is a JSON object with fields"));
}

void JsonInferenceTest::a_contract_that_was_damaged_meanwhile_is_not_extended_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QByteArray>("text");
  QTest::newRow("no JSON") << "c.json" << QByteArray("{");
  QTest::newRow("properties as a list") << "c.json" << QByteArray("{\"type\":\"object\",\"properties\":[]}");
  QTest::newRow("no fields") << "c.avsc" << QByteArray("{\"type\":\"record\",\"name\":\"R\"}");
  QTest::newRow("fields as a text") << "c.avsc" << QByteArray("{\"type\":\"record\",\"name\":\"R\",\"fields\":\"a\"}");
}

void JsonInferenceTest::a_contract_that_was_damaged_meanwhile_is_not_extended() {
  QFETCH(QString, name);
  QFETCH(QByteArray, text);
  QTemporaryDir folder;
  QFile file(folder.filePath(name));
  QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
  file.close();
  const auto evolved = evolve_json_contract(file.fileName().toStdString(), sample_of({"{\"a\":1}"}), {"a"});
  QVERIFY(!evolved.ok());
  QCOMPARE(evolved.error().kind, ErrorKind::invalid_argument);
}

QTEST_APPLESS_MAIN(JsonInferenceTest)
#include "json_inference_test.moc"
