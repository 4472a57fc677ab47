#include "backend/workspace/workspace_texts.h"
#include <set>

#include "connectors/simulate/simulate_connector.h"

using namespace penstock;
using namespace penstock::testing;

namespace {

// The workspaces that Penstock ships, checked against what the simulator really declares.
SettingCatalog shipped_catalog() {
  const Connector simulate = simulate_connector();
  SettingCatalog catalog = small_catalog();
  catalog.connectors["simulate"] = {.source = simulate.source_settings, .is_source = true};
  return catalog;
}

LoadResult load_shipped(const char* name) {
  const std::string source = qEnvironmentVariable("PENSTOCK_SOURCE").toStdString();
  return load_workspace(source + "/resources/workspaces/" + name, "", shipped_catalog());
}

}  // namespace

class ResourcesTest : public QObject {
  Q_OBJECT
 private slots:
  void the_shipped_workspaces_have_no_problem_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("streams");
    QTest::newRow("retail") << "retail" << 12;
    QTest::newRow("minimal") << "minimal" << 1;
  }
  void the_shipped_workspaces_have_no_problem() {
    QFETCH(QString, name);
    QFETCH(int, streams);
    const LoadResult result = load_shipped(name.toLatin1().constData());
    QCOMPARE(lines_of(result).join("\n"), QString());
    QCOMPARE(int(result.workspace.streams.size()), streams);
  }

  void the_demo_lacks_the_stores_that_its_tills_report() {
    const LoadResult result = load_shipped("retail");
    QFile seed(qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/retail/seeds/stores.csv");
    QVERIFY(seed.open(QIODevice::ReadOnly));
    const QByteArray stores = seed.readAll();
    const Setting* faults = result.workspace.find_stream("pos_sales")->sources.at(0).settings.root().find("faults");
    QVERIFY(faults);
    const Setting& unknown_store = faults->items.at(0);
    QCOMPARE(unknown_store.find("kind")->text, std::string("unknown_store"));
    for (const Setting& store : unknown_store.find("stores")->items)
      QVERIFY(!stores.contains("\n" + QByteArray::fromStdString(store.text) + ","));
    QCOMPARE(stores.count('\n'), 41);
  }

  void the_demo_uses_every_on_fail() {
    std::set<OnFail> used;
    for (const StreamSpec& stream : load_shipped("retail").workspace.streams)
      for (const StepSpec& step : stream.steps)
        for (const ExpectationSpec& expectation : step.expect) used.insert(expectation.on_fail);
    QCOMPARE(used.size(), std::size_t{4});
  }
};

QTEST_GUILESS_MAIN(ResourcesTest)
#include "resources_test.moc"
