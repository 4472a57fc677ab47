#include "bench/retail_copy.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>

#include <functional>

namespace penstock::bench {
namespace {

using Edit = std::function<void(QString& yaml)>;

// The workspace's files, its pipelines edited; only those called `only`, where that is not empty.
bool copy_retail(const QString& folder, const QString& only, const Edit& edit) {
  const QDir from(qEnvironmentVariable("PENSTOCK_SOURCE") + "/resources/workspaces/retail");
  QDirIterator files(from.path(), QDir::Files, QDirIterator::Subdirectories);
  while (files.hasNext()) {
    const QString path = from.relativeFilePath(files.next());
    const bool pipeline = path.startsWith("pipelines/");
    if (path.startsWith("tests/") || (pipeline && !only.isEmpty() && path != "pipelines/" + only)) continue;
    QFile source(from.filePath(path)), target(folder + "/" + path);
    if (!QDir().mkpath(QFileInfo(target).path()) || !source.open(QIODevice::ReadOnly) || !target.open(QIODevice::WriteOnly)) return false;
    QString text = QString::fromUtf8(source.readAll());
    if (pipeline) edit(text);
    if (target.write(text.toUtf8()) < 0) return false;
  }
  return true;
}

// Takes out the faults of these kinds; a list of one stands in one line with its key.
void leave_out_faults(QString& yaml, const QString& kinds) {
  yaml.remove(QRegularExpression("^ *(faults: \\[ )?(- )?\\{ kind: (" + kinds + "),.*\\n", QRegularExpression::MultilineOption));
}

void make_steady(QString& yaml) {
  if (!yaml.contains("diurnal:")) yaml.replace(QRegularExpression("^( *)(rate: [0-9]+)\\n", QRegularExpression::MultilineOption), "\\1\\2\n\\1diurnal: false\n");
}

}  // namespace

bool write_retail(const QString& folder) { return copy_retail(folder, {}, [](QString&) {}); }

bool write_steady_retail(const QString& folder) {
  return copy_retail(folder, {}, [](QString& yaml) {
    leave_out_faults(yaml, "burst|dead_source|stuck");
    make_steady(yaml);
  });
}

bool write_one_source(const QString& folder, int events_per_second, const QString& flush) {
  const bool written = copy_retail(folder, "pos_sales.yaml", [&](QString& yaml) {
    leave_out_faults(yaml, "unknown_store|broken_json|late");
    yaml.replace(QRegularExpression("rate: 150\\n"), QStringLiteral("rate: %1\n").arg(events_per_second));
    make_steady(yaml);
  });
  QFile workspace(folder + "/penstock.yaml");
  if (!written || !workspace.open(QIODevice::ReadWrite)) return false;
  const QByteArray text = workspace.readAll().replace("flush: 10s", "flush: " + flush.toUtf8());
  return workspace.resize(0) && workspace.seek(0) && workspace.write(text) == text.size();
}

bool write_sharded_source(const QString& folder, int events_per_second) {
  return copy_retail(folder, "pos_sales.yaml", [&](QString& yaml) {
    leave_out_faults(yaml, "unknown_store|broken_json|late");
    yaml.replace(QRegularExpression("rate: 150\\n"), QStringLiteral("rate: %1\n    partitions: 8\n").arg(events_per_second));
    make_steady(yaml);
    yaml.replace("SELECT sku, window_start,", "SELECT store_id, sku, window_start,");
    yaml += "pods: 2\nshards: 8\n";
  });
}

bool write_silent_retail(const QString& folder) {
  return copy_retail(folder, {}, [&](QString& yaml) {
    const auto contract = QRegularExpression("contract: (\\S+)").match(yaml).captured(1);
    const auto name = QRegularExpression("^stream: (\\S+)", QRegularExpression::MultilineOption).match(yaml).captured(1);
    QDir().mkpath(folder + "/../inbox/" + name);
    const auto begin = yaml.indexOf("source:\n"), end = yaml.indexOf("steps:\n");
    yaml.replace(begin, end - begin, QStringLiteral("source:\n  files: { path: \"%1/../inbox/%2\", contract: %3, format: json }\n").arg(folder, name, contract));
  });
}

}  // namespace penstock::bench
