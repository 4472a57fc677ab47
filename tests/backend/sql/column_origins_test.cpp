#include <QTest>

#include "sql/column_origins.h"

using namespace penstock;

class ColumnOriginsTest : public QObject {
  Q_OBJECT

  std::unique_ptr<Session> session_;

  // "units = sum(qty) <- silver.qty (aggregated)", one column each.
  QStringList told(const std::string& sql) {
    const NamedColumns inputs{{"silver", {"sku", "qty", "price", "sold_at", "items", "customer"}}, {"ref.stores", {"id", "name", "region"}}};
    const auto columns = column_origins(*session_, sql, inputs);
    if (!columns.ok()) return {QString::fromStdString(columns.error().message)};
    QStringList all;
    for (const SelectedColumn& column : *columns) {
      QStringList from;
      for (const ColumnOrigin& origin : column.from) from << QString::fromStdString(origin.relation + "." + origin.column);
      QString text = QString::fromStdString(column.name.empty() ? "?" : column.name);
      if (!column.expression.empty()) text += " = " + QString::fromStdString(column.expression);
      all << text + " <- " + from.join(", ") + " (" + name_of(column.use) + ")";
    }
    return all;
  }

 private slots:
  void initTestCase() { session_ = std::move(Session::open().value()); }
  void cleanupTestCase() { session_.reset(); }

  void a_column_is_taken_as_it_is_renamed_or_computed() {
    QCOMPARE(told("SELECT sku, qty AS pieces, qty * price AS worth, 1 AS one FROM silver"),
             (QStringList{"sku <- silver.sku (same)", "pieces <- silver.qty (same)", "worth = (qty * price) <- silver.price, silver.qty (computed)", "one = 1 <-  (computed)"}));
  }

  void aggregates_and_window_functions_are_told() {
    QCOMPARE(told("SELECT sku, sum(qty) AS units, count(*) FROM silver WHERE price > 3 GROUP BY ALL"),
             (QStringList{"sku <- silver.sku (same)", "units = sum(qty) <- silver.qty (aggregated)", "? = count_star() <-  (aggregated)"}));
    QCOMPARE(told("SELECT row_number() OVER (PARTITION BY sku ORDER BY sold_at) AS n FROM silver").first().section(" <- ", 1), QString("silver.sku, silver.sold_at (aggregated)"));
  }

  void joined_tables_are_told_apart_by_their_aliases() {
    QCOMPARE(told("SELECT s.sku, r.name AS store, s.customer.id FROM silver s JOIN ref.stores r ON r.id = s.qty"),
             (QStringList{"sku <- silver.sku (same)", "store <- ref.stores.name (same)", "id = s.customer.id <- silver.customer (computed)"}));
  }

  void a_star_is_written_out_but_for_what_it_leaves_out() {
    QCOMPARE(told("SELECT * EXCLUDE (items, customer, sold_at) REPLACE (upper(sku) AS sku) FROM silver"),
             (QStringList{"sku <- silver.sku (computed)", "qty <- silver.qty (same)", "price <- silver.price (same)"}));
    QCOMPARE(told("SELECT r.* FROM silver, ref.stores r").size(), 3);
  }

  void subqueries_ctes_and_unions_are_followed() {
    QCOMPARE(told("WITH totals AS (SELECT sku AS article, sum(qty) AS units FROM silver GROUP BY sku) SELECT article, units + 1 AS more FROM totals"),
             (QStringList{"article <- silver.sku (same)", "more = (units + 1) <- silver.qty (aggregated)"}));
    QCOMPARE(told("SELECT t.p FROM (SELECT price AS p FROM silver) t"), (QStringList{"p <- silver.price (same)"}));
    QCOMPARE(told("SELECT sku FROM silver UNION ALL SELECT name FROM ref.stores"), (QStringList{"sku <- ref.stores.name, silver.sku (same)"}));
    QCOMPARE(told("SELECT (SELECT max(region) FROM ref.stores) AS region FROM silver").first().section(" <- ", 1), QString("ref.stores.region (aggregated)"));
  }

  void what_is_unnested_comes_out_of_its_list() {
    QCOMPARE(told("SELECT item.sku AS article FROM silver, unnest(items) AS t(item)").first().section(" <- ", 1), QString("silver.items (computed)"));
    QCOMPARE(told("SELECT unnest(items) AS item FROM silver").first().section(" <- ", 1), QString("silver.items (computed)"));
  }

  void an_alias_of_the_same_list_and_names_in_other_cases_are_found() {
    QCOMPARE(told("SELECT QTY * 2 AS double_qty, double_qty + 1 AS more FROM Silver").last().section(" <- ", 1), QString("silver.qty (computed)"));
  }

  void what_is_no_select_is_an_error_and_unknown_names_are_left_out() {
    QVERIFY(!column_origins(*session_, "DELETE FROM silver", {}).ok());
    QVERIFY(!column_origins(*session_, "SELECT FROM FROM", {}).ok());
    QCOMPARE(told("SELECT nothing FROM nowhere"), (QStringList{"nothing = \"nothing\" <-  (same)"}));
  }
};

QTEST_APPLESS_MAIN(ColumnOriginsTest)
#include "column_origins_test.moc"
