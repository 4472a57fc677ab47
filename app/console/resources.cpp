#include "console/resources.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QStandardPaths>

#include "serving/program_folder.h"

namespace penstock {
namespace {

QString installedWorkspaces() {
  const QString beside = QString::fromStdString(program_folder()) + QStringLiteral("/../share/penstock/workspaces");
  return QDir(beside).exists() ? QDir::cleanPath(beside) : QStringLiteral(PENSTOCK_SOURCE_RESOURCES "/workspaces");
}

bool copyFolder(const QString& from, const QString& to) {
  QDirIterator files(from, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
  while (files.hasNext()) {
    const QString file = files.next();
    const QString target = to + '/' + QDir(from).relativeFilePath(file);
    if (!QDir().mkpath(QFileInfo(target).path()) || !QFile::copy(file, target)) return false;
    QFile::setPermissions(target, QFile::permissions(target) | QFile::WriteOwner);
  }
  return true;
}

}  // namespace

QString demoWorkspace(QString& problem) {
  const QString source = installedWorkspaces() + QStringLiteral("/retail");
  const QString target = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/penstock/demo/retail");
  if (QFile::exists(target + QStringLiteral("/penstock.yaml"))) return target;
  if (!QFile::exists(source + QStringLiteral("/penstock.yaml"))) {
    problem = QStringLiteral("The demo is not installed: there is no %1").arg(source);
    return {};
  }
  if (!copyFolder(source, target)) {
    problem = QStringLiteral("The demo could not be copied to %1").arg(target);
    return {};
  }
  return target;
}

}  // namespace penstock
