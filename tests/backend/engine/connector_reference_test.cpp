#include "engine/connector_reference.h"

#include <QFile>
#include <QTest>

#include "engine/connectors.h"

using namespace penstock;

class ConnectorReferenceTest : public QObject {
  Q_OBJECT
 private slots:
  void thePageIsWhatTheConnectorsDeclare() {
    QFile page(qEnvironmentVariable("PENSTOCK_SOURCE") + "/docs/connectors.md");
    QVERIFY(page.open(QIODevice::ReadOnly));
    const QStringList written = QString::fromUtf8(page.readAll()).split('\n'), declared = QString::fromStdString(connector_reference(all_connectors({}))).split('\n');
    for (qsizetype line = 0; line < qMin(written.size(), declared.size()); ++line)
      QVERIFY2(written[line] == declared[line],
               qPrintable(QString("docs/connectors.md:%1 is stale: `penstockctl connections describe > docs/connectors.md`; it should be\n%2").arg(line + 1).arg(declared[line])));
    QCOMPARE(written.size(), declared.size());
  }
  void everySettingIsDeclaredWhole() {
    QStringList problems;
    for (const std::string& problem : declaration_problems(all_connectors({}))) problems << QString::fromStdString(problem);
    QCOMPARE(problems, QStringList());
  }
  void whatADeclarationLacksIsNamed() {
    ConnectorCatalog catalog;
    catalog.add({.kind = "odd",
                 .connection_settings = {{.name = "auth", .type = SettingType::map, .help = "Who.", .fields = {{.name = "password", .help = "Its | password."}}}},
                 .sink_settings = {{.name = "rows", .type = SettingType::integer, .help = "How many"}, {.name = "mode", .fallback = "c", .help = "How.", .choices = {"a", "b"}}},
                 .make_sink = [](const Settings&, const Settings&, const ConnectorContext&) -> Result<std::unique_ptr<Sink>> { return Error(ErrorKind::unsupported, "none"); }});
    QCOMPARE(declaration_problems(catalog),
             (std::vector<std::string>{"odd.connection.auth.password: is not said to be a secret", "odd.sink.rows: no sentence says what it is", "odd.sink.rows: a number without a unit",
                                       "odd.sink.mode: what it is when it is left out is none of its choices"}));
    const std::string page = connector_reference(catalog);
    QVERIFY(page.find("| `auth.password` | text | – | Its \\| password. |") != std::string::npos);
    QVERIFY(page.find("| `mode` | `a`, `b` | `c` | How. |") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(ConnectorReferenceTest)
#include "connector_reference_test.moc"
