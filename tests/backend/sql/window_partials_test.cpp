#include "sql/window_partials.h"

#include <QTest>

#include <random>

#include "backend/sql/sales.h"
#include "sql/step_schemas.h"

using namespace penstock;
using namespace penstock::test;

namespace {

constexpr std::int64_t kMinute = 60'000'000;

StepProgramSpec window(const std::string& sql, std::vector<ExpectationSpec> expect = {}) {
  StepProgramSpec spec = step(sql, std::move(expect));
  spec.schema = window_schema(*sales_schema());
  spec.window = true;
  return spec;
}

Batch with_window(const Batch& rows) { return Batch::join_columns(rows, window_columns(rows.rows(), 0, kMinute)); }

Batch random_sales(std::mt19937& random, int rows) {
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  std::vector<std::vector<std::string>> all;
  for (int row = 0; row < rows; ++row) {
    const auto or_null = [&](std::string text) { return pick(8) == 0 ? std::string("NULL") : text; };
    all.push_back({"e" + std::to_string(pick(50)), or_null(std::to_string(pick(4))), or_null(pick(2) ? "tea" : "Tea"), or_null(std::to_string(pick(20) - 5)), or_null(std::to_string(pick(2000)))});
  }
  return sales(all);
}

QStringList sorted_lines(const Batch& rows) {
  std::vector<std::string> columns;
  for (const Field& field : rows.schema()->fields()) columns.push_back(field.name);
  QStringList sorted = lines(rows, columns);
  sorted.sort();
  return sorted;
}

struct Compiled {
  StepProgram whole;
  std::optional<WindowPartials> partials;
};

Compiled compile(Session& session, const StepProgramSpec& spec) {
  auto whole = StepProgram::compile(session, spec);
  if (!whole.ok()) qFatal("%s", whole.error().to_string().c_str());
  auto partials = WindowPartials::compile(session, spec, *whole->output_schema());
  return {std::move(*whole), std::move(partials)};
}

}  // namespace

class WindowPartialsTest : public QObject {
  Q_OBJECT

