#include "connectors/json/json_inference.h"

#include <QTest>

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

QTEST_APPLESS_MAIN(JsonInferenceTest)
#include "json_inference_test.moc"
