#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <random>

#include "backend/sql/sales.h"

using namespace penstock;
using namespace penstock::test;

namespace {

StepProgram compile(Session& session, const StepProgramSpec& spec) {
  auto program = StepProgram::compile(session, spec);
  if (!program.ok()) qFatal("%s", program.error().to_string().c_str());
  return std::move(program).value();
}

StepOutput run(StepProgram& program, const Batch& rows) {
  auto output = program.run({&rows, 1});
  if (!output.ok()) qFatal("%s", output.error().to_string().c_str());
  return std::move(output).value();
}

QString names(const SchemaPtr& schema) {
  QStringList list;
  for (const Field& field : schema->fields()) list << QString::fromStdString(field.name);
  return list.join(' ');
}

const Batch kThree = sales({{"a", "1", "tea", "2", "150"}, {"b", "9", "milk", "-1", "99"}, {"c", "NULL", "NULL", "NULL", "NULL"}});

}  // namespace

class StepProgramTest : public QObject {
  Q_OBJECT

 private slots:
  void projects_and_filters_while_origin_follows() {
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT event_id, upper(sku) AS sku, qty * unit_price AS total FROM bronze WHERE store_id > 0"));
    QCOMPARE(QString::fromStdString(program.output_schema()->to_string()),
             "event_id VARCHAR, sku VARCHAR, total DECIMAL(18,2), _source VARCHAR, _partition INTEGER, "
             "_offset BIGINT, _source_time TIMESTAMP WITH TIME ZONE, _ingest_time TIMESTAMP WITH TIME ZONE");
    const auto output = run(program, kThree);
    QCOMPARE(*output.rows.schema(), *program.output_schema());
    QCOMPARE(lines(output.rows, {"event_id", "sku", "total", "_source", "_partition", "_offset"}),
             QStringList({"a|TEA|3.00|pos.sales|3|100", "b|MILK|-0.99|pos.sales|3|101"}));
    QCOMPARE(output.filtered, 1);
    QCOMPARE(output.input_row, (std::vector<std::int64_t>{0, 1}));
    QVERIFY(output.errors.empty());
  }

