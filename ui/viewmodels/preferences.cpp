#include "viewmodels/preferences.h"

#include <QDir>
#include <QJsonDocument>
#include <QStandardPaths>

namespace penstock::ui {
namespace {

constexpr int mostRecent = 8;

QString usualFile() {
  return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + QStringLiteral("/penstock/console.ini");
}

}  // namespace

Preferences::Preferences(const QString& file, QObject* parent)
    : QObject(parent), settings_(std::make_unique<QSettings>(file.isEmpty() ? usualFile() : file, QSettings::IniFormat)) {}

Preferences::Appearance Preferences::appearance() const {
  const QString name = settings_->value(QStringLiteral("appearance")).toString();
  return name == "dark" ? Appearance::Dark : name == "light" ? Appearance::Light : Appearance::System;
}

void Preferences::setAppearance(Appearance appearance) {
  if (appearance == this->appearance()) return;
  settings_->setValue(QStringLiteral("appearance"), appearance == Appearance::Dark    ? QStringLiteral("dark")
                                                    : appearance == Appearance::Light ? QStringLiteral("light")
                                                                                      : QStringLiteral("system"));
  emit appearanceChanged();
}

int Preferences::scalePercent() const { return settings_->value(QStringLiteral("scale_percent"), 100).toInt(); }
void Preferences::setScalePercent(int percent) { settings_->setValue(QStringLiteral("scale_percent"), percent); }

TimeZone Preferences::timeZone() const {
  return settings_->value(QStringLiteral("time_zone")).toString() == "local" ? TimeZone::Local : TimeZone::Utc;
}

void Preferences::setTimeZone(TimeZone zone) {
  if (zone == timeZone()) return;
  settings_->setValue(QStringLiteral("time_zone"), zone == TimeZone::Local ? QStringLiteral("local") : QStringLiteral("utc"));
  emit timeZoneChanged();
}

QList<Preferences::RemoteEngine> Preferences::remoteEngines() const {
  QList<RemoteEngine> engines;
  const int count = settings_->beginReadArray(QStringLiteral("engines"));
  for (int i = 0; i < count; ++i) {
    settings_->setArrayIndex(i);
    engines.append({settings_->value(QStringLiteral("name")).toString(), settings_->value(QStringLiteral("address")).toString(),
                    settings_->value(QStringLiteral("token_file")).toString()});
  }
  settings_->endArray();
  return engines;
}

void Preferences::setRemoteEngines(const QList<RemoteEngine>& engines) {
  settings_->remove(QStringLiteral("engines"));
  settings_->beginWriteArray(QStringLiteral("engines"), static_cast<int>(engines.size()));
  for (int i = 0; i < engines.size(); ++i) {
    settings_->setArrayIndex(i);
    settings_->setValue(QStringLiteral("name"), engines[i].name);
    settings_->setValue(QStringLiteral("address"), engines[i].address);
    settings_->setValue(QStringLiteral("token_file"), engines[i].tokenFile);
  }
  settings_->endArray();
  emit remoteEnginesChanged();
}

void Preferences::addRemoteEngine(const RemoteEngine& engine) {
  QList<RemoteEngine> engines = remoteEngines();
  engines.removeIf([&](const RemoteEngine& known) { return known.address == engine.address; });
  engines.append(engine);
  setRemoteEngines(engines);
}

QStringList Preferences::recentFolders() const { return settings_->value(QStringLiteral("recent_folders")).toStringList(); }

void Preferences::addRecentFolder(const QString& folder) {
  QStringList recent = recentFolders();
  const QString clean = QDir::cleanPath(folder);
  recent.removeAll(clean);
  recent.prepend(clean);
  settings_->setValue(QStringLiteral("recent_folders"), recent.mid(0, mostRecent));
}

QByteArray Preferences::bytes(const QString& key) const { return settings_->value(QStringLiteral("window/") + key).toByteArray(); }
void Preferences::setBytes(const QString& key, const QByteArray& value) { keep(QStringLiteral("window/") + key, value); }

QJsonObject Preferences::layout(const QString& page) const {
  return QJsonDocument::fromJson(settings_->value(QStringLiteral("pages/") + page).toByteArray()).object();
}

void Preferences::setLayout(const QString& page, const QJsonObject& state) {
  keep(QStringLiteral("pages/") + page, QJsonDocument(state).toJson(QJsonDocument::Compact));
}

void Preferences::keep(const QString& key, const QByteArray& value) {
  if (settings_->value(key).toByteArray() != value) settings_->setValue(key, value);
}

}  // namespace penstock::ui
