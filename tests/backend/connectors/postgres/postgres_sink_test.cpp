#include "connectors/postgres/postgres_sink.h"

#include <QTest>

#include "backend/sql/rows.h"
#include "connectors/postgres/postgres_connector.h"
#include "support/postgres_server.h"

using namespace penstock;
using penstock::test::make_batch;
using penstock::test::make_schema;

namespace {

const SchemaPtr kSales = make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
const Marker kMarker{.state_id = "s1", .sink = "silver.postgres", .shard = 0, .stream = "sales"};

SinkEpoch epoch(std::int64_t number, const std::vector<std::vector<std::string>>& rows, const SchemaPtr& schema = kSales) {
  return {.epoch = number, .rows = {make_batch(schema, rows)}};
}

Status no_rejects(const std::vector<RefusedRow>&) { return Error(ErrorKind::internal, "no row should have been refused"); }

}  // namespace

class PostgresSinkTest : public QObject {
  Q_OBJECT

  test::PostgresServer server_;

  PostgresSinkOptions options(const std::string& table) const {
    PostgresSinkOptions options;
    options.connection = {.host = "127.0.0.1", .port = server_.port(), .database = server_.kDatabase, .user = server_.kUser,
                          .password = server_.kPassword, .ssl_mode = "disable"};
    options.table = postgres::TableName::parse(table).value();
    return options;
  }
  PostgresSinkOptions upsert(const std::string& table) const {
    PostgresSinkOptions by_key = options(table);
    by_key.mode = PostgresMode::upsert;
    by_key.key = {"sku"};
    return by_key;
  }