 private slots:
  void parts_give_what_all_rows_together_give_data() {
    QTest::addColumn<QString>("sql");
    const auto add = [](const char* name, const char* sql) { QTest::newRow(name) << sql; };
    add("count and sum", "SELECT store_id, window_start, count(*) AS n, sum(qty) AS units, count(qty) AS known FROM silver GROUP BY ALL");
    add("decimal", "SELECT sku, window_start, sum(qty * unit_price) AS revenue, min(unit_price) AS low, max(unit_price) AS high FROM input GROUP BY sku, window_start");
    add("expressions about both", "SELECT upper(sku) || '!' AS name, window_start, window_end, 2 * sum(qty) + count(*) AS x FROM silver GROUP BY upper(sku), window_start, window_end");
    add("average", "SELECT window_start, avg(qty) AS mean, avg(store_id::DOUBLE) AS stores FROM silver GROUP BY ALL");
    add("no key", "SELECT max(window_start) AS window_start, count(*) AS n, sum(qty) AS units FROM silver");
    add("condition", "SELECT store_id, window_start, count(*) AS n FROM silver WHERE qty > 3 GROUP BY ALL");
    add("all left out", "SELECT window_start, count(*) AS n FROM silver WHERE qty > 300 GROUP BY ALL");
    add("filter", "SELECT store_id, window_start, count(*) FILTER (WHERE qty > 0) AS sold, sum(qty) FILTER (WHERE qty < 0) AS returned FROM silver GROUP BY ALL");
    add("having", "SELECT store_id, window_start, sum(qty) AS units FROM silver GROUP BY ALL HAVING count(*) > 3");
    add("having by alias", "SELECT store_id, window_start, sum(qty) AS units FROM silver GROUP BY ALL HAVING units > 3");
    add("order and limit", "SELECT store_id, window_start, count(*) AS n FROM silver GROUP BY ALL ORDER BY count(*) DESC, store_id NULLS LAST LIMIT 2");
    add("rank", "SELECT store_id, window_start, sum(qty) AS units, rank() OVER (ORDER BY sum(qty) DESC) AS place FROM silver GROUP BY ALL");
    add("the best only", "SELECT store_id, window_start, sum(qty) AS units FROM silver GROUP BY store_id, window_start QUALIFY rank() OVER (ORDER BY sum(qty) DESC) = 1");
    add("places", "SELECT store_id, window_start, count(*) AS n FROM silver GROUP BY 1, 2");
    add("alias as key", "SELECT lower(sku) AS name, window_start, count(*) AS n FROM silver GROUP BY name, window_start");
    add("lateral alias", "SELECT store_id, window_start, count(*) AS n, n + 1 AS more FROM silver GROUP BY ALL");
    add("qualified", "SELECT s.store_id, s.window_start, count(s.sku) AS n FROM silver AS s GROUP BY ALL");
    add("whether", "SELECT store_id, window_start, bool_and(qty > 0) AS every, bool_or(qty > 0) AS some FROM silver GROUP BY ALL");
    add("times", "SELECT store_id, window_start, min(sold_at) AS first, max(sold_at)::TIMESTAMP AS last, max(sold_at) - window_start > INTERVAL 1 SECOND AS late FROM silver GROUP BY store_id, window_start");
    add("key of another type", "SELECT sold_at::TIMESTAMP AS at, sold_at::DATE AS day, qty::TINYINT AS q, qty::FLOAT AS f, window_start, count(*) AS n FROM silver GROUP BY ALL");
    add("only keys", "SELECT store_id, window_start FROM silver GROUP BY ALL");
    add("case", "SELECT CASE WHEN qty > 0 THEN 'sold' ELSE 'returned' END AS kind, window_start, count(*) AS n FROM silver GROUP BY ALL");
    add("name in capitals", "SELECT STORE_ID, window_start, SUM(Qty) AS Units FROM Silver GROUP BY store_id, window_start");
  }
  void parts_give_what_all_rows_together_give() {
    QFETCH(QString, sql);
    auto session = session_with_tables();
    StepProgramSpec spec = window(sql.toStdString(), {{.name = "some", .sql = "window_start IS NOT NULL", .on_fail = OnFail::drop}});
    spec.inputs = {"silver"};
    spec.name = "gold";
    auto [whole, partials] = compile(*session, spec);
    QVERIFY2(partials, "it was not taken apart");
    std::mt19937 random(1);
    for (int round = 0; round < 40; ++round) {
      const Batch rows = random_sales(random, 1 + static_cast<int>(random() % 60));
      const Batch framed = with_window(rows);
      const auto expected = whole.run({&framed, 1});
      QVERIFY2(expected.ok(), qPrintable(QString::fromStdString(expected.ok() ? "" : expected.error().to_string())));
      std::vector<Batch> parts;
      for (std::int64_t first = 0; first < rows.rows();) {
        const auto count = std::min<std::int64_t>(rows.rows() - first, 1 + static_cast<int>(random() % 20));
        std::vector<Batch> some{with_pane(rows.slice(first, count), static_cast<std::int64_t>(random() % 3))};
        auto reduced = partials->reduce(some);
        QVERIFY(reduced.ok());
        QVERIFY(reduced->errors.empty());
        for (const auto& [pane, part] : reduced->by_pane) parts.push_back(part);
        if (random() % 3 == 0) parts = partials->merge(parts).value();
        first += count;
      }
      for (const Batch& part : parts) QCOMPARE(*part.schema(), *partials->schema());
      const auto finished = partials->finish(parts, 0, kMinute);
      QVERIFY2(finished.ok(), qPrintable(QString::fromStdString(finished.ok() ? "" : finished.error().to_string())));
      QCOMPARE(*finished->rows.schema(), *expected->rows.schema());
      QCOMPARE(sorted_lines(finished->rows), sorted_lines(expected->rows));
      QCOMPARE(finished->failed_rows, expected->failed_rows);
    }
  }

