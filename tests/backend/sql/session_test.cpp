#include <QFile>
#include <QTest>

#include <QTemporaryDir>

#include "backend/sql/rows.h"
#include "sql/session.h"

using namespace penstock;
using namespace penstock::test;

namespace {

std::unique_ptr<Session> open() {
  auto session = Session::open();
  if (!session.ok()) qFatal("%s", session.error().to_string().c_str());
  return std::move(session).value();
}

QStringList answer(Session& session, const char* sql) {
  const auto rows = session.query(sql);
  return rows.ok() ? lines(*rows) : QStringList{QString::fromStdString("error: " + rows.error().to_string())};
}

QString schema_of(Session& session, const char* sql) {
  const auto rows = session.query(sql);
  return QString::fromStdString(rows.ok() ? rows->front().schema()->to_string() : "error: " + rows.error().to_string());
}

SchemaPtr every_type() {
  return make_schema({{"flag", {TypeKind::boolean}},
                      {"small", {TypeKind::int32}},
                      {"large", {TypeKind::int64}},
                      {"real", {TypeKind::float64}},
                      {"p4", {TypeKind::decimal, 4, 2}},
                      {"p9", {TypeKind::decimal, 9, 2}},
                      {"p18", {TypeKind::decimal, 18, 2}},
                      {"p38", {TypeKind::decimal, 38, 2}},
                      {"name", {TypeKind::varchar}},
                      {"doc", {TypeKind::json}},
                      {"raw", {TypeKind::blob}},
                      {"day", {TypeKind::date}},
                      {"at", {TypeKind::timestamp}}});
}

std::vector<std::string> every_value(int n) {
  const std::string s = std::to_string(n);
  return {n % 2 ? "true" : "false", "-" + s, s + "000000007", s + ".25", "-" + s, s, "-" + s + "05", s + "99",
          n % 3 ? "a name that is longer than twelve bytes " + s : "short " + s, "{\"n\":" + s + "}", "bytes\xff", s, s + "000001"};
}

void write_file(const QString& path, const char* text) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(text);
}

}  // namespace

class SessionTest : public QObject {
  Q_OBJECT

 private slots:
  void every_type_goes_in_and_comes_out_as_it_was() {
    auto session = open();
    const auto schema = every_type();
    const Batch rows = make_batch(schema, {every_value(1), std::vector<std::string>(13, "NULL"), every_value(3), every_value(52)});
    QVERIFY(session->bind_input("bronze", schema).ok());
    session->set_input("bronze", {&rows, 1});
    const auto result = session->query("SELECT * FROM bronze");
    QVERIFY2(result.ok(), result.ok() ? "" : result.error().message.c_str());
    QCOMPARE(result->size(), std::size_t{1});
    QCOMPARE(result->front().schema()->to_string(), schema->to_string());
    QCOMPARE(lines(*result), lines(rows));
  }

