#include <QRandomGenerator>
#include <QTest>

#include "backend/connectors/odbc/odbc_databases.h"
#include "e2e/endless_stream.h"
#include "e2e/stream_lives.h"

namespace penstock::e2e {

// PostgreSQL and MariaDB over ODBC, as target and as source of a stream that is killed and started again: what psql and MariaDB's
// client find is compared with a run that nobody disturbed, and each row that was read is there once.
class OdbcDeliveryTest : public QObject {
  Q_OBJECT

  test::OdbcDatabases databases_;
  QStringList expected_;
  int tables_ = 0;

  QString connection(const QString& name) const {
    const Settings settings = databases_.connection(name);
    const auto text = [&](const char* key) { return QString::fromStdString(settings.text(key)); };
    return name + ": { odbc: { driver: \"" + text("driver") + "\", server: 127.0.0.1, port: " + text("port") +
           ", database: shop, user: penstock, password: \"${env:PENSTOCK_TEST_PASSWORD}\" } }\n";
  }
  std::unique_ptr<StreamLives> make_stream() {
    ++tables_;
    return std::make_unique<StreamLives>("sinks:\n  - { from: silver, odbc: { connection: postgres, table: " + table_in("postgres") +
                                             " } }\n  - { from: silver, odbc: { connection: mariadb, table: " + table_in("mariadb") + ", mode: upsert, key: [event_id] } }\n",
                                         connection("postgres") + connection("mariadb"));
  }
  QString table_in(const QString& database) const { return "sales_in_" + database + "_" + QString::number(tables_); }
  QStringList rows(const QString& database) const {
    QStringList rows = databases_.ask(database, "SELECT event_id, sku, qty FROM " + table_in(database));
    rows.sort();
    return rows;
  }
  // Rows are written in many small transactions while the stream lives and dies.
  void check_source(const QString& database, const QString& crash_at) {
    const QString table = "orders_" + QString::number(++tables_);
    databases_.ask(database, "CREATE TABLE " + table + " (id integer PRIMARY KEY, seq integer)");
    const EndlessStream stream("odbc: { connection: " + database.toStdString() + ", table: " + table.toStdString() + ", cursor: seq, key: [id], batch: 7, contract: contracts/row.json }",
                               connection(database).toStdString());
    constexpr int kWrites = 30, kRows = 20;
    const auto write = [&](int number) {
      QStringList values;
      for (int row = 0; row < kRows; ++row) values << QString("(%1, %2)").arg(number * kRows + row).arg(number * 3 + row / 8);
      databases_.ask(database, "INSERT INTO " + table + " VALUES " + values.join(", "));
    };
    for (int number = 0; number < kWrites / 2; ++number) write(number);
    const auto killed = stream.start(crash_at);
    const bool reached = killed->waitForFinished(60'000) && killed->exitStatus() == QProcess::CrashExit;
    QVERIFY2(reached, "the point was not reached");
    const auto child = stream.start();
    for (int number = kWrites / 2; number < kWrites; ++number) write(number);
    const QString expected = QString("%1|%1|0|%2").arg(kWrites * kRows).arg(kWrites * kRows - 1);
    QStringList found;
    const bool same = QTest::qWaitFor([&] { return (found = stream.rows("count(*), count(DISTINCT id), min(id), max(id)")) == QStringList(expected); }, 60'000);
    child->kill();
    child->waitForFinished();
    QVERIFY2(same, qPrintable(found.join(' ')));
  }

 private slots:
  void initTestCase() {
    QCOMPARE(databases_.start(), QString());
    qputenv("PENSTOCK_TEST_PASSWORD", "penstock");
    const auto undisturbed = make_stream();
    QVERIFY(undisturbed->live());
    expected_ = rows("postgres");
    QVERIFY(expected_.size() > StreamLives::kRows - 1000);
    QCOMPARE(rows("mariadb"), expected_);
  }

  void every_crash_point_leaves_the_same_rows_data() {
    QTest::addColumn<QString>("point");
    for (const char* point : {"odbc.after_rows", "odbc.before_commit", "odbc.after_commit"})
      for (const int pass : {1, 2, 9}) QTest::addRow("%s, pass %d", point, pass) << QString("%1:%2").arg(point).arg(pass);
  }
  void every_crash_point_leaves_the_same_rows() {
    QFETCH(QString, point);
    const auto lives = make_stream();
    QVERIFY2(!lives->live(point), "the point was not reached");
    QVERIFY(lives->live());
    QCOMPARE(rows("postgres"), expected_);
    QCOMPARE(rows("mariadb"), expected_);
  }
  void random_kills_leave_the_same_rows_data() { add_crash_seeds(); }
  void random_kills_leave_the_same_rows() {
    QFETCH(quint32, seed);
    QRandomGenerator random(seed);
    const auto lives = make_stream();
    for (int life = 0; life < 3; ++life)
      if (lives->live({}, StreamLives::To::stream, random.bounded(100, 4000))) break;
    QVERIFY(lives->live());
    QCOMPARE(rows("postgres"), expected_);
    QCOMPARE(rows("mariadb"), expected_);
  }

  void a_killed_reader_takes_each_row_once_data() {
    QTest::addColumn<QString>("database");
    QTest::addColumn<QString>("point");
    for (const char* database : {"postgres", "mariadb"})
      for (const char* point : {"odbc.before_append:5", "record_log.after_append:5", "odbc.after_append:5", "epoch.before_commit:3", "epoch.after_commit:3"})
        QTest::addRow("%s, %s", database, point) << database << point;
  }
  void a_killed_reader_takes_each_row_once() {
    QFETCH(QString, database);
    QFETCH(QString, point);
    check_source(database, point);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::OdbcDeliveryTest)
#include "odbc_delivery_test.moc"