  void what_needs_all_rows_is_left_whole_data() {
    QTest::addColumn<QString>("sql");
    const auto add = [](const char* name, const char* sql) { QTest::newRow(name) << sql; };
    add("distinct", "SELECT window_start, count(DISTINCT sku) AS n FROM bronze GROUP BY ALL");
    add("median", "SELECT window_start, median(qty) AS n FROM bronze GROUP BY ALL");
    add("first", "SELECT window_start, first(sku) AS n FROM bronze GROUP BY ALL");
    add("ordered", "SELECT window_start, string_agg(sku, ',' ORDER BY qty) AS n FROM bronze GROUP BY ALL");
    add("list", "SELECT window_start, to_json(list(sku)) AS n FROM bronze GROUP BY ALL");
    add("rows", "SELECT window_start, sku FROM bronze");
    add("join", "SELECT window_start, city, count(*) AS n FROM bronze JOIN ref.stores ON id = store_id GROUP BY ALL");
    add("subquery", "SELECT window_start, count(*) AS n FROM bronze WHERE store_id IN (SELECT id FROM ref.stores) GROUP BY ALL");
    add("with", "WITH all_rows AS (SELECT * FROM bronze) SELECT window_start, count(*) AS n FROM all_rows GROUP BY ALL");
    add("the window in an aggregate", "SELECT window_start, max(sold_at - window_start > INTERVAL 1 SECOND) AS n FROM bronze GROUP BY ALL");
    add("the window in a condition", "SELECT window_start, count(*) AS n FROM bronze WHERE sold_at > window_start GROUP BY ALL");
    add("the window in a key", "SELECT window_start, (sold_at - window_start)::VARCHAR AS k, count(*) AS n FROM bronze GROUP BY ALL");
    add("sets of keys", "SELECT window_start, sku, count(*) AS n FROM bronze GROUP BY GROUPING SETS ((window_start, sku), (window_start))");
    add("average of times", "SELECT window_start, avg(sold_at) AS n FROM bronze GROUP BY ALL");
    add("union", "SELECT window_start, count(*) AS n FROM bronze GROUP BY ALL UNION ALL SELECT window_start, 1 AS n FROM bronze GROUP BY ALL");
  }
  void what_needs_all_rows_is_left_whole() {
    QFETCH(QString, sql);
    auto session = session_with_tables();
    QVERIFY(!compile(*session, window(sql.toStdString())).partials);
  }

  void a_row_that_cannot_be_computed_is_named_and_the_others_count() {
    auto session = session_with_tables();
    auto [whole, partials] = compile(*session, window("SELECT window_start, sum(sku::INTEGER) AS total, count(*) AS n FROM bronze GROUP BY ALL"));
    QVERIFY(partials);
    std::vector<Batch> rows{with_pane(sales({{"a", "1", "3", "1", "1"}, {"b", "1", "tea", "1", "1"}}), 0), with_pane(sales({{"c", "1", "4", "1", "1"}, {"d", "1", "milk", "1", "1"}}), 0)};
    const auto reduced = partials->reduce(rows);
    QVERIFY(reduced.ok());
    QCOMPARE(reduced->errors.size(), std::size_t{2});
    QCOMPARE(reduced->errors[0].row, 1);
    QCOMPARE(reduced->errors[1].row, 3);
    QVERIFY2(reduced->errors[0].message.find("tea") != std::string::npos, reduced->errors[0].message.c_str());
    QCOMPARE(reduced->by_pane.size(), std::size_t{1});
    const auto finished = partials->finish({&reduced->by_pane.at(0), 1}, 0, kMinute);
    QVERIFY(finished.ok());
    QCOMPARE(lines(finished->rows, {"total", "n"}), QStringList{"7|2"});
  }

