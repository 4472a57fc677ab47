// The demo, checked with the real parts: its contracts read what the simulated systems send, and its SQL binds.

#include <QTest>

#include "connectors/json/json_formats.h"
#include "connectors/simulate/simulate_connector.h"
#include "connectors/simulate/systems.h"
#include "io/connector.h"
#include "sql/workspace_check.h"
#include "workspace/loader.h"

using namespace penstock;

namespace {

ConnectorCatalog formats() {
  ConnectorCatalog catalog;
  add_json_formats(catalog);
  return catalog;
}

SettingCatalog settings() {
  SettingCatalog catalog;
  catalog.connectors["simulate"] = {.source = simulate_connector().source_settings, .is_source = true};
  catalog.connectors["delta"] = {.sink = {{.name = "table"}}, .is_sink = true};
  catalog.formats = {"json"};
  return catalog;
}

WorkspaceFiles files_of(const QString& name) {
  Problems problems;
  return read_workspace_files((qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/" + name).toStdString(), problems);
}

Result<std::unique_ptr<Decoder>> decoder_of(const Workspace& workspace, const SourceSpec& source) {
  static const ConnectorCatalog catalog = formats();
  return (*catalog.find_format("json"))({workspace.root + "/" + source.contract, source.settings, nullptr});
}

// What the steps see of a source: its contract's columns, the raw record, its origin.
SchemaPtr with_origin(const Schema& contract) {
  std::vector<Field> fields = contract.fields();
  fields.push_back({std::string(origin::raw), {TypeKind::blob}});
  fields.push_back({std::string(origin::key), {TypeKind::blob}});
  fields.push_back({std::string(origin::headers), {TypeKind::json}});
  fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
  return std::make_shared<const Schema>(std::move(fields));
}

void add_workspaces() {
  QTest::addColumn<QString>("name");
  QTest::newRow("retail") << "retail";
  QTest::newRow("minimal") << "minimal";
}

}  // namespace

class DemoTest : public QObject {
  Q_OBJECT
 private slots:
  void contracts_read_what_the_systems_send_data() { add_workspaces(); }
  void contracts_read_what_the_systems_send() {
    QFETCH(QString, name);
    const Workspace workspace = load_workspace(files_of(name), "", settings()).workspace;
    QVERIFY(!workspace.streams.empty());
    for (const StreamSpec& stream : workspace.streams) {
      const SourceSpec& source = stream.sources.at(0);
      const auto decoder = decoder_of(workspace, source);
      QVERIFY2(decoder.ok(), decoder.ok() ? "" : decoder.error().to_string().c_str());
      const simulate::SystemPlan* system = simulate::find_system(source.settings.text("system"));
      QVERIFY(system);
      RawBatch raw;
      std::vector<std::string> texts;
      for (std::int64_t offset = 0; offset < 200; ++offset) {
        simulate::Draw draw{.partitions = 4, .offset = offset, .event_time = from_micros(1'767'225'600'000'000 + offset)};
        texts.push_back(simulate::draw_record(*system, draw, simulate::Dice(static_cast<std::uint64_t>(offset))).json);
        raw.append({.position = {0, offset}, .value = texts.back()});
      }
      raw.pad();
      BatchBuilder columns((*decoder)->schema());
      const Decoded decoded = (*decoder)->decode(raw, columns);
      QVERIFY2(decoded.failures.empty(), decoded.failures.empty() ? "" : (stream.name + ": " + decoded.failures[0].reason).c_str());
      QVERIFY2(decoded.drift.empty(), decoded.drift.empty() ? "" : (stream.name + ": " + decoded.drift[0].name).c_str());
    }
  }

  void sql_binds_data() { add_workspaces(); }
  void sql_binds() {
    QFETCH(QString, name);
    const WorkspaceFiles files = files_of(name);
    const Workspace workspace = load_workspace(files, "", settings()).workspace;
    const SqlCheck check = check_sql(workspace, files, [&](const SourceSpec& source) -> Result<SchemaPtr> {
      PENSTOCK_ASSIGN(const auto decoder, decoder_of(workspace, source));
      return with_origin(*decoder->schema());
    });
    QStringList problems;
    for (const Problem& problem : check.problems) problems << QString::fromStdString(problem.to_string());
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join("\n")));
    std::size_t steps = 0;
    for (const StreamSpec& stream : workspace.streams) steps += stream.steps.size();
    QCOMPARE(check.steps.size(), steps);
  }
};

QTEST_GUILESS_MAIN(DemoTest)
#include "demo_test.moc"
