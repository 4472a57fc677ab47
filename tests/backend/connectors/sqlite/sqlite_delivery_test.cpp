// What happens to deliveries when the process is killed: each row is there once, or not yet.

#include <QTest>

#include "backend/connectors/sqlite/sqlite_text.h"
#include "support/file_kills.h"

class SqliteDeliveryTest : public QObject {
  Q_OBJECT

  penstock::test::FileKills kills_{{.child = "sqlite_crash_child", .ask = penstock::test::sqlite_lines, .seconds = "unixepoch(window_start)", .of_id = "id / 10", .least = "min", .integrity = "PRAGMA integrity_check"}};

 private slots:
  void noCrashPointLosesOrDoublesARow_data() { penstock::test::FileKills::modes_and_points("sqlite"); }
  void noCrashPointLosesOrDoublesARow() {
    QFETCH(QString, mode);
    QFETCH(QString, point);
    kills_.kill_at(mode, point);
  }

  void killedAtRandomMomentsNoRowIsLostOrDoubled_data() {
    QTest::addColumn<QString>("mode");
    for (const char* mode : {"replay", "changes"}) QTest::addRow("%s", mode) << mode;
  }
  void killedAtRandomMomentsNoRowIsLostOrDoubled() {
    QFETCH(QString, mode);
    kills_.kill_at_random(mode);
  }
};

QTEST_GUILESS_MAIN(SqliteDeliveryTest)
#include "sqlite_delivery_test.moc"
