#include "engine/contract_versions.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "engine/connectors.h"
#include "engine/state_root.h"
#include "stream/kept_contracts.h"

using namespace penstock;

namespace {

std::string sale(const char* fields) { return std::string("{\"type\":\"record\",\"name\":\"Sale\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"}") + fields + "]}"; }

}  // namespace

// What `penstockctl contract versions` shows.
class ContractVersionsTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

 private slots:
  void each_version_says_what_it_changed() {
    qputenv("XDG_STATE_HOME", folder_.filePath("state").toLocal8Bit());
    QVERIFY(QDir(folder_.path()).mkpath("workspace/contracts"));
    QFile declared(folder_.filePath("workspace/contracts/sale.avsc"));
    QVERIFY(declared.open(QIODevice::WriteOnly));
    declared.write(QByteArray::fromStdString(sale("")));
    declared.close();

    Workspace workspace;
    workspace.name = "shop";
    workspace.root = folder_.filePath("workspace").toStdString();
    StreamSpec stream;
    stream.name = "sales";
    for (const char* contract : {"contracts/sale.avsc", "registry:pos.sales-value"}) {
      SourceSpec source;
      source.name = stream.sources.empty() ? "file" : "subject";
      source.format = "avro";
      source.contract = contract;
      stream.sources.push_back(source);
    }
    workspace.streams = {stream};
    const ConnectorCatalog catalog = all_connectors({});

    auto known = contract_versions(workspace, *state_root_of(workspace), "sales", catalog);
    QVERIFY2(known.ok(), known.ok() ? "" : known.error().to_string().c_str());
    QCOMPARE((*known)[0].versions.size(), 1u);
    QCOMPARE((*known)[0].versions[0].version, 0);
    QVERIFY(!(*known)[0].versions[0].backward);
    QVERIFY((*known)[1].versions.empty());

    StreamLaunch launch;
    launch.workspace = std::make_shared<Workspace>(workspace);
    launch.stream = "sales";
    launch.state_root = *state_root_of(workspace);
    QVERIFY(keep_contract(launch, "file", sale(",{\"name\":\"qty\",\"type\":\"int\",\"default\":0}")).ok());
    QVERIFY(keep_contract(launch, "file", sale(",{\"name\":\"qty\",\"type\":\"string\"}")).ok());
    QVERIFY(keep_contract(launch, "subject", sale("")).ok());
    known = contract_versions(workspace, *state_root_of(workspace), "sales", catalog);
    QVERIFY2(known.ok(), known.ok() ? "" : known.error().to_string().c_str());
    const auto& versions = (*known)[0].versions;
    QCOMPARE(versions.size(), 3u);
    QCOMPARE(versions[1].version, 1);
    QCOMPARE(versions[1].added, std::vector<std::string>{"qty INTEGER"});
    QVERIFY(versions[1].removed.empty());
    QVERIFY(versions[1].backward == true && versions[1].forward == true && versions[1].kept_at > 0);
    QCOMPARE(versions[2].added, std::vector<std::string>{"qty VARCHAR"});
    QCOMPARE(versions[2].removed, std::vector<std::string>{"qty INTEGER"});
    QVERIFY(versions[2].backward == false && versions[2].forward == false);
    QCOMPARE((*known)[1].versions.size(), 1u);
    QCOMPARE((*known)[1].versions[0].columns, std::vector<std::string>{"id VARCHAR"});

    QCOMPARE(contract_versions(workspace, *state_root_of(workspace), "nobody", catalog).error().kind, ErrorKind::not_found);
  }
};

QTEST_GUILESS_MAIN(ContractVersionsTest)
#include "contract_versions_test.moc"