  void a_scan_reads_batches_and_slices_in_order() {
    auto session = open();
    const auto schema = make_schema({{"n", {TypeKind::int64}}, {"text", {TypeKind::varchar}}});
    std::vector<std::vector<std::string>> values;
    for (int n = 0; n < 5'000; ++n) values.push_back({n % 7 ? std::to_string(n) : "NULL", "value number " + std::to_string(n)});
    const Batch all = make_batch(schema, values);
    const std::vector<Batch> parts{all.slice(0, 3'001), all.slice(0, 0), all.slice(3'001, 999), all.slice(4'000, 1'000)};
    QVERIFY(session->bind_input("bronze", schema).ok());
    session->set_input("bronze", parts);
    QCOMPARE(answer(*session, "SELECT * FROM bronze"), lines(all));
    QCOMPARE(answer(*session, "SELECT count(*), count(n), sum(n) FROM bronze"), QStringList("5000|4285|10710715"));
    QCOMPARE(answer(*session, "SELECT text FROM bronze WHERE n = 4999"), QStringList("value number 4999"));
    session->set_input("bronze", {});
    QCOMPARE(answer(*session, "SELECT count(*) FROM bronze"), QStringList("0"));
  }

  void large_results_come_in_batches_of_limited_size() {
    auto session = open();
    std::int64_t rows = 0, batches = 0, sum = 0;
    const auto status = session->query("SELECT range AS n FROM range(200000)", [&](const Batch& batch) {
      ++batches;
      rows += batch.rows();
      for (std::int64_t row = 0; row < batch.rows(); ++row) sum += batch.column(0).int64(row);
      return batch.rows() <= kMaxBatchRows ? Status() : Status(Error(ErrorKind::internal, "too large"));
    });
    QVERIFY(status.ok());
    QCOMPARE(rows, 200'000);
    QCOMPARE(batches, 4);
    QCOMPARE(sum, 19'999'900'000);
  }

  void types_of_results_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("schema");
    QTest::addColumn<QString>("value");
    QTest::newRow("small") << "1::TINYINT" << "x INTEGER" << "1";
    QTest::newRow("unsigned small") << "65535::USMALLINT" << "x INTEGER" << "65535";
    QTest::newRow("unsigned") << "4294967295::UINTEGER" << "x BIGINT" << "4294967295";
    QTest::newRow("sum of integers") << "sum(2000000000::INTEGER)" << "x BIGINT" << "2000000000";
    QTest::newRow("negative hugeint") << "(-9223372036854775808)::HUGEINT" << "x BIGINT" << "-9223372036854775808";
    QTest::newRow("sum of decimals") << "sum(1.25::DECIMAL(18,2))" << "x DECIMAL(38,2)" << "1.25";
    QTest::newRow("float") << "0.5::FLOAT" << "x DOUBLE" << "0.5";
    QTest::newRow("timestamp without zone") << "TIMESTAMP '2026-11-20 14:32:07.25'" << "x TIMESTAMP WITH TIME ZONE" << "2026-11-20T14:32:07.250Z";
    QTest::newRow("seconds before 1970") << "TIMESTAMP_S '1969-12-31 23:59:59'" << "x TIMESTAMP WITH TIME ZONE" << "1969-12-31T23:59:59.000Z";
    QTest::newRow("nanoseconds before 1970") << "TIMESTAMP_NS '1969-12-31 23:59:59.9999995'" << "x TIMESTAMP WITH TIME ZONE" << "1969-12-31T23:59:59.999999Z";
    QTest::newRow("untyped null") << "NULL" << "x INTEGER" << "NULL";
    QTest::newRow("json") << "'{\"a\":1}'::JSON" << "x JSON" << "{\"a\":1}";
    QTest::newRow("session time zone") << "date_trunc('day', TIMESTAMPTZ '2026-06-30 23:30:00+00')::VARCHAR" << "x VARCHAR" << "2026-06-30 00:00:00+00";
  }
  void types_of_results() {
    QFETCH(QString, sql);
    QFETCH(QString, schema);
    QFETCH(QString, value);
    auto session = open();
    const auto text = ("SELECT " + sql + " AS x").toStdString();
    QCOMPARE(schema_of(*session, text.c_str()), schema);
    QCOMPARE(answer(*session, text.c_str()), QStringList(value));
  }

  void types_that_no_column_has_say_what_to_write() {
    auto session = open();
    QCOMPARE(answer(*session, "SELECT [1, 2] AS x"), QStringList("error: column 'x': a column cannot be of type LIST (cast it: to_json(x))"));
    QCOMPARE(answer(*session, "SELECT uuid() AS x"), QStringList("error: column 'x': a column cannot be of type UUID (cast it: x::VARCHAR)"));
    QCOMPARE(answer(*session, "SELECT 9223372036854775808::HUGEINT AS x"),
             QStringList("error: column 'x': a whole number is larger than 64 bits (cast it to DECIMAL(38,0) or DOUBLE)"));
  }

  void a_name_that_comes_twice_gets_a_number() {
    auto session = open();
    QCOMPARE(schema_of(*session, "SELECT 1 AS a, 'x' AS a"), QString("a INTEGER, a_2 VARCHAR"));
  }

  void errors_name_the_near_column() {
    auto session = open();
    QCOMPARE(answer(*session, "SELECT qyt FROM (SELECT 1 AS qty)"),
             QStringList("error: Referenced column \"qyt\" not found in FROM clause (did you mean 'qty'?)"));
    QCOMPARE(answer(*session, "SELECT CAST('a' AS INT)"), QStringList("error: Could not convert string 'a' to INT32"));
  }

  void files_extensions_and_network_are_closed() {
    QTemporaryDir folder;
    write_file(folder.filePath("a.csv"), "n\n1\n");
    auto session = open();
    const auto read = session->query("SELECT * FROM read_csv(" + ("'" + folder.filePath("a.csv") + "'").toStdString() + ")");
    QVERIFY(!read.ok());
    QCOMPARE(read.error().kind, ErrorKind::permission_denied);
    QVERIFY(!session->execute("COPY (SELECT 1) TO '" + folder.filePath("b.csv").toStdString() + "'").ok());
    QVERIFY(!session->execute("SET enable_external_access = true").ok());
    QVERIFY(!session->execute("INSTALL httpfs").ok());
  }

  void only_named_folders_can_be_read() {
    QTemporaryDir open_folder, closed_folder;
    write_file(open_folder.filePath("a.csv"), "n\n41\n");
    write_file(closed_folder.filePath("a.csv"), "n\n42\n");
    auto session = Session::open({.readable_folders = {open_folder.path().toStdString()}});
    QVERIFY(session.ok());
    QCOMPARE(answer(**session, ("SELECT n FROM read_csv('" + open_folder.filePath("a.csv") + "')").toUtf8()), QStringList("41"));
    QVERIFY(answer(**session, ("SELECT n FROM read_csv('" + closed_folder.filePath("a.csv") + "')").toUtf8()).front().startsWith("error:"));
  }

  void a_seed_is_a_table_and_is_loaded_again_when_its_file_changes() {
    QTemporaryDir folder;
    const auto path = folder.filePath("stores.csv");
    write_file(path, "id,city,opened\n1,Lyon,2020-01-02\n2,,2021-03-04\n");
    auto session = open();
    QVERIFY(session->load_seed("ref.stores", path.toStdString()).ok());
    QCOMPARE(session->tables(), std::vector<std::string>{"ref.stores"});
    QCOMPARE(schema_of(*session, "SELECT * FROM ref.stores"), QString("id BIGINT, city VARCHAR, opened DATE"));
    QCOMPARE(answer(*session, "SELECT * FROM ref.stores"), QStringList({"1|Lyon|2020-01-02", "2|NULL|2021-03-04"}));
    QCOMPARE(session->refresh_seeds().value(), std::vector<std::string>{});

    write_file(path, "id,city,opened\n1,Lyon,2020-01-02\n2,Oslo,2021-03-04\n3,Rome,2022-05-06\n");
    QCOMPARE(session->refresh_seeds().value(), std::vector<std::string>{"ref.stores"});
    QCOMPARE(answer(*session, "SELECT count(*), min(city), max(city) FROM ref.stores"), QStringList("3|Lyon|Rome"));

    QVERIFY(QFile::remove(path));
    QCOMPARE(session->refresh_seeds().error().kind, ErrorKind::not_found);
    QCOMPARE(answer(*session, "SELECT count(*) FROM ref.stores"), QStringList("3"));
  }

  void a_table_is_replaced_in_one_step() {
    auto session = open();
    const auto schema = make_schema({{"id", {TypeKind::int32}}});
    const Batch one = make_batch(schema, {{"1"}}), two = make_batch(schema, {{"2"}, {"3"}});
    QVERIFY(session->load_table("ref.ids", schema, {&one, 1}).ok());
    QCOMPARE(answer(*session, "FROM ref.ids"), QStringList("1"));
    QVERIFY(session->load_table("ref.ids", schema, {&two, 1}).ok());
    QCOMPARE(answer(*session, "FROM ref.ids"), QStringList({"2", "3"}));
  }
};

QTEST_APPLESS_MAIN(SessionTest)
#include "session_test.moc"
