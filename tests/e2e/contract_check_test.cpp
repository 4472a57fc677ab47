#include "e2e/programs.h"

namespace penstock::e2e {

// `penstockctl contract check`: for a producer before it publishes, with no engine.
class ContractCheckTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  QString file(const QString& name, const QByteArray& text) const {
    QFile file(folder_.filePath(name));
    if (file.open(QIODevice::WriteOnly | QIODevice::Truncate)) file.write(text);
    return file.fileName();
  }
  static QByteArray sale(const QByteArray& fields) { return "{\"type\":\"record\",\"name\":\"Sale\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"}" + fields + "]}"; }

 private slots:
  void a_contract_that_may_not_follow_ends_with_1_and_names_each_reason() {
    const QString first = file("1.avsc", sale("")), second = file("2.avsc", sale(",{\"name\":\"qty\",\"type\":\"int\",\"default\":0}")),
                  third = file("3.avsc", sale(",{\"name\":\"qty\",\"type\":\"int\"}"));
    const auto good = run_program("penstockctl", {"contract", "check", first, second});
    QVERIFY2(good.exit_code == 0, good.err.c_str());
    QCOMPARE(QString::fromStdString(good.out), "compatible (BACKWARD)\n");
    const auto bad = run_program("penstockctl", {"contract", "check", first, third, "--level", "backward"});
    QCOMPARE(bad.exit_code, 1);
    QVERIFY2(bad.out.find("READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1: qty") != std::string::npos, bad.out.c_str());
    QVERIFY2(bad.out.find("not compatible (BACKWARD)") != std::string::npos, bad.out.c_str());
    QCOMPARE(run_program("penstockctl", {"contract", "check", first, third, "--level", "FORWARD"}).exit_code, 0);

    // The newest allows it, an older one does not.
    QCOMPARE(run_program("penstockctl", {"contract", "check", first, second, third}).exit_code, 0);
    const auto all = run_program("penstockctl", {"--json", "contract", "check", first, second, third, "--level", "BACKWARD_TRANSITIVE"});
    QCOMPARE(all.exit_code, 1);
    const auto json = all.json();
    QCOMPARE(json["compatible"].get<bool>(), false);
    QCOMPARE(json["level"].get<std::string>(), std::string("BACKWARD_TRANSITIVE"));
    QCOMPARE(json["incompatibilities"].size(), 1u);
    QCOMPARE(json["incompatibilities"][0]["type"].get<std::string>(), std::string("READER_FIELD_MISSING_DEFAULT_VALUE"));
    QCOMPARE(json["incompatibilities"][0]["path"].get<std::string>(), std::string("/fields/1"));
    QCOMPARE(QString::fromStdString(json["incompatibilities"][0]["writer"].get<std::string>()), first);
  }

  void what_cannot_be_compared_is_told() {
    const QString avro = file("a.avsc", sale("")), broken = file("b.avsc", "{\"type\":"), text = file("c.txt", "");
    QCOMPARE(run_program("penstockctl", {"contract", "check", avro, avro, "--level", "SIDEWAYS"}).exit_code, 2);
    QCOMPARE(run_program("penstockctl", {"contract", "check", avro}).exit_code, 2);
    const auto unreadable = run_program("penstockctl", {"contract", "check", avro, broken});
    QVERIFY(unreadable.exit_code != 0);
    QVERIFY2(unreadable.err.find("b.avsc:1") != std::string::npos, unreadable.err.c_str());
    QVERIFY(run_program("penstockctl", {"contract", "check", avro, text}).err.find("are of one language") != std::string::npos);
    QVERIFY(run_program("penstockctl", {"contract", "check", avro, folder_.filePath("none.avsc")}).err.find("cannot be read") != std::string::npos);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::ContractCheckTest)
#include "contract_check_test.moc"
