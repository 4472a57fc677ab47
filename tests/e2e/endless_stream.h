#pragma once

// A stream of a source that never ends, into an SQLite table, in a process of its own (tests/support/stream_child.cpp) that is
// killed and started again.

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>

namespace penstock::e2e {

class EndlessStream {
 public:
  // Rows have a whole number `id` (contracts/row.json).
  EndlessStream(const std::string& source, const std::string& connections, const std::string& more_sinks = {}) {
    write("penstock.yaml", "workspace: endless\n");
    write("connections.yaml", connections);
    write("contracts/row.json", R"({"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]})");
    write("pipelines/rows.yaml", "stream: rows\nsource:\n  " + source + "\nflush: 1ms\ndrift: evolve\nsteps:\n  bronze: { land: bronze.rows }\n  silver: { sql: SELECT id FROM bronze }\n"
                                 "sinks:\n  - { from: silver, sqlite: { path: files/rows.db, table: rows } }\n" + more_sinks);
  }

  std::unique_ptr<QProcess> start(const QString& crash_at = {}) const {
    auto child = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!crash_at.isEmpty()) environment.insert("PENSTOCK_CRASH_AT", crash_at);
    child->setProcessEnvironment(environment);
    child->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    child->start(STREAM_CHILD, {folder_.filePath("workspace"), folder_.filePath("state"), folder_.filePath("tables")});
    child->waitForStarted();
    return child;
  }

  // What sqlite3 says of the table.
  QStringList rows(const QString& columns) const {
    QProcess process;
    process.start("sqlite3", {"-readonly", folder_.filePath("tables/files/rows.db"), "SELECT " + columns + " FROM rows"});
    process.waitForFinished(-1);      // the test's own time limit comes first
    return QString::fromUtf8(process.readAllStandardOutput()).split('\n', Qt::SkipEmptyParts);
  }

 private:
  void write(const char* file, const std::string& text) {
    const QString path = folder_.filePath(QString("workspace/") + file);
    QDir().mkpath(QFileInfo(path).path());
    std::ofstream(path.toStdString()) << text;
  }

  QTemporaryDir folder_;
};

}  // namespace penstock::e2e
