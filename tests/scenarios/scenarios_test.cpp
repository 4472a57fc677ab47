#include <QDir>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QTest>

#include "engine/connectors.h"
#include "engine/workspace_control.h"
#include "record/row_json.h"
#include "scenarios/row_match.h"
#include "scenarios/scenario.h"
#include "sql/parquet_files.h"
#include "stream/pod_runtime.h"
#include "support/memory_connectors.h"

using namespace penstock;
using test::Scenario;
using test::ScenarioRecord;

namespace {

enum class Epochs { whole, single, random };

void write_file(const QString& path, const QByteArray& content) {
  QDir().mkpath(QFileInfo(path).path());
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  QCOMPARE(file.write(content), content.size());
}

Setting text_setting(const std::string& text) {
  Setting setting;
  setting.kind = Setting::Kind::text;
  setting.text = text;
  return setting;
}

Settings one_setting(const std::string& key, const std::string& text) {
  Setting root;
  root.kind = Setting::Kind::map;
  root.entries.push_back({key, text_setting(text)});
  return Settings(root);
}

// A row as JSON. Rejected rows show the columns that they had at their step beside those of their table.
QString row_text(const Batch& rows, std::int64_t row) {
  std::string json;
  append_row_json(rows, row, json);
  QJsonObject columns = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
  const QJsonObject values = QJsonDocument::fromJson(columns.take("_values").toString().toUtf8()).object();
  for (auto value = values.begin(); value != values.end(); ++value)
    if (!columns.contains(value.key())) columns[value.key()] = value.value();
  return QString::fromUtf8(QJsonDocument(columns).toJson(QJsonDocument::Compact));
}

// One scenario in a folder of its own: a real workspace, real state and real Delta tables; only the source is in memory.
class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, Epochs epochs, quint32 seed)
      : scenario_(scenario), epochs_(epochs), random_(seed), catalog_(all_connectors(folder_.path().toStdString())) {
    peers_.add_to(catalog_);
    for (auto file = scenario.files.begin(); file != scenario.files.end(); ++file) write_file(folder_.filePath("workspace/" + file.key()), file.value());
  }

  // What `penstockctl validate` prints.
  QStringList problems() {
    CheckedWorkspace checked = check_workspace_folder(folder_.filePath("workspace").toStdString(), "", catalog_);
    QStringList lines;
    for (const Problem& problem : checked.problems) lines << QString::fromStdString(problem.to_string());
    workspace_ = std::make_shared<Workspace>(std::move(checked.workspace));
    return lines;
  }

  // After problems(), when it found none.
  void run() {
    // Input is for the one stream that reads no table; the others read what it lands.
    const auto first = std::find_if(workspace_->streams.begin(), workspace_->streams.end(), [](const StreamSpec& one) { return one.sources.front().kind != "table"; });
    QVERIFY(first != workspace_->streams.end());
    std::rotate(workspace_->streams.begin(), first, first + 1);
    replace_sources();
    keep_rows_that_are_not_landed();
    for (std::size_t life = 0; life < scenario_.lives.size(); ++life) {
      feed(scenario_.lives[life]);
      if (QTest::currentTestFailed()) return;
      if (life + 1 < scenario_.lives.size()) pod_.reset();
    }
    for (const StreamSpec& one : workspace_->streams) {
      wait_until_reading(one);
      const auto drained = pod_->stop(one.name, {.drain = true, .close_windows = true});
      QVERIFY2(drained.ok(), drained.ok() ? "" : drained.error().to_string().c_str());
    }
  }

  // The rows of what an `expect` names; an error where the workspace has no such table.
  Result<QStringList> rows(const QString& name) const {
    if (name == "quarantine" || name == "dead_letters") return table_rows(name.toStdString() + "." + stream().name);
    for (const StreamSpec& one : workspace_->streams)
      for (const StepSpec& step : one.steps) {
        if (name == "late" && !step.late_table().empty()) return table_rows(step.late_table());
        if (name.toStdString() == step.land) return table_rows(step.land);
        if (name.toStdString() == step.name && step.land.empty()) return kept_rows(step.name);
      }
    return Error(ErrorKind::not_found, "the workspace has no table or step " + name.toStdString());
  }

 private:
  StreamSpec& stream() const { return workspace_->streams.front(); }

  void replace_sources() {
    std::map<std::string, std::int32_t> partitions;
    for (const auto& life : scenario_.lives)
      for (const ScenarioRecord& record : life) {
        auto& count = partitions[record.source.toStdString()];
        count = std::max(count, record.partition + 1);
      }
    for (SourceSpec& source : stream().sources) {
      source.kind = "memory";
      source.connection.clear();
      source.settings = one_setting("topic", source.name);
      peers_.topic(source.name, std::max(partitions[source.name], 1));
      partitions.erase(source.name);
    }
    QVERIFY2(partitions.empty(), "there is input for a source that the stream does not have");
    // A slow machine makes no partition idle.
    for (StreamSpec& one : workspace_->streams)
      for (StepSpec& step : one.steps) {
        if (step.window) step.window->idle_timeout = std::chrono::hours(24);
        if (step.join) step.join->idle_timeout = std::chrono::hours(24);
      }
  }

  void keep_rows_that_are_not_landed() {
    for (StreamSpec& one : workspace_->streams)
      for (const StepSpec& step : one.steps) {
        if (!step.land.empty()) continue;
        SinkSpec kept;
        kept.name = step.name + ".kept";
        kept.from = step.name;
        kept.kind = "memory_table";
        kept.table = step.name;
        kept.settings = one_setting("table", step.name);
        one.sinks.push_back(kept);
      }
  }

  void start() {
    pod_ = std::make_unique<PodRuntime>(catalog_, PodRuntime::Options{.pod = "scenario-0", .memory_bytes = 64 << 20});
    StreamLaunch launch;
    launch.workspace = workspace_;
    launch.version = 1;
    launch.state_root = folder_.filePath("state").toStdString();
    launch.tables_root = folder_.filePath("tables").toStdString();
    for (const StreamSpec& one : workspace_->streams) {
      launch.stream = one.name;
      const auto status = pod_->start(launch);
      QVERIFY2(status.ok(), status.ok() ? "" : status.error().to_string().c_str());
    }
  }

  StreamReport report_of(const std::string& name) const {
    const auto reports = pod_->report().streams;
    const auto found = std::find_if(reports.begin(), reports.end(), [&](const StreamReport& one) { return one.stream == name; });
    return found == reports.end() ? StreamReport() : *found;
  }

  // A stream over a table begins once the table is there.
  void wait_until_reading(const StreamSpec& one) {
    StreamReport report;
    const bool reads = QTest::qWaitFor([&] {
      report = report_of(one.name);
      return report.status != PipelineStatus::starting;
    }, 60000);
    QVERIFY2(reads && report.status != PipelineStatus::failing, report.reason.c_str());
  }

  // Starts the pod and returns when the records of one life were read and their epochs closed.
  void feed(const std::vector<ScenarioRecord>& records) {
    std::size_t next = 0;
    const auto append = [&](std::size_t count) {
      for (; count > 0 && next < records.size(); --count, ++next, ++appended_)
        peers_.topic(records[next].source.toStdString())->append(records[next].partition, records[next].bytes.toStdString(), appended_ * 1000);
    };
    if (epochs_ == Epochs::whole) append(records.size());
    start();
    while (!QTest::currentTestFailed()) {
      wait_until_read();
      if (next == records.size()) return;
      append(epochs_ == Epochs::single ? 1 : static_cast<std::size_t>(random_.bounded(1, 5)));
    }
  }

  void wait_until_read() {
    StreamReport report;
    const auto read = [&] {
      report = report_of(stream().name);
      return report.rows_in == appended_ || report.status == PipelineStatus::failing;
    };
    QTRY_VERIFY_WITH_TIMEOUT(read(), 60000);
    QVERIFY2(report.status != PipelineStatus::failing, report.reason.c_str());
  }

  Result<QStringList> table_rows(const std::string& table) const {
    QStringList rows;
    PENSTOCK_ASSIGN(const auto parquet, make_parquet_files());
    const Status read = catalog_.table_reader()(folder_.filePath("tables").toStdString(), table, "true", *parquet, [&](const Batch& batch) -> Status {
      for (std::int64_t row = 0; row < batch.rows(); ++row) rows << row_text(batch, row);
      return {};
    });
    // A table begins with its first row.
    if (!read.ok() && read.error().kind != ErrorKind::not_found) return read.error();
    return rows;
  }

  QStringList kept_rows(const std::string& step) const {
    QStringList rows;
    for (const std::string& row : peers_.table(step)->rows()) rows << QString::fromStdString(row);
    return rows;
  }

  const Scenario& scenario_;
  const Epochs epochs_;
  QRandomGenerator random_;
  const QTemporaryDir folder_;
  mutable test::MemoryPeers peers_;
  ConnectorCatalog catalog_;
  std::shared_ptr<Workspace> workspace_;
  std::int64_t appended_ = 0;
  std::unique_ptr<PodRuntime> pod_;
};

}  // namespace

