#include <QTest>

#include "backend/sql/sales.h"

using namespace penstock;
using namespace penstock::test;

namespace {

// "line:column message (expected: … | did you mean …)" of each problem.
QStringList problems(const StepProgramSpec& spec) {
  auto session = session_with_tables();
  std::vector<SqlProblem> found;
  const auto program = StepProgram::compile(*session, spec, found);
  QStringList result;
  for (const SqlProblem& problem : found) {
    const std::string& text = problem.expectation < 0 ? spec.sql : spec.expect[static_cast<std::size_t>(problem.expectation)].sql;
    QString line = problem.expectation < 0 ? QString() : QString("expectation %1, ").arg(problem.expectation);
    line += problem.offset ? QString::fromStdString(text.substr(*problem.offset, 12)) : QString("?");
    result << line + ": " + QString::fromStdString(problem.message) +
                  (problem.suggestion.empty() ? "" : " [" + QString::fromStdString(problem.suggestion) + "]");
  }
  if (program.has_value() != found.empty()) result << "a program and a problem, or neither";
  return result;
}

}  // namespace

class StepRefusalsTest : public QObject {
  Q_OBJECT

 private slots:
  void row_wise_sql_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("problem");
    const auto row = [](const char* sql, const char* problem) { QTest::newRow(sql) << sql << problem; };
    row("SELECT sum(qty) AS q FROM bronze", "sum(qty) AS : an aggregate needs all rows at once: sum()");
    row("SELECT count(*) FROM bronze", "count(*) FRO: an aggregate needs all rows at once: count()");
    row("SELECT sku FROM bronze GROUP BY sku", "sku: GROUP BY needs all rows at once");
    row("SELECT DISTINCT sku FROM bronze", "?: DISTINCT needs all rows at once");
    row("SELECT sku FROM bronze ORDER BY qty", "?: ORDER BY is not for a stream");
    row("SELECT sku FROM bronze LIMIT 3", "?: LIMIT has no meaning for a stream");
    row("SELECT sku FROM bronze LIMIT 10%", "?: LIMIT has no meaning for a stream");
    row("SELECT row_number() OVER () AS n FROM bronze", "row_number()");
    row("SELECT sku FROM bronze UNION ALL SELECT sku FROM bronze", "?: UNION, INTERSECT and EXCEPT are not for a stream");
    row("SELECT random() AS r FROM bronze", "random() AS : random() gives another value each time it is asked");
    row("SELECT now() AS r FROM bronze", "now() AS r F: now() gives another value each time it is asked");
    row("SELECT sku FROM bronze WHERE sold_at < current_timestamp", "current_time: current_timestamp gives another value each time it is asked");
    row("SELECT current_date AS d FROM bronze", "current_date: current_date gives another value each time it is asked");
    row("SELECT id FROM ref.stores", "ref.stores: the SELECT does not read the step's input");
    row("SELECT 1 AS x", "?: the SELECT does not read the step's input");
    row("SELECT sku FROM bronze JOIN ref.store s ON s.id = store_id", "ref.store s : there is no table 'ref.store' here [did you mean 'ref.stores'?]");
    row("SELECT sku FROM bronze TABLESAMPLE 10%", "bronze TABLE: a sample gives other rows each time");
    row("SELECT sku FROM bronze, read_csv('/etc/passwd')", "read_csv('/e: read_csv() cannot be read here");
    row("SELECT sku FROM bronze WHERE qty = (SELECT max(qty) FROM bronze)", "(SELECT max(: a subquery cannot read the stream itself: it is never complete");
    row("SELECT a.sku FROM bronze a JOIN bronze b ON a.qty = b.qty", "JOIN bronze : a stream cannot be joined with itself row by row");
    row("SELECT city FROM bronze RIGHT JOIN ref.stores s ON s.id = store_id", "RIGHT JOIN r: this join gives rows that come from no row of the stream");
    row("SELECT city FROM ref.stores s LEFT JOIN bronze ON s.id = store_id", "LEFT JOIN br: this join gives rows that come from no row of the stream");
    row("SELECT city FROM bronze FULL JOIN ref.stores s ON s.id = store_id", "FULL JOIN re: this join gives rows that come from no row of the stream");
    row("SELECT 5 AS _offset FROM bronze", "5 AS _offset: _offset says where a row comes from and cannot be given another value");
    row("SELECT sku FROM bronze WHERE qty = ?", "?: a parameter has no value here");
    row("SELECT qyt FROM bronze", "qyt FROM bro: there is no column 'qyt' here [did you mean 'qty'?]");
    row("SELECT sku,\n  lowr(sku) AS l FROM bronze", "lowr(sku) AS: Scalar Function with name lowr does not exist [did you mean 'lower'?]");
    row("SELECT sku FRM bronze", "bronze: syntax error at or near \"bronze\"");
    row("DELETE FROM bronze", "?: exactly one SELECT is expected here");
    row("SELECT 1 AS a FROM bronze; SELECT 2", "?: exactly one SELECT is expected here");
    row("SELECT [qty] AS l FROM bronze", "?: column 'l': a column cannot be of type LIST");
    row("SELECT qty AS a, sku AS a FROM bronze", "?: two columns are called 'a'");
    row("SELECT geomean(qty) AS g FROM bronze", "?: this SELECT does not give its rows one by one");
    row("SELECT sku FROM (SELECT sku FROM bronze LIMIT 1)", "?: LIMIT has no meaning for a stream");
    row("WITH c AS (SELECT max(qty) AS m FROM bronze) SELECT m FROM c", "max(qty) AS : an aggregate needs all rows at once: max()");
    row("SELECT * FROM duckdb_settings()", "duckdb_setti: duckdb_settings() cannot be read here");
    row("SELECT * FROM bronze, information_schema.tables", "information_: there is no table 'information_schema.tables' here");
  }
  void row_wise_sql() {
    QFETCH(QString, sql);
    QFETCH(QString, problem);
    const auto found = problems(step(sql.toStdString()));
    QVERIFY2(!found.isEmpty(), "no problem was found");
    QVERIFY2(found.front().contains(problem), qPrintable(found.join('\n')));
  }

  void expectations_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("problem");
    const auto row = [](const char* sql, const char* problem) { QTest::newRow(sql) << sql << problem; };
    row("qty", "expectation 0, qty: an expectation must be true or false, this is INTEGER");
    row("qty > 0 AND qyt < 5", "expectation 0, qyt < 5: there is no column 'qyt' here [did you mean 'qty'?]");
    row("sku = 'x'", "expectation 0, sku = 'x': there is no column 'sku' here");
    row("qty > 0, true", "expectation 0, ?: an expectation is one condition over the step's output");
    row("qty > 0 FROM ref.stores", "expectation 0, ?: an expectation is one condition over the step's output");
    row("max(qty) > 0", "expectation 0, max(qty) > 0: an aggregate needs all rows at once: max()");
    row("qty > random()", "expectation 0, random(): random() gives another value each time it is asked");
    row("qty >", "expectation 0, : syntax error at end of input");
    row("qty IN (SELECT id FROM ref.shops)", "expectation 0, ref.shops): there is no table 'ref.shops' here");
    row("qty > (SELECT max(qty) FROM bronze)", "there is no table 'bronze' here");
  }
  void expectations() {
    QFETCH(QString, sql);
    QFETCH(QString, problem);
    const auto found = problems(step("SELECT event_id, qty FROM bronze", {{"one", sql.toStdString()}}));
    QVERIFY2(!found.isEmpty(), "no problem was found");
    QVERIFY2(found.front().contains(problem), qPrintable(found.join('\n')));
  }

  void all_problems_are_listed() {
    const auto found = problems(step("SELECT event_id, qty FROM bronze", {{"one", "qyt > 0"}, {"two", "qty"}}, {"skuu"}));
    QCOMPARE(found.size(), 3);
    QCOMPARE(problems(step("SELECT DISTINCT random() AS r, sum(qty) AS s FROM bronze LIMIT 1")).size(), 4);
  }

  void a_window_must_say_which_window_it_is() {
    std::vector<Field> fields = sales_schema()->fields();
    fields.push_back({"window_start", {TypeKind::timestamp}});
    fields.push_back({"window_end", {TypeKind::timestamp}});
    auto spec = step("SELECT sku, sum(qty) AS units FROM bronze GROUP BY ALL");
    spec.window = true;
    spec.schema = std::make_shared<const Schema>(fields);
    QCOMPARE(problems(spec), QStringList("?: the rows of a window do not say which window they are"));
    spec.sql = "SELECT sku, 1 AS window_start FROM bronze";
    QCOMPARE(problems(spec), QStringList("?: window_start is INTEGER"));
    spec.sql = "SELECT window_start, _offset FROM bronze";
    QCOMPARE(problems(spec), QStringList("?: a row that comes from many has no '_offset'"));
    spec.sql = "SELECT window_start, now() AS n FROM bronze";
    QCOMPARE(problems(spec), QStringList("now() AS n F: now() gives another value each time it is asked"));
  }

  void an_error_names_the_step_its_place_and_the_near_name() {
    auto session = session_with_tables();
    const auto program = StepProgram::compile(*session, step("SELECT event_id,\n       qyt FROM bronze"));
    QVERIFY(!program.ok());
    QCOMPARE(QString::fromStdString(program.error().to_string()), "step silver:2:8: there is no column 'qyt' here (did you mean 'qty'?)");
  }
};

QTEST_APPLESS_MAIN(StepRefusalsTest)
#include "step_refusals_test.moc"
