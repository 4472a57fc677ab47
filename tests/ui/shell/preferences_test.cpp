#include <QTemporaryDir>
#include <QTest>

#include "viewmodels/preferences.h"

using namespace penstock::ui;

class PreferencesTest : public QObject {
  Q_OBJECT
 private slots:
  void whatWasChosenIsReadByTheNextStart() {
    QTemporaryDir folder;
    const QString file = folder.filePath("console.ini");
    const QList<Preferences::RemoteEngine> engines{{"uk", "engine-1:7700", "/etc/token"}, {"de", "engine-2:7700", ""}};
    {
      Preferences first(file);
      QCOMPARE(first.appearance(), Preferences::Appearance::System);
      QCOMPARE(first.timeZone(), TimeZone::Utc);
      first.setAppearance(Preferences::Appearance::Light);
      first.setTimeZone(TimeZone::Local);
      first.setScalePercent(150);
      first.setRemoteEngines(engines);
      first.setLayout("overview", {{"filter", "sales"}});
    }
    const Preferences next(file);
    QCOMPARE(next.appearance(), Preferences::Appearance::Light);
    QCOMPARE(next.timeZone(), TimeZone::Local);
    QCOMPARE(next.scalePercent(), 150);
    QCOMPARE(next.remoteEngines(), engines);
    QCOMPARE(next.layout("overview").value("filter").toString(), QString("sales"));
    QVERIFY(next.layout("pods").isEmpty());
  }

  void theNewestFolderComesFirstAndEachOnce() {
    QTemporaryDir folder;
    Preferences preferences(folder.filePath("console.ini"));
    for (int i = 0; i < 10; ++i) preferences.addRecentFolder(QStringLiteral("/data/%1").arg(i));
    preferences.addRecentFolder("/data/5/");
    QCOMPARE(preferences.recentFolders().size(), 8);
    QCOMPARE(preferences.recentFolders().mid(0, 3), (QStringList{"/data/5", "/data/9", "/data/8"}));
  }
};

QTEST_GUILESS_MAIN(PreferencesTest)
#include "preferences_test.moc"