// Runs every file of tests/scenarios as its README says.
class ScenariosTest : public QObject {
  Q_OBJECT
 private slots:
  void every_scenario_comes_out_as_it_says_data() {
    QTest::addColumn<QString>("path");
    const QDir folder(qEnvironmentVariable("PENSTOCK_SOURCE") + "/tests/scenarios");
    const QStringList names = folder.entryList({"*.scenario"}, QDir::Files);
    QVERIFY2(!names.isEmpty(), qPrintable(folder.path()));
    for (const QString& name : names) QTest::newRow(qPrintable(QFileInfo(name).baseName())) << folder.filePath(name);
  }
  void every_scenario_comes_out_as_it_says() {
    QFETCH(QString, path);
    const Scenario scenario = test::read_scenario(path);
    QCOMPARE(scenario.problems, QStringList());
    QVERIFY(!scenario.expected.isEmpty());
    bool given = false;
    const quint32 asked = qEnvironmentVariable("PENSTOCK_SEED").toUInt(&given);
    const quint32 seed = given ? asked : QRandomGenerator::global()->generate();
    for (const Epochs epochs : {Epochs::whole, Epochs::single, Epochs::random}) {
      const QByteArray how = epochs == Epochs::whole ? "one epoch" : epochs == Epochs::single ? "one record an epoch" : "PENSTOCK_SEED=" + QByteArray::number(seed);
      ScenarioRun run(scenario, epochs, seed);
      const QStringList problems = run.problems();
      if (scenario.expected.contains("refused")) {
        for (const QString& part : scenario.expected["refused"])
          QVERIFY2(!problems.filter(part).isEmpty(), qPrintable(part + "\nis not among\n" + problems.join("\n")));
        QCOMPARE(problems.size(), scenario.expected["refused"].size());
        return;
      }
      QVERIFY2(problems.isEmpty(), qPrintable(problems.join("\n")));
      run.run();
      if (QTest::currentTestFailed()) return;
      for (auto table = scenario.expected.begin(); table != scenario.expected.end(); ++table) {
        const auto rows = run.rows(table.key());
        QVERIFY2(rows.ok(), rows.ok() ? "" : rows.error().to_string().c_str());
        const QStringList lines = test::differences(table.value(), *rows);
        QVERIFY2(lines.isEmpty(), qPrintable(table.key() + ", " + how + ":\n" + lines.join("\n")));
      }
    }
  }

  // The judge of the others.
  void a_row_too_many_or_too_few_is_told() {
    QCOMPARE(test::differences({R"({"a":1})", R"({"a":1,"b":2})"}, {R"({"a":1,"b":2})", R"({"a":1,"b":3})"}), QStringList());
    QCOMPARE(test::differences({R"({"a":2.5,"t":"2026-01-01T10:00:00Z","n":null})"}, {R"({"a":2.50,"t":"2026-01-01T10:00:00.000Z","n":null})"}), QStringList());
    QCOMPARE(test::differences({R"({"a":1})"}, {}), QStringList({R"(missing:  {"a":1})"}));
    QCOMPARE(test::differences({}, {R"({"a":1})"}), QStringList({R"(too many: {"a":1})"}));
    QCOMPARE(test::differences({R"({"a":null})"}, {R"({"a":0})"}).size(), 2);
    QCOMPARE(test::differences({R"({"a":null})"}, {R"({"b":0})"}).size(), 2);
  }
};

QTEST_GUILESS_MAIN(ScenariosTest)
#include "scenarios_test.moc"
