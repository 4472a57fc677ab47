#include <QRegularExpression>

#include "e2e/programs.h"

namespace penstock::e2e {

// Every command that README.md shows, run as it stands there, with names of the demo for what it writes in capitals.
class ReadmeTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void cleanupTestCase() { site_.reset(); }
  void every_command_works_data();
  void every_command_works();

 private:
  std::unique_ptr<Site> site_;
  QTemporaryDir folder_;
};

namespace {

QString readme() {
  QFile file(qEnvironmentVariable("PENSTOCK_SOURCE") + "/README.md");
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

bool is_command(const QString& text) {
  static const QRegularExpression program("^((penstock|penstockctl|penstockd|cmake|ctest) \\S|(\\./)?installer/\\w+( |$)|tests/\\S+/run( |$))");
  return program.match(text).hasMatch();
}

// Of the code blocks and of what stands between back-ticks, in the order of the page, each once.
QStringList commands_of(const QString& page) {
  static const QRegularExpression code("```\\w*\\n(?<block>.*?)```|`(?<span>[^`\\n]+)`", QRegularExpression::DotMatchesEverythingOption);
  QStringList commands;
  for (auto found = code.globalMatch(page); found.hasNext();) {
    const auto match = found.next();
    const QStringList lines = match.captured("span").isEmpty() ? match.captured("block").split('\n') : QStringList{match.captured("span")};
    for (const QString& line : lines)
      for (const QString& part : line.section(" #", 0, 0).split(" && "))
        if (is_command(part.trimmed())) commands << part.trimmed();
  }
  commands.removeDuplicates();
  return commands;
}

// Does what it is for, and then goes on until it is stopped.
bool runs_on(const QString& command) { return command.startsWith("penstockd ") || command.contains("--watch") || command.contains("--follow"); }

// What this workspace answers instead: its state is sound, and its streams share a pod. e2e/state_loss and e2e/scaling show what
// these are for.
const char* refusal_of(const QString& command) {
  if (command.contains("--rebuild")) return "resume it without a choice";
  return command.contains("pods scale") ? "has no pods of its own" : nullptr;
}

// Building and testing is what this test runs inside of: these are checked without running them.
bool is_of_the_build(const QString& command) {
  return command.contains("installer/") || command.startsWith("tests/") || command.startsWith("cmake ") || command.startsWith("ctest ");
}

}  // namespace

void ReadmeTest::initTestCase() {
  site_ = std::make_unique<Site>("retail");
  site_->start_engine();
  QTRY_VERIFY_WITH_TIMEOUT(site_->number("SELECT count(*) FROM quarantine.pos_sales") > 0, 240'000);
  QTRY_VERIFY_WITH_TIMEOUT(site_->ctl({"failures", "known_store", "--limit", "1"}).json()["total"].get<std::int64_t>() > 0, 120'000);
}

void ReadmeTest::every_command_works_data() {
  QTest::addColumn<QString>("command");
  const QStringList commands = commands_of(readme());
  QVERIFY(commands.size() > 20);
  for (const QString& command : commands) QTest::newRow(qPrintable(command)) << command;
}

void ReadmeTest::every_command_works() {
  QFETCH(QString, command);
  const QString source = qEnvironmentVariable("PENSTOCK_SOURCE");
  if (is_of_the_build(command)) {
    QStringList words = QProcess::splitCommand(command);
    if (words.contains("--preset")) {
      QFile presets(source + "/CMakePresets.json");
      QVERIFY(presets.open(QIODevice::ReadOnly));
      QVERIFY(presets.readAll().contains(('"' + words[words.indexOf("--preset") + 1] + '"').toUtf8()));
    } else {
      QVERIFY(QFileInfo(source + "/" + words.front()).isExecutable());
    }
    return;
  }

  QString filled = command;
  const auto rejected = site_->ctl({"failures", "known_store", "--limit", "1"}).json()["rows"];
  const std::vector<std::pair<QString, QString>> names{
      {"init DIR", "init " + folder_.path() + "/new"}, {"--capture DIR", "--capture " + folder_.path() + "/pictures"}, {"DIR", site_->workspace()},
      {"OLD", "contracts/payment.json"}, {"NEW", "contracts/payment.json"}, {"STREAM", "pos_sales"}, {"STEP", "pos_sales.takings"}, {"POD", "shared-0"}, {"HOST:PORT", site_->address()}, {"FILE", site_->token_file()},
      {"--from T", "--from 2020-01-01T00:00:00Z"}, {"--to T", "--to 2100-01-01T00:00:00Z"},
      {" ID", rejected.empty() ? QString() : " " + QString::fromStdString(rejected[0]["id"].get<std::string>())}};
  for (const auto& [name, value] : names) filled.replace(QRegularExpression(QRegularExpression::escape(name) + "(?![A-Z])"), value);
  QStringList words = QProcess::splitCommand(filled.replace('\'', '"'));
  const QString name = words.takeFirst();
  // The console ends by itself when it is asked for pictures.
  if (name == "penstock" && !words.contains("--capture")) words += {"--capture", folder_.path() + "/shown", "--after", "1"};
  // The workspace's engine runs already: a second one needs a folder of its own.
  if (name == "penstockd") words.replaceInStrings(site_->workspace(), folder_.path() + "/new");

  QProcess process;
  auto environment = site_->environment();
  environment.insert("HOME", folder_.path());
  process.setProcessEnvironment(environment);
  process.setWorkingDirectory(site_->workspace());
  process.start(program(qPrintable(name)), words);
  if (runs_on(command)) {
    QTRY_VERIFY2_WITH_TIMEOUT(process.bytesAvailable() > 0 || process.state() == QProcess::NotRunning, qPrintable(filled), 120'000);
    QVERIFY2(process.state() == QProcess::Running, process.readAllStandardError().constData());
    process.terminate();
    QVERIFY(process.waitForFinished(60'000));
    return;
  }
  QVERIFY2(process.waitForFinished(240'000), qPrintable(filled));
  if (const char* refusal = refusal_of(command)) {
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(process.readAllStandardError().contains(refusal));
    return;
  }
  QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, (filled.toUtf8() + "\n" + process.readAllStandardError()).constData());
}

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::ReadmeTest)
#include "readme_test.moc"