  void columns_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("columns");
    const QString origin = " _source _partition _offset _source_time _ingest_time";
    const QString data = "event_id store_id sku qty unit_price sold_at items";
    QTest::newRow("star") << "SELECT * FROM bronze" << data + origin;
    QTest::newRow("from first") << "FROM bronze" << data + origin;
    QTest::newRow("relation star") << "SELECT b.* FROM bronze b" << data + origin;
    QTest::newRow("star and one more") << "SELECT *, qty + 1 AS more FROM input" << data + " more" + origin;
    QTest::newRow("excluded") << "SELECT * EXCLUDE (items, _offset) REPLACE (upper(sku) AS sku) FROM bronze" << "event_id store_id sku qty unit_price sold_at" + origin;
    QTest::newRow("origin named") << "SELECT _offset, event_id, bronze._source FROM bronze" << "event_id" + origin;
    QTest::newRow("origin under another name") << "SELECT _offset AS o, event_id FROM bronze" << "o event_id" + origin;
    QTest::newRow("raw named") << "SELECT event_id, _raw FROM bronze" << "event_id _raw" + origin;
    QTest::newRow("columns by pattern") << "SELECT COLUMNS('.*_.*') FROM bronze" << "event_id store_id unit_price sold_at" + origin;
    QTest::newRow("subquery") << "SELECT * FROM (SELECT *, _offset, qty AS q FROM bronze) WHERE q > 0" << data + " q" + origin;
    QTest::newRow("subquery with alias") << "SELECT x.a FROM (SELECT event_id FROM bronze) AS x(a)" << "a" + origin;
    QTest::newRow("cte") << "WITH c AS (SELECT event_id AS e FROM bronze), d(f) AS (SELECT e FROM c) SELECT * FROM d" << "f" + origin;
    QTest::newRow("join") << "SELECT * FROM bronze LEFT JOIN ref.stores s ON s.id = store_id" << data + " id city" + origin;
    QTest::newRow("join, table first") << "SELECT city, b.* FROM ref.stores s JOIN bronze AS b ON s.id = b.store_id" << "city " + data + origin;
    QTest::newRow("semi join") << "SELECT event_id FROM bronze SEMI JOIN ref.stores s ON s.id = store_id" << "event_id" + origin;
    QTest::newRow("no sql keeps what bronze keeps") << "" << data + " _raw _key _headers" + origin;
  }
  void columns() {
    QFETCH(QString, sql);
    QFETCH(QString, columns);
    auto session = session_with_tables();
    auto program = compile(*session, step(sql.toStdString()));
    if (sql.contains("COLUMNS(")) columns = "event_id store_id unit_price sold_at _raw _key _headers" + columns.mid(columns.indexOf(" _source"));
    QCOMPARE(names(program.output_schema()), columns);
    const auto output = run(program, kThree);
    for (std::int64_t row = 0; row < output.rows.rows(); ++row) {
      QCOMPARE(output.rows.find("_offset")->int64(row), 100 + output.input_row[static_cast<std::size_t>(row)]);
    }
  }

  void unnest_repeats_the_origin_of_its_row() {
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT event_id, unnest([qty, qty + 10]) AS n FROM bronze WHERE qty IS NOT NULL"));
    const auto output = run(program, kThree);
    QCOMPARE(lines(output.rows, {"event_id", "n", "_offset"}), QStringList({"a|2|100", "a|12|100", "b|-1|101", "b|9|101"}));
    QCOMPARE(output.filtered, 1);
    auto lateral = compile(*session, step("SELECT event_id, j.value AS v FROM bronze, json_each(items) AS j"));
    QStringList joined = lines(run(lateral, kThree).rows, {"event_id", "v", "_offset"});
    joined.sort();
    QCOMPARE(joined, QStringList({"a|1|100", "a|2|100", "b|1|101", "b|2|101", "c|1|102", "c|2|102"}));
  }

  void joins_read_the_table_as_it_is_when_they_run() {
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT event_id, city FROM bronze LEFT JOIN ref.stores s ON s.id = store_id"));
    QCOMPARE(lines(run(program, kThree).rows, {"event_id", "city", "_offset"}), QStringList({"a|Lyon|100", "b|NULL|101", "c|NULL|102"}));
    const auto stores = make_schema({{"id", {TypeKind::int64}}, {"city", {TypeKind::varchar}}});
    const Batch rows = make_batch(stores, {{"9", "Rome"}});
    QVERIFY(session->load_table("ref.stores", stores, {&rows, 1}).ok());
    QCOMPARE(lines(run(program, kThree).rows, {"event_id", "city"}), QStringList({"a|NULL", "b|Rome", "c|NULL"}));
  }

  void expectations_list_the_rows_that_fail_and_null_fails() {
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT * FROM bronze",
                                          {{"qty_positive", "qty > 0"},
                                           {"known_store", "store_id IN (SELECT id FROM ref.stores)"},
                                           {"from_pos", "_source = 'pos.sales' -- a comment"},
                                           {"below_all", "silver.qty < (SELECT 10 * max(id) FROM ref.stores)"}}));
    const auto output = run(program, kThree);
    QCOMPARE(output.rows.rows(), 3);
    QCOMPARE(output.failed_rows.size(), std::size_t{4});
    QCOMPARE(output.failed_rows[0], (std::vector<std::int64_t>{1, 2}));
    QCOMPARE(output.failed_rows[1], (std::vector<std::int64_t>{1, 2}));
    QCOMPARE(output.failed_rows[2], (std::vector<std::int64_t>{}));
    QCOMPARE(output.failed_rows[3], (std::vector<std::int64_t>{2}));
    QCOMPARE(output.filtered, 0);
  }

  // Seeds are put into the step as values, tables are joined: both must tell the same.
  void a_seed_tells_the_same_rows_as_a_table() {
    auto session = session_with_tables();
    const QTemporaryDir folder;
    const auto write = [&](const char* csv) {
      QFile file(folder.filePath("shops.csv"));
      QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
      file.write(csv);
    };
    write("id,city\n1,tea\n2,Oslo\n");
    QVERIFY(session->load_seed("ref.shops", folder.filePath("shops.csv").toStdString()).ok());
    const auto shops = session->query("FROM ref.shops");
    QVERIFY(shops.ok() && session->load_table("ref.same", shops->front().schema(), *shops).ok());
    const auto spec_of = [](const std::string& table) {
      return step("SELECT event_id, store_id, sku, qty, store_id IN (SELECT id FROM " + table + ") AS known, store_id NOT IN (SELECT t.id FROM " + table +
                      " t) AS unknown, sku IN (SELECT city FROM " + table + ") AS city, qty IN (SELECT id FROM " + table + " WHERE id > 1) AS two FROM bronze",
                  {{"known_store", "store_id IN (SELECT id FROM " + table + ")"}, {"not_known", "NOT silver.store_id IN (SELECT id FROM " + table + ") OR qty > 100"}});
    };
    auto with_seed = compile(*session, spec_of("ref.shops")), with_table = compile(*session, spec_of("ref.same"));
    const auto expected = run(with_table, kThree), got = run(with_seed, kThree);
    QCOMPARE(*got.rows.schema(), *expected.rows.schema());
    QCOMPARE(lines(got.rows), lines(expected.rows));
    QCOMPARE(got.failed_rows, expected.failed_rows);
    QCOMPARE(got.failed_rows[0], (std::vector<std::int64_t>{1, 2}));

    write("id,city\n9,milk\n10,Bergen\n");
    QCOMPARE(session->refresh_seeds()->size(), std::size_t{1});
    auto again = compile(*session, spec_of("ref.shops"));
    QCOMPARE(run(again, kThree).failed_rows[0], (std::vector<std::int64_t>{0, 2}));
  }

  void masked_columns_are_hashed_after_expectations_saw_them() {
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT event_id, sku, qty FROM bronze", {{"is_tea", "sku = 'tea'"}}, {"sku", "QTY"}));
    const auto output = run(program, kThree);
    QCOMPARE(lines(output.rows, {"event_id", "sku", "qty"}),
             QStringList({"a|a9f74d1ec36ebdeb2da3f6e5868090cd2a2d20b3dcca7b62f60304b1d3d9ef42|d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35",
                          "b|8825e76530f87ff5c737b3254c6936bc0a90bba3a10a91bbba739268208d378a|1bad6b8cf97131fceab8543e81f7757195fbb1d36b376ee994ad1cf17699c464", "c|NULL|NULL"}));
    QCOMPARE(output.failed_rows[0], (std::vector<std::int64_t>{1, 2}));
  }

  void only_rows_that_cannot_be_computed_become_errors() {
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT event_id, sku::INTEGER AS n FROM bronze WHERE event_id <> 'skip'", {{"small", "n < 5"}}));
    std::vector<std::vector<std::string>> rows;
    for (int n = 0; n < 5'000; ++n) rows.push_back({"e", "1", n == 17 || n == 4'321 ? "tea" : std::to_string(n % 10), "1", "1"});
    rows[7][0] = "skip";
    const auto output = run(program, sales(rows, 0));
    QCOMPARE(output.errors.size(), std::size_t{2});
    QCOMPARE(output.errors[0].row, 17);
    QCOMPARE(QString::fromStdString(output.errors[0].message), "Could not convert string 'tea' to INT32 when casting from source column sku");
    QCOMPARE(output.errors[1].row, 4'321);
    QCOMPARE(output.filtered, 1);
    QCOMPARE(output.rows.rows(), 4'997);
    for (std::int64_t row = 0; row < output.rows.rows(); ++row) {
      QCOMPARE(output.rows.find("n")->int32(row), output.rows.find("_offset")->int64(row) % 10);
    }
    QCOMPARE(output.failed_rows[0].size(), std::size_t{2'498});   // 2,500 less the rows 7 and 17
    auto all_bad = run(program, sales({{"a", "1", "x", "1", "1"}, {"b", "1", "y", "1", "1"}}));
    QCOMPARE(all_bad.errors.size(), std::size_t{2});
    QCOMPARE(all_bad.rows.rows(), 0);
    QCOMPARE(*all_bad.rows.schema(), *program.output_schema());
    QCOMPARE(lines(run(program, kThree).rows, {"event_id", "n"}), QStringList("c|NULL"));
  }

  void an_overflow_of_a_sum_over_a_list_is_the_errors_of_its_row() {
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT event_id, list_sum([9223372036854775807, qty]) AS n FROM bronze"));
    const auto output = run(program, kThree);
    QCOMPARE(output.errors.size(), std::size_t{1});
    QCOMPARE(output.errors[0].row, 0);
    QCOMPARE(lines(output.rows, {"event_id", "n"}), QStringList({"b|9223372036854775806", "c|9223372036854775807"}));
  }

  void no_rows_give_no_rows() {
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT * FROM bronze", {{"x", "qty > 0"}}));
    const auto output = program.run({});
    QVERIFY(output.ok());
    QCOMPARE(output->rows.rows(), 0);
    QCOMPARE(*output->rows.schema(), *program.output_schema());
  }

  void the_way_rows_are_batched_changes_nothing() {
    const auto seed = std::random_device()();
    qInfo() << "seed" << seed;
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    std::vector<std::vector<std::string>> rows;
    for (int n = 0; n < 20'000; ++n) {
      rows.push_back({"event number " + std::to_string(n), below(9) ? std::to_string(below(4)) : "NULL", below(500) ? std::to_string(below(50)) : "bad",
                      std::to_string(below(20) - 2), std::to_string(below(5'000))});
    }
    const Batch all = sales(rows, 0);
    auto session = session_with_tables();
    auto program = compile(*session, step("SELECT event_id, sku::INTEGER % 7 AS n, s.city, qty * unit_price AS total, unnest(range(greatest(qty, 0) % 3)) AS k "
                                          "FROM bronze LEFT JOIN ref.stores s ON s.id = store_id WHERE qty <> 5",
                                          {{"known", "city IS NOT NULL"}, {"cheap", "total < 300"}}));
    const auto whole = run(program, all);
    QStringList whole_lines = lines(whole.rows), part_lines;
    std::vector<std::vector<std::int64_t>> failed(2);
    std::int64_t filtered = 0, errors = 0;
    for (std::int64_t at = 0; at < all.rows();) {
      std::vector<Batch> parts;
      for (int part = below(3); part >= 0 && at < all.rows(); --part) {
        const auto count = std::min<std::int64_t>(1 + below(3'000), all.rows() - at);
        parts.push_back(all.slice(at, count));
        at += count;
      }
      const auto output = program.run(parts);
      QVERIFY(output.ok());
      for (std::size_t one = 0; one < 2; ++one) {
        for (const auto row : output->failed_rows[one]) failed[one].push_back(part_lines.size() + row);
      }
      part_lines << lines(output->rows);
      filtered += output->filtered;
      errors += static_cast<std::int64_t>(output->errors.size());
    }
    QCOMPARE(part_lines, whole_lines);
    QCOMPARE(failed, whole.failed_rows);
    QCOMPARE(filtered, whole.filtered);
    QCOMPARE(errors, static_cast<std::int64_t>(whole.errors.size()));
    QVERIFY(errors > 0 && filtered > 0 && !failed[0].empty() && !failed[1].empty());
  }

  void a_window_is_summed_up() {
    auto session = session_with_tables();
    std::vector<Field> fields = sales_schema()->fields();
    fields.push_back({"window_start", {TypeKind::timestamp}, false});
    fields.push_back({"window_end", {TypeKind::timestamp}, false});
    const auto bounds = make_schema({fields[fields.size() - 2], fields.back()});
    StepProgramSpec spec = step("SELECT sku, window_start, sum(qty) AS units, sum(qty * unit_price) AS revenue FROM silver GROUP BY ALL ORDER BY sku",
                                {{"some", "units > 0"}}, {});
    spec.name = "velocity";
    spec.inputs = {"silver"};
    spec.window = true;
    spec.schema = std::make_shared<const Schema>(fields);
    auto program = compile(*session, spec);
    QCOMPARE(QString::fromStdString(program.output_schema()->to_string()),
             "sku VARCHAR, window_start TIMESTAMP WITH TIME ZONE, units BIGINT, revenue DECIMAL(38,2)");
    const Batch first = sales({{"a", "1", "tea", "2", "150"}, {"b", "1", "milk", "1", "99"}});
    const Batch second = sales({{"c", "1", "tea", "5", "150"}, {"d", "1", "egg", "-3", "10"}});
    const Batch windows = make_batch(bounds, {{"60000000", "120000000"}, {"60000000", "120000000"}});
    const std::vector<Batch> rows{Batch::join_columns(first, windows), Batch::join_columns(second, windows)};
    const auto output = program.run(rows);
    QVERIFY(output.ok());
    QCOMPARE(lines(output->rows), QStringList({"egg|1970-01-01T00:01:00.000Z|-3|-0.30", "milk|1970-01-01T00:01:00.000Z|1|0.99",
                                               "tea|1970-01-01T00:01:00.000Z|7|10.50"}));
    QCOMPARE(output->failed_rows[0], std::vector<std::int64_t>{0});
  }

  void two_programs_of_one_session_keep_their_inputs_apart() {
    auto session = session_with_tables();
    auto names = compile(*session, step("SELECT event_id FROM bronze"));
    StepProgramSpec other{.name = "other", .inputs = {"bronze"}, .schema = make_schema({{"n", {TypeKind::int32}}}), .sql = "SELECT n + 1 AS n FROM bronze"};
    auto numbers = compile(*session, other);
    QCOMPARE(lines(run(names, kThree).rows, {"event_id"}), QStringList({"a", "b", "c"}));
    QCOMPARE(lines(run(numbers, make_batch(other.schema, {{"1"}, {"NULL"}})).rows), QStringList({"2", "NULL"}));
    QCOMPARE(lines(run(names, kThree).rows, {"event_id"}), QStringList({"a", "b", "c"}));
  }
};

QTEST_APPLESS_MAIN(StepProgramTest)
#include "step_program_test.moc"
