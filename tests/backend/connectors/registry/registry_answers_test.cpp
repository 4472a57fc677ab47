#include "connectors/registry/registry_answers.h"

#include <QTest>

#include "connectors/registry/registry_http.h"

using namespace penstock;

class RegistryAnswersTest : public QObject {
  Q_OBJECT

 private slots:
  void a_schema_comes_with_its_language_and_what_it_refers_to() {
    const auto plain = parse_registry_answer("{\"schema\":\"{\\\"type\\\":\\\"int\\\"}\"}");
    QVERIFY(plain.ok());
    QCOMPARE(plain->schema.language, RegisteredSchema::Language::avro);
    QCOMPARE(plain->schema.text, std::string("{\"type\":\"int\"}"));
    const auto full = parse_registry_answer("{\"subject\":\"s\",\"version\":2,\"id\":7,\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = \\\"proto3\\\";\",\"references\":[{\"name\":\"a.proto\",\"subject\":\"a\",\"version\":3}]}");
    QVERIFY(full.ok());
    QCOMPARE(full->schema.language, RegisteredSchema::Language::protobuf);
    QCOMPARE(full->references.size(), 1u);
    QCOMPARE(full->references[0].name + "/" + full->references[0].subject + "/" + std::to_string(full->references[0].version), std::string("a.proto/a/3"));
    QVERIFY(parse_registry_answer("{\"schema\":\"x\",\"references\":null}").ok());
  }

  void what_is_no_answer_is_refused_data() {
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("nothing") << QByteArray("");
    QTest::newRow("a page") << QByteArray("<html>");
    QTest::newRow("a list") << QByteArray("[]");
    QTest::newRow("no schema") << QByteArray("{}");
    QTest::newRow("a schema that is no text") << QByteArray("{\"schema\":{\"type\":\"int\"}}");
    QTest::newRow("an unknown type") << QByteArray("{\"schema\":\"x\",\"schemaType\":\"XML\"}");
    QTest::newRow("references that are none") << QByteArray("{\"schema\":\"x\",\"references\":[{\"name\":\"a\"}]}");
    QTest::newRow("a version that is too large") << QByteArray("{\"schema\":\"x\",\"references\":[{\"name\":\"a\",\"subject\":\"a\",\"version\":4294967297}]}");
    QTest::newRow("a reference that is a text") << QByteArray("{\"schema\":\"x\",\"references\":[\"a\"]}");
  }
  void what_is_no_answer_is_refused() {
    QFETCH(const QByteArray, body);
    QVERIFY(!parse_registry_answer(body.toStdString()).ok());
  }

  // Confluent Schema Registry API reference, "Errors".
  void only_what_the_registry_says_itself_is_not_found() {
    const auto kind = [](int status, const char* body) { return registry_refusal(status, body, "schema 1").kind; };
    QCOMPARE(kind(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}"), ErrorKind::not_found);
    QCOMPARE(kind(404, "{\"error_code\":40401,\"message\":\"Subject not found\"}"), ErrorKind::not_found);
    QCOMPARE(kind(404, "<html>"), ErrorKind::unavailable);
    QCOMPARE(kind(404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}"), ErrorKind::unavailable);
    QCOMPARE(kind(401, ""), ErrorKind::unauthenticated);
    QCOMPARE(kind(403, "[]"), ErrorKind::permission_denied);
    QCOMPARE(kind(500, "{\"error_code\":50001,\"message\":\"Error in the backend datastore\"}"), ErrorKind::unavailable);
    QCOMPARE(registry_refusal(500, "{\"error_code\":50001,\"message\":\"Error in the backend datastore\"}", "schema 1").message,
             std::string("the registry answers 500 for schema 1: Error in the backend datastore"));
  }

  void a_schema_is_kept_with_all_it_needs() {
    const RegisteredSchema schema{RegisteredSchema::Language::json_schema, "{\"a\":\"é\"}", {{"b", "{}"}, {"c", "[]"}}};
    const auto again = parse_kept_schema(kept_schema_text(schema));
    QVERIFY(again.ok());
    QCOMPARE(again->language, schema.language);
    QCOMPARE(again->text, schema.text);
    QCOMPARE(again->references.size(), 2u);
    QCOMPARE(again->references[1].name + again->references[1].text, std::string("c[]"));
    QVERIFY(!parse_kept_schema("{\"schema\":\"x\"").ok());
  }

  void a_contract_holds_the_schemas_that_it_refers_to() {
    QCOMPARE(*contract_text({RegisteredSchema::Language::avro, "{\"b\":1}", {}}), std::string("{\"b\":1}"));
    QCOMPARE(*contract_text({RegisteredSchema::Language::avro, "{\"b\":1}", {{"a", "{\"a\":1}"}}}), std::string("[{\"a\":1},\n{\"b\":1}]\n"));
    QCOMPARE(contract_text({RegisteredSchema::Language::protobuf, "x", {{"a", "y"}}}).error().kind, ErrorKind::unsupported);
  }

  void subjects_may_hold_any_character() { QCOMPARE(percent_encoded("a/b c-é.~_"), std::string("a%2Fb%20c-%C3%A9.~_")); }
};

QTEST_GUILESS_MAIN(RegistryAnswersTest)
#include "registry_answers_test.moc"
