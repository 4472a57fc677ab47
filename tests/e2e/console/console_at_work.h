#pragma once

// The console as its main() puts it together, in this process, with the engine that it carries inside and pods of their
// own, for a user who has never started it before.

#include <QApplication>
#include <QDir>
#include <QTemporaryDir>
#include <memory>

#include "console/console.h"
#include "e2e/programs.h"
#include "serving/logging.h"

namespace penstock::e2e {

// An empty home: no settings, no data, no state. For this process and those that it starts.
class EmptyHome {
 public:
  EmptyHome() {
    for (const auto& [name, folder] : {std::pair("HOME", "home"), std::pair("XDG_CONFIG_HOME", "config"), std::pair("XDG_DATA_HOME", "data"),
                                       std::pair("XDG_STATE_HOME", "state"), std::pair("XDG_CACHE_HOME", "cache"), std::pair("XDG_RUNTIME_DIR", "run")}) {
      QDir().mkpath(folder_.filePath(folder));
      qputenv(name, folder_.filePath(folder).toUtf8());
    }
    QFile::setPermissions(folder_.filePath("run"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  }
  QString path(const QString& inside) const { return folder_.filePath(inside); }
  // Where the demo is copied to at its first start.
  QString demo() const { return path("data/penstock/demo/retail"); }
  QString operations() const { return path("state/penstock"); }

 private:
  QTemporaryDir folder_;
};

// penstockctl beside the console: what the engine itself says, not what the screen shows.
class Witness {
 public:
  explicit Witness(QString workspace) : workspace_(std::move(workspace)) {}

  nlohmann::json ask(const QStringList& arguments) const { return run_program("penstockctl", QStringList{"--workspace", workspace_, "--json"} + arguments).json(); }
  std::int64_t number(const QString& sql) const { return only_number(ask({"query", sql})); }
  // Process ids of the running pods, by name.
  std::map<std::string, std::int64_t> pods() const {
    std::map<std::string, std::int64_t> processes;
    const auto listed = ask({"pods", "list"});
    if (!listed.is_object()) return processes;
    for (const auto& pod : listed["pods"]) processes[pod["name"].get<std::string>()] = pod["process_id"].get<std::int64_t>();
    return processes;
  }

 private:
  const QString workspace_;
};

// Processes that outlive what started them by design; they end with the test, whatever it came to.
class Leftovers {
 public:
  ~Leftovers() {
    // The engine, which was added last, first: it would start its pods again.
    for (auto process = processes_.rbegin(); process != processes_.rend(); ++process) QProcess::execute("kill", {"-9", QString::number(*process)});
  }
  void add(const std::map<std::string, std::int64_t>& processes) {
    for (const auto& [name, process] : processes) processes_.push_back(process);
  }

 private:
  std::vector<std::int64_t> processes_;
};

class ConsoleAtWork {
 public:
  explicit ConsoleAtWork(const QStringList& arguments) {
    ConsoleOptions options;
    readOptions(QStringList{"penstock"} + arguments, options);
    console_ = std::make_unique<Console>(options, logs());
    console_->start();
    window_ = qobject_cast<ui::MainWindow*>(topLevel());
    window_->activateWindow();
  }
  // Nothing stays behind, whatever the test came to: streams are drained and their pods end.
  ~ConsoleAtWork() {
    if (!window_->isVisible()) return;
    emit window_->drainRequested();
    if (!QTest::qWaitFor([this] { return !window_->isVisible(); }, 120'000)) qWarning("the streams did not drain");
  }

  ui::MainWindow& window() const { return *window_; }

 private:
  static std::shared_ptr<LogRing> logs() {
    static const auto ring = log_as_engine(LogTo::nowhere);
    return ring;
  }
  static QWidget* topLevel() {
    for (QWidget* widget : QApplication::topLevelWidgets())
      if (qobject_cast<ui::MainWindow*>(widget)) return widget;
    return nullptr;
  }

  std::unique_ptr<Console> console_;
  ui::MainWindow* window_ = nullptr;
};

// build/pictures/<name>, beside what --capture writes.
inline QString pictureFolder(const QString& name) { return qEnvironmentVariable("PENSTOCK_SOURCE") + "/build/pictures/" + name; }

}  // namespace penstock::e2e
