#include "sql/kept_keys.h"

#include <QTest>

using namespace penstock;

class KeptKeysTest : public QObject {
  Q_OBJECT

  std::unique_ptr<Session> session_;

 private slots:
  void initTestCase() { session_ = std::move(Session::open().value()); }
  void cleanupTestCase() { session_.reset(); }

  void a_key_is_kept_where_each_row_is_at_most_one_with_the_same_key_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<bool>("kept");
    QTest::newRow("all columns") << "SELECT * FROM source" << true;
    QTest::newRow("some") << "SELECT id, part, upper(name) AS name, price * 2 AS twice, price::DOUBLE AS real FROM source" << true;
    QTest::newRow("filtered") << "SELECT id, part FROM Source s WHERE price > 3 AND id IN (SELECT id FROM ref.stores)" << true;
    QTest::newRow("replaced otherwise") << "SELECT * REPLACE (coalesce(name, '-') AS name) FROM source" << true;
    QTest::newRow("one lacks") << "SELECT id, name FROM source" << false;
    QTest::newRow("computed") << "SELECT id % 10 AS id, part FROM source" << false;
    QTest::newRow("replaced") << "SELECT * REPLACE (lower(part) AS part) FROM source" << false;
    QTest::newRow("another column") << "SELECT price AS id, part FROM source" << false;
    QTest::newRow("exchanged") << "SELECT part AS id, id AS part FROM source" << false;
    QTest::newRow("given twice") << "SELECT id, part, name AS id FROM source" << false;
    QTest::newRow("cast") << "SELECT id::INTEGER AS id, part FROM source" << false;
    QTest::newRow("unnested") << "SELECT id, part, unnest([1, 2]) AS n FROM source" << false;
    QTest::newRow("unnested within") << "SELECT id, part, 1 + unnest([1, 2]) AS n FROM source" << false;
    QTest::newRow("a macro over unnest") << "SELECT id, part, regexp_split_to_table(name, ',') AS n FROM source" << false;
    QTest::newRow("joined") << "SELECT source.id, source.part FROM source JOIN ref.stores ON true" << false;
    QTest::newRow("crossed") << "SELECT source.id, source.part FROM source, unnest([1, 2])" << false;
    QTest::newRow("united") << "SELECT id, part FROM source UNION ALL SELECT id, part FROM source" << false;
    QTest::newRow("of another table") << "SELECT id, part FROM ref.stores" << false;
    QTest::newRow("of a query") << "SELECT id, part FROM (SELECT id, part, unnest([1, 2]) FROM source)" << false;
    QTest::newRow("of a named query") << "WITH source AS (SELECT 1 AS id, 'a' AS part) SELECT id, part FROM source" << false;
    QTest::newRow("not SQL") << "SELECT FROM WHERE" << false;
  }
  void a_key_is_kept_where_each_row_is_at_most_one_with_the_same_key() {
    QFETCH(const QString, sql);
    QFETCH(const bool, kept);
    const Schema columns({{"id", {TypeKind::int64}}, {"part", {TypeKind::varchar}}, {"name", {TypeKind::varchar}}, {"price", {TypeKind::float64}}});
    QCOMPARE(keeps_keys(*session_, sql.toStdString(), "source", columns, {"id", "part"}), kept);
  }
};

QTEST_GUILESS_MAIN(KeptKeysTest)
#include "kept_keys_test.moc"