 private slots:
  void initTestCase() {
    const QString problem = server_.start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  void aMissingTableIsMadeAndRowsAppendedWithTheirMarker() {
    PostgresSink sink(options("gold.made"));
    const auto opened = sink.open(kMarker, kSales);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
    QVERIFY(!*opened);
    QVERIFY(sink.deliver({epoch(1, {{"a", "1"}, {"b", "NULL"}}), epoch(2, {{"c", "3"}})}, no_rejects, {}).ok());
    QVERIFY(sink.deliver({epoch(5, {{"d", "4"}})}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT sku, qty FROM gold.made ORDER BY sku"), (QStringList{"a|1", "b|", "c|3", "d|4"}));
    QCOMPARE(server_.psql("SELECT marker, stream, epoch FROM gold.penstock_epochs"), (QStringList{"s1/silver.postgres/0|sales|5"}));

    PostgresSink again(options("gold.made"));
    QCOMPARE(again.open(kMarker, kSales).value().value(), 5);
    const Status twice = again.deliver({epoch(5, {{"d", "4"}})}, no_rejects, {});
    QCOMPARE(twice.error().message, std::string("epoch 5 was delivered before: the table is at 5"));
  }

  void everyTypeArrivesExactly() {
    const SchemaPtr schema = make_schema({{"b", {TypeKind::boolean}}, {"i", {TypeKind::int32}}, {"l", {TypeKind::int64}}, {"f", {TypeKind::float64}},
                                          {"d", {TypeKind::decimal, 18, 2}}, {"t", {TypeKind::varchar}}, {"j", {TypeKind::json}},
                                          {"y", {TypeKind::blob}}, {"day", {TypeKind::date}}, {"at", {TypeKind::timestamp}}});
    PostgresSink sink(options("every_type"));
    QVERIFY(sink.open({.state_id = "s", .sink = "types", .stream = "x"}, schema).ok());
    QVERIFY(sink.deliver({epoch(1, {{"true", "-2147483648", "9223372036854775807", "0.1", "-12345", "tab\there \\ ü", "{\"a\": [1]}", "raw", "20000", "1700000000123456"},
                                    {"NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"}}, schema)}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT * FROM every_type WHERE i IS NOT NULL"),
             (QStringList{"t|-2147483648|9223372036854775807|0.1|-123.45|tab\there \\ ü|{\"a\": [1]}|\\x726177|2024-10-04|2023-11-14 22:13:20.123456+00"}));
    QCOMPARE(server_.psql("SELECT count(*) FROM every_type WHERE num_nulls(b,i,l,f,d,t,j,y,day,at) = 10"), QStringList{"1"});
    QCOMPARE(server_.psql("SELECT string_agg(data_type, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'every_type'"),
             QStringList{"boolean,integer,bigint,double precision,numeric,text,jsonb,bytea,date,timestamp with time zone"});
  }

  void upsertKeepsTheLastRowOfAKey() {
    PostgresSink sink(upsert("gold.latest"));
    QVERIFY(sink.open(kMarker, kSales).ok());
    QVERIFY(sink.deliver({epoch(11, {{"a", "1"}, {"b", "2"}, {"a", "3"}}), epoch(12, {{"b", "4"}})}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT sku, qty FROM gold.latest ORDER BY 1"), (QStringList{"a|3", "b|4"}));
    QVERIFY(sink.deliver({epoch(13, {{"a", "NULL"}, {"c", "7"}})}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT sku, qty FROM gold.latest ORDER BY 1"), (QStringList{"a|", "b|4", "c|7"}));
  }

  void changesAreCarriedOutInOrderOfTheirKeys() {
    const SchemaPtr schema = make_schema({{"sku", {TypeKind::varchar}}, {"_op", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}});
    const Marker marker{.state_id = "s1", .sink = "changes.postgres", .stream = "sales"};
    PostgresSink sink(upsert("gold.changes"));
    QVERIFY(sink.open(marker, schema).ok());
    QCOMPARE(server_.psql("SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'changes'"), QStringList{"sku,qty"});
    server_.psql("ALTER TABLE gold.changes ALTER qty SET NOT NULL");
    QVERIFY(sink.deliver({epoch(1, {{"a", "c", "1"}, {"b", "c", "2"}, {"c", "c", "3"}, {"a", "u", "4"}}, schema),
                          epoch(2, {{"b", "d", "NULL"}, {"c", "d", "NULL"}, {"c", "c", "5"}, {"d", "c", "6"}, {"d", "d", "NULL"}, {"x", "d", "NULL"}}, schema)}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT sku, qty FROM gold.changes ORDER BY sku"), (QStringList{"a|4", "c|5"}));
    QVERIFY(sink.deliver({epoch(3, {{"a", "d", "NULL"}, {"b", "c", "7"}}, schema)}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT sku, qty FROM gold.changes ORDER BY sku"), (QStringList{"b|7", "c|5"}));
    QCOMPARE(PostgresSink(upsert("gold.changes")).open(marker, schema).value().value(), 3);
    QCOMPARE(PostgresSink(options("gold.appended")).open(marker, schema).error().message,
             std::string("the table \"gold\".\"appended\" would get changes, which cannot be appended"));
  }

  // A row that something else still needs stays; the change is refused alone, with the reason of the server.
  void aRemovalThatTheServerRefusesIsFound() {
    const SchemaPtr schema = make_schema({{"sku", {TypeKind::varchar}}, {"qty", {TypeKind::int32}}, {"_op", {TypeKind::varchar}}});
    PostgresSink sink(upsert("gold.needed"));
    QVERIFY(sink.open({.state_id = "s1", .sink = "needed.postgres", .stream = "sales"}, schema).ok());
    QVERIFY(sink.deliver({epoch(1, {{"a", "1", "c"}, {"b", "2", "c"}, {"c", "3", "c"}}, schema)}, no_rejects, {}).ok());
    server_.psql("CREATE TABLE gold.needs (sku text REFERENCES gold.needed)");
    server_.psql("INSERT INTO gold.needs VALUES ('b')");
    std::vector<RefusedRow> refused;
    const auto record = [&](const std::vector<RefusedRow>& rows) {
      refused = rows;
      return Status();
    };
    QVERIFY(sink.deliver({epoch(2, {{"a", "NULL", "d"}, {"b", "NULL", "d"}, {"c", "4", "u"}}, schema)}, record, {}).ok());
    QCOMPARE(refused.size(), std::size_t(1));
    QCOMPARE(refused[0].row, 1);
    QVERIFY2(refused[0].reason.find("violates foreign key constraint") != std::string::npos, refused[0].reason.c_str());
    QCOMPARE(server_.psql("SELECT sku, qty FROM gold.needed ORDER BY sku"), (QStringList{"b|2", "c|4"}));
  }

  void replaceHoldsTheLastEpoch() {
    PostgresSinkOptions replacing = options("replaced");
    replacing.mode = PostgresMode::replace;
    PostgresSink sink(replacing);
    QVERIFY(sink.open(kMarker, kSales).ok());
    QVERIFY(sink.deliver({epoch(1, {{"a", "1"}}), epoch(2, {{"b", "2"}, {"c", "3"}})}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT sku FROM replaced ORDER BY 1"), (QStringList{"b", "c"}));
    QVERIFY(sink.deliver({epoch(3, {{"d", "4"}})}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT sku FROM replaced"), QStringList{"d"});
  }

  void refusedRowsAreFoundAndTheRestGoesIn() {
    server_.psql("CREATE TABLE strict (sku varchar(3) PRIMARY KEY, qty integer NOT NULL CHECK (qty > 0))");
    PostgresSink sink(options("strict"));
    QVERIFY(sink.open({.state_id = "s", .sink = "strict", .stream = "x"}, kSales).ok());
    std::vector<std::vector<std::string>> rows;
    for (int i = 0; i < 100; ++i) rows.push_back({std::to_string(i), "1"});
    rows[17][1] = "0";
    rows[42][0] = "long one";
    rows[99][0] = "5";                     // taken by row 5
    std::vector<RefusedRow> refused;
    std::vector<QStringList> seen_while_recording;
    const auto record = [&](const std::vector<RefusedRow>& rows) -> Status {
      refused = rows;
      seen_while_recording.push_back(server_.psql("SELECT count(*) FROM strict"));
      return {};
    };
    SinkEpoch first = epoch(1, {rows.begin(), rows.begin() + 40});
    first.rows.push_back(make_batch(kSales, {rows.begin() + 40, rows.end()}));
    const Status delivered = sink.deliver({first, epoch(2, {{"abc", "NULL"}, {"abd", "2"}})}, record, {});
    QVERIFY2(delivered.ok(), delivered.ok() ? "" : delivered.error().to_string().c_str());

    QCOMPARE(refused.size(), std::size_t(4));
    QCOMPARE(refused[0].epoch, 1);
    QCOMPARE(refused[0].row, 17);
    QVERIFY(QString::fromStdString(refused[0].reason).contains("strict_qty_check"));
    QCOMPARE(refused[1].row, 42);
    QCOMPARE(refused[1].reason, std::string("value too long for type character varying(3)"));
    QCOMPARE(refused[2].row, 99);
    QCOMPARE(refused[2].reason, std::string("duplicate key value violates unique constraint \"strict_pkey\": Key (sku)=(5) already exists."));
    QCOMPARE(refused[3].epoch, 2);
    QCOMPARE(refused[3].row, 0);
    QCOMPARE(seen_while_recording, (std::vector<QStringList>{{"0"}}));   // recorded before anything was visible
    QCOMPARE(server_.psql("SELECT count(*), sum(qty) FROM strict"), QStringList{"98|99"});
  }

  void whenRejectsCannotBeRecordedNothingGoesIn() {
    server_.psql("CREATE TABLE unrecorded (sku text, qty integer CHECK (qty > 0))");
    PostgresSink sink(options("unrecorded"));
    QVERIFY(sink.open({.state_id = "s", .sink = "unrecorded", .stream = "x"}, kSales).ok());
    const auto fails = [](const std::vector<RefusedRow>&) -> Status { return Error(ErrorKind::io, "state is read-only"); };
    QCOMPARE(sink.deliver({epoch(1, {{"a", "1"}, {"b", "0"}})}, fails, {}).error().message, std::string("state is read-only"));
    QCOMPARE(server_.psql("SELECT count(*) FROM unrecorded"), QStringList{"0"});
    QVERIFY(!sink.open({.state_id = "s", .sink = "unrecorded", .stream = "x"}, kSales).value());
  }

  void aDeferredConstraintStillNamesItsRow() {
    server_.psql("CREATE TABLE deferred (sku text UNIQUE DEFERRABLE INITIALLY DEFERRED, qty integer)");
    PostgresSink sink(options("deferred"));
    QVERIFY(sink.open({.state_id = "s", .sink = "deferred", .stream = "x"}, kSales).ok());
    std::vector<RefusedRow> refused;
    QVERIFY(sink.deliver({epoch(1, {{"a", "1"}, {"b", "2"}, {"a", "3"}})}, [&](const auto& rows) { refused = rows; return Status(); }, {}).ok());
    QCOMPARE(refused.size(), std::size_t(1));
    QCOMPARE(refused[0].row, 2);
    QCOMPARE(server_.psql("SELECT sku, qty FROM deferred ORDER BY 1"), (QStringList{"a|1", "b|2"}));
  }

  void aTableThatDoesNotFitIsRefusedClearly() {
    server_.psql("CREATE TABLE narrow (sku text); CREATE TABLE typed (sku text, qty text[]); CREATE TABLE needy (sku text, qty integer, boss text NOT NULL)");
    QCOMPARE(PostgresSink(options("narrow")).open(kMarker, kSales).error().message, std::string("the table \"public\".\"narrow\" has no column 'qty'"));
    QCOMPARE(PostgresSink(options("typed")).open(kMarker, kSales).error().message,
             std::string("the table \"public\".\"typed\" has 'qty' as _text, which does not take INTEGER"));
    QCOMPARE(PostgresSink(options("needy")).open(kMarker, kSales).error().message,
             std::string("the table \"public\".\"needy\" requires a value for 'boss', which the rows do not have"));
    server_.psql("CREATE TABLE keyless (sku text, qty integer)");
    const auto keyless = PostgresSink(upsert("keyless")).open(kMarker, kSales);
    QVERIFY(keyless.error().kind == ErrorKind::failed_precondition);
    QVERIFY(QString::fromStdString(keyless.error().message).startsWith("the table \"public\".\"keyless\" has no unique index over \"sku\""));
  }

  void originColumnsAreLeftOutWhereTheTableLacksThem() {
    server_.psql("CREATE TABLE theirs (sku text)");
    const SchemaPtr schema = make_schema({{"sku", {TypeKind::varchar}}, {"_source", {TypeKind::varchar}}, {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
    PostgresSink sink(options("theirs"));
    QVERIFY(sink.open({.state_id = "s", .sink = "theirs", .stream = "x"}, schema).ok());
    SinkEpoch one = epoch(1, {{"a", "t", "0", "7"}}, schema);
    QVERIFY(sink.deliver({one}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT * FROM theirs"), QStringList{"a"});
    one.epoch = 2;
    one.replaces = {{.column = "_offset", .source = "t", .partition = 0, .from = 7, .until = 8}};
    QVERIFY(sink.deliver({one}, no_rejects, {}).error().kind == ErrorKind::failed_precondition);
  }

  void aRangeIsReplacedInTheSameTransaction() {
    const SchemaPtr schema = make_schema({{"units", {TypeKind::int32}}, {"window_start", {TypeKind::timestamp}}, {"_source", {TypeKind::varchar}},
                                          {"_partition", {TypeKind::int32}}, {"_offset", {TypeKind::int64}}});
    PostgresSink sink(options("windows"));
    QVERIFY(sink.open({.state_id = "s", .sink = "windows", .stream = "x"}, schema).ok());
    SinkEpoch again = epoch(2, {{"20", "60000000", "t", "0", "1"}}, schema);
    again.replaces = {{.column = "window_start", .from = 60'000'000, .until = 120'000'000}};
    // The rows of epoch 1 are older than the replacement, although they are delivered together with it.
    QVERIFY(sink.deliver({epoch(1, {{"1", "0", "t", "0", "0"}, {"2", "60000000", "t", "0", "1"}, {"3", "119999999", "t", "1", "1"}, {"4", "120000000", "t", "1", "2"}}, schema), again},
                         no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT units FROM windows ORDER BY 1"), (QStringList{"1", "4", "20"}));
    SinkEpoch by_origin = epoch(3, {{"40", "120000000", "t", "1", "2"}}, schema);
    by_origin.replaces = {{.column = "_offset", .source = "t", .partition = 1, .from = 2, .until = 3}};
    QVERIFY(sink.deliver({by_origin}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT units FROM windows ORDER BY 1"), (QStringList{"1", "20", "40"}));
  }

  void rowsOfBeforeANewColumnGoInWithNulls() {
    const SchemaPtr wider = make_schema({{"sku", {TypeKind::varchar}}, {"store", {TypeKind::int64}}, {"qty", {TypeKind::int32}}});
    PostgresSink sink(options("widened"));
    const Marker marker{.state_id = "s", .sink = "widened", .stream = "x"};
    QVERIFY(sink.open(marker, wider).ok());
    QVERIFY(sink.deliver({epoch(1, {{"a", "1"}}), epoch(2, {{"b", "20", "2"}}, wider)}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT sku, store, qty FROM widened ORDER BY 1"), (QStringList{"a||1", "b|20|2"}));
    const SchemaPtr other = make_schema({{"sku", {TypeKind::varchar}}, {"colour", {TypeKind::varchar}}});
    QVERIFY(sink.deliver({epoch(3, {{"c", "red"}}, other)}, no_rejects, {}).error().kind == ErrorKind::failed_precondition);
  }

  void anotherStateIsRefusedUntilItTakesOver() {
    const Marker old_state{.state_id = "old", .sink = "owned", .shard = 3, .stream = "sales"};
    const Marker new_state{.state_id = "new", .sink = "owned", .shard = 3, .stream = "sales"};
    const Marker other_shard{.state_id = "new", .sink = "owned", .shard = 4, .stream = "sales"};
    PostgresSink first(options("owned"));
    QVERIFY(first.open(old_state, kSales).ok());
    QVERIFY(first.deliver({epoch(7, {{"a", "1"}})}, no_rejects, {}).ok());
    QVERIFY(PostgresSink(options("owned")).open(other_shard, kSales).ok());
    const auto refused = PostgresSink(options("owned")).open(new_state, kSales);
    QVERIFY(refused.error().kind == ErrorKind::failed_precondition);
    QCOMPARE(refused.error().message, std::string("the table holds rows up to epoch 7 of another state of stream 'sales' (old)"));

    PostgresSinkOptions taking = options("owned");
    taking.take_over = true;
    PostgresSink second(taking);
    QVERIFY(!second.open(new_state, kSales).value());
    QVERIFY(second.deliver({epoch(1, {{"b", "2"}})}, no_rejects, {}).ok());
    QVERIFY(first.deliver({epoch(8, {{"c", "3"}})}, no_rejects, {}).error().kind == ErrorKind::failed_precondition);
    QVERIFY(first.open(old_state, kSales).error().kind == ErrorKind::failed_precondition);
    QCOMPARE(server_.psql("SELECT sku FROM owned ORDER BY 1"), (QStringList{"a", "b"}));
  }

  void whatAnotherStateHasWrittenIsSaidWithItsProgress() {
    // As an earlier version made it.
    server_.psql("CREATE SCHEMA older; CREATE TABLE older.penstock_epochs (marker text PRIMARY KEY, stream text NOT NULL, epoch bigint, retired boolean NOT NULL DEFAULT false, "
                 "updated_at timestamptz NOT NULL DEFAULT now())");
    const Marker old_state{.state_id = "old", .sink = "held", .stream = "sales"};
    Marker new_state{.state_id = "new", .sink = "held", .stream = "sales"};
    PostgresSink first(options("older.held"));
    QVERIFY(first.open(old_state, kSales).ok());
    QVERIFY(!first.holding());
    SinkEpoch seventh = epoch(7, {{"a", "1"}});
    seventh.progress = "so far";
    QVERIFY(first.deliver({seventh}, no_rejects, {}).ok());
    PostgresSink second(options("older.held"));
    QVERIFY(!second.open(new_state, kSales).ok());
    QCOMPARE(second.holding()->state_id, std::string("old"));
    QCOMPARE(second.holding()->epoch, 7);
    QCOMPARE(second.holding()->progress, std::string("so far"));
    new_state.take_over = true;
    QVERIFY(!second.open(new_state, kSales).value());
    QVERIFY(second.open(new_state, kSales).ok());
    QVERIFY(!second.holding());
  }

  void aNewNullableColumnIsAddedWhereRowsMayEvolve() {
    const Marker marker{.state_id = "s", .sink = "evolved", .stream = "x"};
    PostgresSink first(options("evolved"));
    QVERIFY(first.open(marker, kSales).ok());
    QVERIFY(first.deliver({epoch(1, {{"a", "1"}})}, no_rejects, {}).ok());
    const SchemaPtr wider = std::make_shared<const Schema>(std::vector<Field>{(*kSales)[0], (*kSales)[1], {"colour", {TypeKind::varchar}, true}});
    PostgresSink refused(options("evolved"));
    QVERIFY(refused.open(marker, wider).error().message.find("has no column 'colour'") != std::string::npos);
    PostgresSinkOptions evolving = options("evolved");
    evolving.adds_columns = true;
    PostgresSink second(evolving);
    const auto opened = second.open(marker, wider);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().to_string().c_str());
    QCOMPARE(*opened, std::optional<std::int64_t>(1));
    QCOMPARE(server_.psql("SELECT sku, colour IS NULL FROM evolved"), QStringList{"a|t"});
  }

  void twoProcessesWithOneMarkerDoNotDouble() {
    PostgresSink one(options("twice")), two(options("twice"));
    const Marker marker{.state_id = "s", .sink = "twice", .stream = "x"};
    QVERIFY(one.open(marker, kSales).ok() && two.open(marker, kSales).ok());
    QVERIFY(one.deliver({epoch(1, {{"a", "1"}})}, no_rejects, {}).ok());
    QVERIFY(two.deliver({epoch(1, {{"a", "1"}})}, no_rejects, {}).error().kind == ErrorKind::failed_precondition);
    QCOMPARE(server_.psql("SELECT count(*) FROM twice"), QStringList{"1"});
  }

  void theConnectorSaysWhatItReached() {
    const auto setting = [](const char* name, const QString& text) {
      return SettingEntry{name, {.kind = Setting::Kind::text, .text = text.toStdString()}};
    };
    Setting map{.kind = Setting::Kind::map,
                .entries = {setting("host", "127.0.0.1"), setting("port", QString::number(server_.port())), setting("database", "shop"),
                            setting("user", "penstock"), setting("password", "penstock")}};
    const auto reached = postgres_connector().test_connection(Settings(map), std::chrono::seconds(30));
    QVERIFY(reached.ok());
    QVERIFY(QString::fromStdString(*reached).startsWith("PostgreSQL 15"));
    map.entries.back() = setting("password", "wr0ng-secret");
    const auto wrong = postgres_connector().test_connection(Settings(map), std::chrono::seconds(30));
    QVERIFY(wrong.error().kind == ErrorKind::unauthenticated);
    QVERIFY(!QString::fromStdString(wrong.error().to_string()).contains("wr0ng-secret"));
    map.entries[2] = setting("database", "nowhere");
    map.entries.back() = setting("password", "penstock");
    QVERIFY(postgres_connector().test_connection(Settings(map), std::chrono::seconds(30)).error().kind == ErrorKind::not_found);
  }
};

QTEST_GUILESS_MAIN(PostgresSinkTest)
#include "postgres_sink_test.moc"
