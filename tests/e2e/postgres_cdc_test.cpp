#include <QDir>
#include <QRegularExpression>
#include <QTest>

#include "e2e/programs.h"
#include "support/postgres_server.h"

namespace penstock::e2e {
namespace {

constexpr const char* kConnection =
    "shop: { postgres: { host: 127.0.0.1, port: %1, database: shop, user: penstock, password: \"${env:SHOP_PASSWORD}\" } }\n";

QString pipeline_of(const QString& more = {}, const QString& columns = "*") {
  return "stream: orders\nflush: 200ms\nsource:\n  postgres_cdc: { connection: shop, table: public.orders, key: [id]" + more + " }\n"
         "steps:\n  silver:\n    sql: SELECT " + columns + " FROM source\n    land: silver.orders\n";
}

}  // namespace

// A table of a real server, copied and followed.
class PostgresCdcTest : public QObject {
  Q_OBJECT

  test::PostgresServer postgres_;

  std::unique_ptr<Site> site(const QString& pipeline) {
    auto made = std::make_unique<Site>("minimal");
    made->set_variable("SHOP_PASSWORD", test::PostgresServer::kPassword);
    made->write("connections.yaml", QString(kConnection).arg(postgres_.port()).toUtf8());
    made->write("pipelines/sales.yaml", pipeline.toUtf8());
    return made;
  }
  void table(const QStringList& statements) {
    QCOMPARE(postgres_.psql("DROP TABLE IF EXISTS orders"), QStringList());
    for (const QString& statement : statements) QCOMPARE(postgres_.psql(statement), QStringList());
  }
  void change(const QString& sql) { QCOMPARE(postgres_.psql(sql), QStringList()); }
  static QString text(Site& site, const QString& sql) {
    const auto ended = site.ctl({"query", sql});
    const auto result = ended.json();
    if (!result.is_object() || !result.contains("rows") || result["rows"].empty()) return "nothing: " + QString::fromStdString(ended.out + ended.err);
    const auto& value = result["rows"][0].begin().value();
    return value.is_string() ? QString::fromStdString(value.get<std::string>()) : QString::fromStdString(value.dump());
  }
  void same_in_the_end(Site& site, const QString& of_the_table, const QString& of_silver) const {
    const QString expected = postgres_.psql(of_the_table).value(0);
    QString last;
    const bool same = QTest::qWaitFor([&] { return (last = text(site, of_silver)) == expected; }, 120'000);
    QVERIFY2(same, qPrintable("expected " + expected.left(3000) + "\n     got " + last.left(3000) + "\n" + QString::fromStdString(site.pipeline("orders").dump()).left(3000) + "\n" + site.said_by_engine()));
  }
  void drop_slots() {
    QTRY_VERIFY_WITH_TIMEOUT(postgres_.psql("SELECT count(*) FROM pg_replication_slots WHERE active").value(0) == "0", 60'000);
    postgres_.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
    postgres_.psql("DROP PUBLICATION IF EXISTS penstock_orders");
  }

 private slots:
  void initTestCase() { QCOMPARE(postgres_.start(), QString()); }
  void cleanup() { drop_slots(); }

  void a_table_is_copied_and_followed_over_kills_and_a_restart_of_the_server() {
    table({"CREATE TABLE orders (id bigint PRIMARY KEY, name text NOT NULL, price numeric(12,2), note text)",
           "ALTER TABLE orders ALTER note SET STORAGE EXTERNAL",
           "INSERT INTO orders SELECT i, 'order ' || i, i * 1.25, CASE WHEN i % 100 = 0 THEN repeat('long ' || i || ' ', 2000) END FROM generate_series(1, 20000) i"});
    const QString of_the_table = "SELECT count(*) || '|' || sum(id) || '|' || sum(price) || '|' || md5(string_agg(id || name || coalesce(price::text, '-') || coalesce(md5(note), '-'), '' ORDER BY id)) FROM orders";
    const QString of_silver = "SELECT count(*) || '|' || sum(id) || '|' || sum(price) || '|' || md5(string_agg(id || name || coalesce(price::VARCHAR, '-') || coalesce(md5(note), '-'), '' ORDER BY id)) AS all_rows FROM silver.orders";
    const auto made = site(pipeline_of());
    Site& site = *made;
    site.start_engine();
    // Changes from the first moment on: during the copy, too.
    for (int i = 0; i < 5; ++i) {
      change(QString("UPDATE orders SET name = name || '!' WHERE id % 50 = %1").arg(i));
      change(QString("DELETE FROM orders WHERE id % 1000 = %1").arg(100 + i));
      change(QString("INSERT INTO orders VALUES (%1, 'new', NULL, NULL)").arg(100'000 + i));
    }
    same_in_the_end(site, of_the_table, of_silver);

    // Only the name of rows with a large note changes: their note is not in the log.
    change("UPDATE orders SET name = 'renamed' WHERE id % 100 = 0");
    // A key that changes, one that goes and comes again, a large value that becomes NULL.
    change("UPDATE orders SET id = id + 1000000 WHERE id IN (200, 7, 8)");
    change("BEGIN; DELETE FROM orders WHERE id = 9; INSERT INTO orders VALUES (9, 'again', 1, 'short'); DELETE FROM orders WHERE id = 10; COMMIT");
    change("UPDATE orders SET note = NULL WHERE id = 300");
    same_in_the_end(site, of_the_table, of_silver);

    for (int i = 0; i < 3; ++i) {
      site.kill_engine();
      change(QString("UPDATE orders SET price = price + 1 WHERE id % 3 = %1").arg(i));
      change(QString("DELETE FROM orders WHERE id % 997 = %1").arg(i));
      site.start_engine();
      for (const auto& pod : site.running_pods())
        if (const auto process = pod["process_id"].get<qlonglong>(); process > 1) QProcess::execute("kill", {"-9", QString::number(process)});
      change(QString("INSERT INTO orders SELECT i, 'later', 2, NULL FROM generate_series(%1, %2) i").arg(200'000 + i * 1000).arg(200'999 + i * 1000));
    }
    same_in_the_end(site, of_the_table, of_silver);

    QCOMPARE(postgres_.stop_for_a_while(), QString());
    QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("orders")["status"].get<std::string>(), std::string("degraded"), 60'000);
    QCOMPARE(postgres_.start(), QString());
    change("UPDATE orders SET name = 'after the restart' WHERE id % 11 = 0");
    same_in_the_end(site, of_the_table, of_silver);
    QCOMPARE(site.pipeline("orders")["rows"]["dead"].get<std::int64_t>(), 0);
  }

  // Rows that a step hands on are the table's files as they were copied, until one of them changes; a copy that was cut off goes on
  // with another snapshot, and what comes again takes the place of what is there.
  void a_copy_becomes_the_tables_files_and_is_changed_and_cut_off() {
    table({"CREATE TABLE orders (id bigint PRIMARY KEY, name text NOT NULL, price numeric(12,2))", "INSERT INTO orders SELECT i, repeat('order ' || i, 4), i * 1.25 FROM generate_series(1, 400000) i", "ANALYZE orders"});
    const QString of_the_table = "SELECT count(*) || '|' || count(DISTINCT id) || '|' || sum(id) || '|' || sum(price) || '|' || md5(string_agg(id || name || price, '' ORDER BY id)) FROM orders";
    const QString of_silver = "SELECT count(*) || '|' || count(DISTINCT id) || '|' || sum(id) || '|' || sum(price) || '|' || md5(string_agg(id || name || price, '' ORDER BY id)) AS all_rows FROM silver.orders";
    const auto made = site("stream: orders\nflush: 200ms\nsource:\n  postgres_cdc: { connection: shop, table: public.orders, key: [id] }\nsteps:\n  silver: { land: silver.orders }\n");
    Site& site = *made;
    const auto copied_files = [&] { return QDir(site.tables() + "/silver/orders").entryList({"*-new.parquet"}, QDir::Files).size(); };
    site.start_engine();
    QVERIFY2(QTest::qWaitFor([&] { return copied_files() > 0; }, 120'000), qPrintable(QString::fromStdString(site.pipeline("orders").dump()).left(3000) + site.said_by_engine()));
    for (const auto& pod : site.running_pods())
      if (const auto process = pod["process_id"].get<qlonglong>(); process > 1) QProcess::execute("kill", {"-9", QString::number(process)});
    site.kill_engine();
    change("UPDATE orders SET name = name || '!' WHERE id % 7 = 0");
    change("DELETE FROM orders WHERE id % 1000 = 1");
    site.start_engine();
    change("UPDATE orders SET id = id + 1000000 WHERE id IN (200, 7, 8)");
    same_in_the_end(site, of_the_table, of_silver);
    change("UPDATE orders SET price = price + 1 WHERE id % 100 = 3");
    change("DELETE FROM orders WHERE id % 1000 = 4");
    change("INSERT INTO orders SELECT i, 'later', 2 FROM generate_series(500001, 501000) i");
    same_in_the_end(site, of_the_table, of_silver);
    QCOMPARE(site.pipeline("orders")["rows"]["dead"].get<std::int64_t>(), 0);
  }

  void all_types_come_as_they_are() {
    table({"CREATE TYPE mood AS ENUM ('sad', 'happy')", "CREATE DOMAIN euros AS numeric(8,2)",
           "CREATE TABLE orders (id int PRIMARY KEY, s smallint, b bigint, f real, d double precision, n numeric(20,4), any_n numeric, t text, v varchar(10), c char(3), bo boolean, bin bytea, da date, "
           "ti time, ts timestamp, tz timestamptz, iv interval, u uuid, j json, jb jsonb, ia int[], ta text[], na numeric[], r int4range, tr tstzrange, ip inet, m mood, e euros, ea euros[])",
           "INSERT INTO orders VALUES (1, -1, 9007199254740993, 1.5, 2.25, 1234567890123456.7891, 1.23456789012345678901234567890, E'tab\\t\"quote\" \\\\ line\\nend', 'v', 'c', true, '\\x00ff', '2026-01-31', "
           "'12:00:01.5', '2026-01-31 12:00:00.123456', '2026-01-31 14:00:00+02', '1 day 02:00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a\": [1, null]}', '{\"b\": \"x\"}', '{1,NULL,3}', "
           "'{\"a,b\",\"c\\\"d\",NULL,\"NULL\"}', '{1.50,NaN}', '[1,10)', '[2026-01-01 00:00+00,infinity)', '10.0.0.1/8', 'happy', 12.5, '{1.5,2}')",
           "INSERT INTO orders (id) VALUES (2)"});
    const auto made = site(pipeline_of());
    Site& site = *made;
    site.start_engine();
    const QString sql = "SELECT concat_ws('~', s, b, f, d, n, any_n, t, v, c, bo, hex(bin), da, ti, strftime(ts AT TIME ZONE 'UTC', '%H:%M:%S.%f'), strftime(tz AT TIME ZONE 'UTC', '%H:%M'), iv, u, j, jb, ia, ta, na, r, tr, ip, m, e, ea) "
                        "AS v FROM silver.orders WHERE id = ";
    const QString expected = "-1~9007199254740993~1.5~2.25~1234567890123456.7891~1.23456789012345678901234567890~tab\t\"quote\" \\ line\nend~v~c  ~true~00FF~2026-01-31~12:00:01.5~12:00:00.123456~12:00~1 day 02:00:00~"
                             "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11~{\"a\": [1, null]}~{\"b\": \"x\"}~[1,null,3]~[\"a,b\",\"c\\\"d\",null,\"NULL\"]~[1.50,\"NaN\"]~[1,10)~[\"2026-01-01 00:00:00+00\",infinity)~10.0.0.1/8~happy~12.50~[1.50,2.00]";
    QString last;
    QVERIFY2(QTest::qWaitFor([&] { return (last = text(site, sql + "1")) == expected; }, 120'000), qPrintable("expected " + expected + "\n     got " + last + "\n" + QString::fromStdString(site.ctl({"dlq", "list"}).out)));
    QCOMPARE(text(site, sql + "2"), "");
    // The same by the log as by the copy.
    change("UPDATE orders SET id = 3 WHERE id = 1");
    QVERIFY2(QTest::qWaitFor([&] { return (last = text(site, sql + "3")) == expected; }, 60'000), qPrintable("expected " + expected + "\n     got " + last));
    QCOMPARE(site.number("SELECT count(*) FROM silver.orders WHERE id = 1"), 0);
    site.stop_engine();
    postgres_.psql("DROP TABLE orders; DROP TYPE mood; DROP DOMAIN euros CASCADE");
  }

  void a_slot_that_is_gone_is_told_with_its_positions() {
    table({"CREATE TABLE orders (id int PRIMARY KEY, name text)", "INSERT INTO orders VALUES (1, 'a')"});
    const auto made = site(pipeline_of());
    Site& site = *made;
    site.start_engine();
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(*) FROM silver.orders"), 1, 120'000);
    change("INSERT INTO orders VALUES (2, 'b')");
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(*) FROM silver.orders"), 2, 60'000);
    site.stop_engine();
    QTRY_VERIFY_WITH_TIMEOUT(postgres_.psql("SELECT count(*) FROM pg_replication_slots WHERE active").value(0) == "0", 60'000);
    change("INSERT INTO orders VALUES (3, 'never seen')");
    QCOMPARE(postgres_.psql("SELECT pg_replication_slot_advance('penstock_orders', pg_current_wal_lsn()) IS NOT NULL"), QStringList{"t"});
    site.start_engine();
    QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("orders")["status"].get<std::string>(), std::string("degraded"), 60'000);
    QString reason = QString::fromStdString(site.pipeline("orders")["reason"].get<std::string>());
    QVERIFY2(reason.contains(QRegularExpression("somebody has moved the replication slot penstock_orders on: changes of public.orders from [0-9A-F]+/[0-9A-F]+ to [0-9A-F]+/[0-9A-F]+ are lost or at risk")), qPrintable(reason));
    site.stop_engine();
    postgres_.psql("SELECT pg_drop_replication_slot('penstock_orders')");
    site.start_engine();
    QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("orders")["status"].get<std::string>(), std::string("degraded"), 60'000);
    reason = QString::fromStdString(site.pipeline("orders")["reason"].get<std::string>());
    QVERIFY2(reason.contains(QRegularExpression("the replication slot penstock_orders is gone: changes of public.orders from [0-9A-F]+/[0-9A-F]+ to [0-9A-F]+/[0-9A-F]+ are lost or at risk")), qPrintable(reason));
    QCOMPARE(site.number("SELECT count(*) FROM silver.orders"), 2);
  }

  void an_idle_table_does_not_hold_the_log_back() {
    table({"CREATE TABLE orders (id int PRIMARY KEY, name text)", "INSERT INTO orders VALUES (1, 'a')", "CREATE TABLE busy (x text)"});
    const auto made = site(pipeline_of());
    Site& site = *made;
    site.start_engine();
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(*) FROM silver.orders"), 1, 120'000);
    change("INSERT INTO busy SELECT repeat('x', 1000) FROM generate_series(1, 5000)");
    const QString now = postgres_.psql("SELECT pg_current_wal_lsn()").value(0);
    QTRY_VERIFY_WITH_TIMEOUT(postgres_.psql("SELECT confirmed_flush_lsn >= '" + now + "' FROM pg_replication_slots").value(0) == "t", 90'000);
    QCOMPARE(QString::fromStdString(site.pipeline("orders")["status"].get<std::string>()), "running");
    postgres_.psql("DROP TABLE busy");
  }

  void alter_table_is_applied_and_truncate_stops() {
    table({"CREATE TABLE orders (id int PRIMARY KEY, name text)", "INSERT INTO orders VALUES (1, 'a')"});
    const auto made = site(pipeline_of());
    Site& site = *made;
    site.start_engine();
    QTRY_COMPARE_WITH_TIMEOUT(site.number("SELECT count(*) FROM silver.orders"), 1, 120'000);
    // Without a contract, columns that come are taken in (drift: evolve).
    change("ALTER TABLE orders ADD price numeric(10,2)");
    change("INSERT INTO orders VALUES (2, 'b', 9.99)");
    QTRY_COMPARE_WITH_TIMEOUT(text(site, "SELECT price::VARCHAR AS p FROM silver.orders WHERE id = 2"), "9.99", 120'000);
    change("TRUNCATE orders");
    QTRY_COMPARE_WITH_TIMEOUT(site.pipeline("orders")["status"].get<std::string>(), std::string("degraded"), 60'000);
    const QString reason = QString::fromStdString(site.pipeline("orders")["reason"].get<std::string>());
    QVERIFY2(reason.contains("public.orders was truncated at "), qPrintable(reason));
    QCOMPARE(site.number("SELECT count(*) FROM silver.orders"), 2);
  }
};

}  // namespace penstock::e2e

QTEST_GUILESS_MAIN(penstock::e2e::PostgresCdcTest)
#include "postgres_cdc_test.moc"
