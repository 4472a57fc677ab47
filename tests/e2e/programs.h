#pragma once

// Penstock's programs as a user runs them, over a copy of a demo workspace with state of its own.

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace penstock::e2e {

inline QString program(const char* name) { return qEnvironmentVariable("PENSTOCK_BIN") + "/" + name; }

struct Ended {
  int exit_code = -1;
  std::string out, err;
  nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
};

// Runs one of the programs to its end. What lives in the test's own process goes on meanwhile.
inline Ended run_program(const char* name, const QStringList& arguments, const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment()) {
  QProcess process;
  process.setProcessEnvironment(environment);
  process.start(program(name), arguments);
  // The test's own time limit comes first.
  if (!QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, 1'800'000)) process.kill();
  return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput().toStdString(),
          process.readAllStandardError().toStdString()};
}

// The one number in what `query` gave; -1 when it failed.
inline std::int64_t only_number(const nlohmann::json& result) {
  if (!result.is_object() || !result.contains("rows") || result["rows"].size() != 1) return -1;
  const auto& value = result["rows"][0].begin().value();
  return value.is_number() ? value.get<std::int64_t>() : -1;
}

class Site {
 public:
  // A copy of resources/workspaces/<name>.
  explicit Site(const QString& name) { copy(qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/" + name, workspace()); }
  ~Site() {
    if (left_pods_ && !engine_) start_engine();      // adopts what a killed engine left, so that it can be ended
    stop_engine();
  }

  // For the programs that are started from now on.
  void set_variable(const QString& name, const QString& value) { variables_[name] = value; }

  QString workspace() const { return folder_.path() + "/workspace"; }
  void write(const QString& path, const QByteArray& text) {
    QFile file(workspace() + "/" + path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(text);
  }
  QByteArray read(const QString& path) const {
    QFile file(workspace() + "/" + path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }
  // Where the workspace's tables lie; empty before there are any.
  QString tables() const {
    QDirIterator found(folder_.path() + "/state", {"tables"}, QDir::Dirs, QDirIterator::Subdirectories);
    return found.hasNext() ? found.next() : QString();
  }

  Ended ctl(QStringList arguments) {
    return run("penstockctl", QStringList{"--workspace", workspace(), "--json"} + arguments);
  }
  Ended run(const char* name, const QStringList& arguments) { return run_program(name, arguments, environment()); }

  // Of the engine of this site: what a client shows that does not find it by its workspace.
  QString token_file() const {
    QFile file(folder_.path() + "/token");
    if (!file.exists() && file.open(QIODevice::WriteOnly)) {
      file.write("of-this-site\n");
      file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    }
    return file.fileName();
  }

  // Returns when it listens.
  void start_engine() {
    engine_ = std::make_unique<QProcess>();
    engine_->setProcessEnvironment(environment());
    engine_->setStandardErrorFile(folder_.path() + "/engine.log", QIODevice::Append);
    engine_->start(program("penstockd"), {"--workspace", workspace(), "--token-file", token_file()});
    QTRY_VERIFY_WITH_TIMEOUT(engine_->canReadLine() || engine_->state() == QProcess::NotRunning, 120'000);
    const QByteArray line = engine_->readLine();
    QVERIFY2(line.startsWith("penstockd listens on "), (line + "it said: " + said_by_engine()).constData());
    address_ = line.mid(21).trimmed();
  }
  QByteArray said_by_engine() const {
    QFile file(folder_.path() + "/engine.log");
    return file.open(QIODevice::ReadOnly) ? file.readAll().right(2000) : QByteArray();
  }
  void kill_engine() {
    left_pods_ = true;
    engine_->kill();
    engine_->waitForFinished();
    engine_.reset();
  }
  void stop_engine() {
    if (!engine_) return;
    engine_->terminate();
    if (!engine_->waitForFinished(120'000)) engine_->kill();
    engine_.reset();
  }
  QString address() const { return address_; }
  qint64 engine_process() const { return engine_->processId(); }

  QProcessEnvironment environment() const {
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_STATE_HOME", folder_.path() + "/state");
    for (const auto& [name, value] : variables_) environment.insert(name, value);
    return environment;
  }

  // As `pods list` gives them; none while the engine does not answer.
  nlohmann::json pods() {
    const auto listed = ctl({"pods", "list"}).json();
    return listed.is_object() ? listed["pods"] : nlohmann::json::array();
  }
  std::vector<nlohmann::json> running_pods() {
    std::vector<nlohmann::json> running;
    for (const auto& pod : pods())
      if (pod["phase"] == "running") running.push_back(pod);
    return running;
  }
  // As `metrics` gives it; null while the engine does not answer.
  nlohmann::json pipeline(const QString& name) {
    const auto metrics = ctl({"metrics", name}).json();
    return metrics.is_object() ? metrics["pipeline"] : nlohmann::json(nlohmann::json::object());
  }
  std::int64_t number(const QString& sql) { return only_number(ctl({"query", sql}).json()); }

 private:
  static void copy(const QString& from, const QString& to) {
    QDir().mkpath(to);
    for (const auto& entry : QDir(from).entryInfoList(QDir::AllEntries | QDir::NoDotAndDotDot))
      entry.isDir() ? copy(entry.filePath(), to + "/" + entry.fileName()) : static_cast<void>(QFile::copy(entry.filePath(), to + "/" + entry.fileName()));
  }
  QTemporaryDir folder_;
  std::unique_ptr<QProcess> engine_;
  QString address_;
  bool left_pods_ = false;
  std::map<QString, QString> variables_;
};

}  // namespace penstock::e2e
