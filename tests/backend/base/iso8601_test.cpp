#include "base/iso8601.h"

#include <QTest>

using namespace penstock;

class Iso8601Test : public QObject {
  Q_OBJECT

 private slots:
  void times_data();
  void times();
  void what_is_no_time_gives_nothing_data();
  void what_is_no_time_gives_nothing();
  void a_time_without_a_zone_is_utc_only_where_asked();
  void dates();
};

void Iso8601Test::times_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<qint64>("micros");
  QTest::newRow("utc") << "1970-01-01T00:00:00Z" << qint64(0);
  QTest::newRow("without seconds") << "1970-01-01T00:01Z" << qint64(60'000'000);
  QTest::newRow("fraction") << "1970-01-01T00:00:00.5Z" << qint64(500'000);
  QTest::newRow("more digits than micros") << "1970-01-01T00:00:00.123456789Z" << qint64(123'456);
  QTest::newRow("east") << "1970-01-01T02:00:00+02:00" << qint64(0);
  QTest::newRow("west, no colon") << "1969-12-31T19:30:00-0430" << qint64(0);
  QTest::newRow("hours only") << "1970-01-01T01:00:00+01" << qint64(0);
  QTest::newRow("before 1970") << "1969-12-31T23:59:59.999999Z" << qint64(-1);
  QTest::newRow("space") << "2026-11-20 14:32:07.250Z" << qint64(1'795'185'127'250'000);
  QTest::newRow("leap day") << "2024-02-29T00:00:00Z" << qint64(1'709'164'800'000'000);
}

void Iso8601Test::times() {
  QFETCH(QString, text);
  const auto time = parse_iso_time(text.toStdString());
  QVERIFY(time.has_value());
  QTEST(qint64(to_micros(*time)), "micros");
}

void Iso8601Test::what_is_no_time_gives_nothing_data() {
  QTest::addColumn<QString>("text");
  for (const char* text : {"", "2026", "2026-11-20", "2026-11-20T", "2026-11-20T14:32:07", "2026-11-20T24:00:00Z", "2026-11-20T14:60:00Z",
                           "2026-11-20T14:32:60Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-20T14:32:07.Z",
                           "2026-11-20T14:32:07Zx", "2026-11-20T14:32:07+25:00", "2026-11-20T14:32:07+", "20261120T143207Z", " 2026-11-20T14:32:07Z"})
    QTest::newRow(text) << text;
}

void Iso8601Test::what_is_no_time_gives_nothing() {
  QFETCH(QString, text);
  QVERIFY(!parse_iso_time(text.toStdString()).has_value());
}

void Iso8601Test::a_time_without_a_zone_is_utc_only_where_asked() {
  QVERIFY(!parse_iso_time("1970-01-01T00:00:01"));
  QCOMPARE(to_micros(*parse_iso_time("1970-01-01T00:00:01", Zone::utc_if_absent)), 1'000'000);
}

void Iso8601Test::dates() {
  QCOMPARE(*parse_iso_date("1970-01-02"), 1);
  QCOMPARE(*parse_iso_date("2026-11-20"), 20'777);
  QVERIFY(!parse_iso_date("2026-11-31"));
  QVERIFY(!parse_iso_date("2026-11-2"));
  QVERIFY(!parse_iso_date("2026-11-20Z"));
}

QTEST_APPLESS_MAIN(Iso8601Test)
#include "iso8601_test.moc"
