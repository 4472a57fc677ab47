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
  catalog.connectors["simulate"] = {simulate.connection_settings, simulate.source_settings, simulate.sink_settings, true, false};
  return catalog;
}

LoadResult load_shipped(const char* name) {
  const std::string source = qEnvironmentVariable("PENSTOCK_SOURCE").toStdString();
  return load_workspace(source + "/resources/workspaces/" + name, "", shipped_catalog());
}

struct Scenario {
  WorkspaceFiles files;
  QStringList refused;      // parts of the problems that it expects
};

// The workspace of a scenario (tests/scenarios/README.md), and what it says about being refused.
Scenario read_scenario(const QString& path) {
  Scenario scenario{{"/scenario", {{"penstock.yaml", "workspace: scenario\n"}}}, {}};
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read %s", qPrintable(path));
  QString section;
  for (const QString& line : QString::fromUtf8(file.readAll()).split('\n')) {
    if (line.startsWith("--- ")) section = line.mid(4).trimmed();
    else if (section.startsWith("file ")) scenario.files.files[section.mid(5).toStdString()] += line.toStdString() + "\n";
    else if (section == "expect refused" && !line.isEmpty()) scenario.refused << line;
  }
  return scenario;
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

  void scenarios_load_or_are_refused_as_they_say_data() {
    QTest::addColumn<QString>("path");
    const QDir folder(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/scenarios");
    const QStringList names = folder.entryList({"*.scenario"}, QDir::Files);
    QVERIFY(names.size() >= 12);
    for (const QString& name : names) QTest::newRow(qPrintable(name)) << folder.filePath(name);
  }
  void scenarios_load_or_are_refused_as_they_say() {
    QFETCH(QString, path);
    const Scenario scenario = read_scenario(path);
    QStringList problems = lines_of(load_workspace(scenario.files, "", shipped_catalog()));
    QCOMPARE(problems.size(), scenario.refused.size());
    for (const QString& part : scenario.refused)
      QVERIFY2(!problems.filter(part).isEmpty(), qPrintable(part + "\nis not among\n" + problems.join("\n")));
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