  void an_aggregate_says_where_its_key_is() {
    auto session = session_with_tables();
    StepProgramSpec spec = step("SELECT upper(sku) AS name, store_id, sum(qty) AS units FROM bronze GROUP BY ALL HAVING sum(qty) > 0");
    spec.window = true;
    spec.aggregate_key = {"store_id", "NAME"};
    const auto whole = StepProgram::compile(*session, spec);
    QVERIFY2(whole.ok(), qPrintable(QString::fromStdString(whole.ok() ? "" : whole.error().to_string())));
    auto partials = WindowPartials::compile_aggregate(*session, spec, *whole->output_schema());
    QVERIFY2(partials.ok(), qPrintable(QString::fromStdString(partials.ok() ? "" : partials.error().to_string())));
    std::vector<Batch> rows{with_pane(sales({{"a", "1", "tea", "3", "1"}, {"b", "2", "tea", "4", "1"}, {"c", "1", "Tea", "5", "1"}, {"d", "3", "tea", "0", "1"}}), 0)};
    const auto reduced = partials->reduce(rows);
    QVERIFY(reduced.ok());
    const Batch& part = reduced->by_pane.at(0);
    QStringList keys;
    for (std::int64_t row = 0; row < part.rows(); ++row)
      keys << QString::fromStdString(part.column(partials->key_columns()[0]).to_text(row) + " " + part.column(partials->key_columns()[1]).to_text(row));
    keys.sort();
    QCOMPARE(keys, QStringList({"1 TEA", "2 TEA", "3 TEA"}));
    QCOMPARE(sorted_lines(partials->finish({&part, 1}, 0, 0)->rows), QStringList({"TEA|1|8", "TEA|2|4"}));
  }

  void an_aggregate_that_cannot_be_kept_says_why_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("error");
    QTest::newRow("distinct") << "SELECT sku, count(DISTINCT store_id) AS n FROM bronze GROUP BY ALL" << "cannot be kept as sums";
    QTest::newRow("order") << "SELECT sku, count(*) AS n FROM bronze GROUP BY ALL ORDER BY n LIMIT 3" << "cannot be kept as sums";
    QTest::newRow("rank") << "SELECT sku, rank() OVER (ORDER BY count(*)) AS n FROM bronze GROUP BY ALL" << "cannot be kept as sums";
    QTest::newRow("finer") << "SELECT sku, store_id, count(*) AS n FROM bronze GROUP BY ALL" << "does not group by the aggregate's key alone";
    QTest::newRow("computed") << "SELECT max(sku) AS sku, count(*) AS n FROM bronze GROUP BY store_id" << "does not group by the aggregate's key alone";
    QTest::newRow("no key column") << "SELECT count(*) AS n FROM bronze GROUP BY sku" << "do not say which 'sku'";
  }
  void an_aggregate_that_cannot_be_kept_says_why() {
    QFETCH(QString, sql);
    QFETCH(QString, error);
    auto session = session_with_tables();
    StepProgramSpec spec = step(sql.toStdString());
    spec.window = true;
    spec.aggregate_key = {"sku"};
    const auto whole = StepProgram::compile(*session, spec);
    const auto partials = whole.ok() ? WindowPartials::compile_aggregate(*session, spec, *whole->output_schema()) : Result<WindowPartials>(whole.error());
    QVERIFY(!partials.ok());
    QVERIFY2(QString::fromStdString(partials.error().to_string()).contains(error), partials.error().to_string().c_str());
  }

  void a_sum_may_pass_the_range_of_its_result_on_the_way() {
    auto session = session_with_tables();
    auto [whole, partials] = compile(*session, window("SELECT window_start, sum(qty::BIGINT * 4000000000000000000) AS total FROM bronze GROUP BY ALL"));
    QVERIFY(partials);
    std::vector<Batch> parts;
    for (const char* qty : {"2", "2", "-2", "-1"}) {
      std::vector<Batch> rows{with_pane(sales({{"a", "1", "tea", qty, "1"}}), 0)};
      auto reduced = partials->reduce(rows);
      QVERIFY(reduced.ok());
      for (const auto& [pane, part] : reduced->by_pane) parts.push_back(part);
      parts = partials->merge(parts).value();
    }
    QCOMPARE(lines(partials->finish(parts, 0, kMinute)->rows, {"total"}), QStringList{"4000000000000000000"});
  }
};

QTEST_GUILESS_MAIN(WindowPartialsTest)
#include "window_partials_test.moc"
