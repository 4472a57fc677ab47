#pragma once

#include <memory>
#include <QJsonObject>
#include <QObject>
#include <QSettings>
#include <QStringList>

#include "viewmodels/format.h"

namespace penstock::ui {

// What the console remembers between two starts, in one file of the user's configuration folder. No secrets: of a token
// only the file that holds it.
class Preferences : public QObject {
  Q_OBJECT
 public:
  enum class Appearance { System, Dark, Light };

  struct RemoteEngine {
    QString name;
    QString address;
    QString tokenFile;          // may be empty
    bool operator==(const RemoteEngine&) const = default;
  };

  // `file` empty: the user's own (penstock/console.ini). Tests give another.
  explicit Preferences(const QString& file = {}, QObject* parent = nullptr);

  Appearance appearance() const;
  void setAppearance(Appearance appearance);
  // 100 … 200 %; from the next start on.
  int scalePercent() const;
  void setScalePercent(int percent);
  TimeZone timeZone() const;
  void setTimeZone(TimeZone zone);

  QList<RemoteEngine> remoteEngines() const;
  void setRemoteEngines(const QList<RemoteEngine>& engines);
  void addRemoteEngine(const RemoteEngine& engine);     // in place of the one with that address
  // Workspaces that were opened, newest first, at most eight.
  QStringList recentFolders() const;
  void addRecentFolder(const QString& folder);

  QByteArray bytes(const QString& key) const;           // window geometry and such
  void setBytes(const QString& key, const QByteArray& value);
  QJsonObject layout(const QString& page) const;
  void setLayout(const QString& page, const QJsonObject& state);

 signals:
  void appearanceChanged();
  void timeZoneChanged();
  void remoteEnginesChanged();

 private:
  // Writes the file only when something has changed.
  void keep(const QString& key, const QByteArray& value);

  std::unique_ptr<QSettings> settings_;
};

}  // namespace penstock::ui
