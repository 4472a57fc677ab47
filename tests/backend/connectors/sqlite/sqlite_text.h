#pragma once

// What the sqlite3 command finds in a file.

#include <QProcess>
#include <QString>
#include <QStringList>

#include <string>

namespace penstock::test {

inline QStringList sqlite_lines(const std::string& path, const QString& sql) {
  QProcess process;
  process.start("sqlite3", {QString::fromStdString(path), sql});
  if (!process.waitForFinished(60'000)) return {"sqlite3 does not answer"};
  return QString::fromUtf8(process.readAllStandardOutput() + process.readAllStandardError()).split('\n', Qt::SkipEmptyParts);
}

}  // namespace penstock::test
