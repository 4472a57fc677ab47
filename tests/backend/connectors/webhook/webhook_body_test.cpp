#include "connectors/webhook/webhook_body.h"

#include <QTest>

using namespace penstock::webhook;

namespace {

QStringList records(const char* body, BodyKind kind = BodyKind::json) {
  const SplitBody split = split_body(body, kind);
  if (!split.problem.empty()) return {"refused: " + QString::fromStdString(split.problem)};
  QStringList texts;
  for (const std::string_view record : split.records) texts << QString::fromUtf8(record.data(), qsizetype(record.size()));
  return texts;
}

}  // namespace

class WebhookBodyTest : public QObject {
  Q_OBJECT
 private slots:
  void aBodyIsSplitIntoItsRecords_data() {
    QTest::addColumn<QString>("body");
    QTest::addColumn<QStringList>("expected");
    QTest::addRow("an object") << " {\"a\": 1} \n" << QStringList{"{\"a\": 1}"};
    QTest::addRow("an array") << "[{\"a\":1.10}, {\"b\":[1,2]} ,{}]" << QStringList{"{\"a\":1.10}", "{\"b\":[1,2]}", "{}"};
    QTest::addRow("objects one after the other") << "{\"a\":1}\n{\"b\":2}{\"c\":3}" << QStringList{"{\"a\":1}", "{\"b\":2}", "{\"c\":3}"};
    QTest::addRow("brackets and quotes inside of texts") << "[{\"a\":\"],}\\\"\"},{\"b\":\"\\\\\"}]" << QStringList{"{\"a\":\"],}\\\"\"}", "{\"b\":\"\\\\\"}"};
    QTest::addRow("elements that are no objects") << "[1, \"x\", null, [2]]" << QStringList{"1", "\"x\"", "null", "[2]"};
    QTest::addRow("nothing") << " \n" << QStringList();
    QTest::addRow("an empty array") << " [ ] " << QStringList();
    QTest::addRow("one bad record is the decoder's") << "[{\"a\":nope},{\"b\":1}]" << QStringList{"{\"a\":nope}", "{\"b\":1}"};
    QTest::addRow("an array that does not end") << "[{\"a\":1}," << QStringList{"refused: the array does not end, or is no JSON, at byte 9"};
    QTest::addRow("an object that does not end") << "{\"a\":\"1}" << QStringList{"refused: expected a JSON object that ends, or an array, at byte 0"};
    QTest::addRow("no JSON") << "id=7&qty=1" << QStringList{"refused: expected a JSON object that ends, or an array, at byte 0"};
    QTest::addRow("text behind an array") << "[1] 2" << QStringList{"refused: text follows the array"};
    QTest::addRow("no comma") << "[1 2]" << QStringList{"refused: the array does not end, or is no JSON, at byte 3"};
    QTest::addRow("two commas") << "[1,,2]" << QStringList{"refused: the array does not end, or is no JSON, at byte 3"};
  }
  void aBodyIsSplitIntoItsRecords() {
    QFETCH(QString, body);
    QFETCH(QStringList, expected);
    QCOMPARE(records(body.toUtf8()), expected);
  }
  void linesAndWholeBodiesAreTakenAsTheyAre() {
    QCOMPARE(records("{\"a\":1}\r\n\n nope\n{\"b\":2}", BodyKind::lines), (QStringList{"{\"a\":1}", " nope", "{\"b\":2}"}));
    QCOMPARE(records("a,b\n1,2\n", BodyKind::whole), QStringList{"a,b\n1,2\n"});
    QCOMPARE(records("", BodyKind::whole), QStringList());
  }
  // RFC 4231, test case 2.
  void aSignatureIsTheHmacOfTheBody() {
    const std::string text = "what do ya want for nothing?";
    QVERIFY(is_signed("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", text, "Jefe"));
    QVERIFY(is_signed("sha256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843", text, "Jefe"));
    QVERIFY(is_signed("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=", text, "Jefe"));
    QVERIFY(!is_signed("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3844", text, "Jefe"));
    QVERIFY(!is_signed("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", text + " ", "Jefe"));
    QVERIFY(!is_signed("", text, "Jefe"));
    QVERIFY(!is_signed("", text, ""));
  }
  void aBearerIsTheWholeToken() {
    QVERIFY(is_bearer("Bearer t0ken", "t0ken"));
    QVERIFY(is_bearer("bearer t0ken", "t0ken"));
    for (const char* other : {"", "Bearer", "Bearer ", "Bearer t0ke", "Bearer t0kenn", "Basic t0ken", "t0ken"}) QVERIFY2(!is_bearer(other, "t0ken"), other);
    QVERIFY(!is_bearer("Bearer ", ""));
  }
};

QTEST_GUILESS_MAIN(WebhookBodyTest)
#include "webhook_body_test.moc"
