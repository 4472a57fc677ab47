#include "connectors/odbc/odbc_source.h"

#include <QTemporaryDir>
#include <QTest>

#include "backend/connectors/odbc/odbc_databases.h"
#include "connectors/odbc/odbc_connector.h"

using namespace penstock;

class OdbcSourceTest : public QObject {
  Q_OBJECT

  test::OdbcDatabases databases_;
  int tables_ = 0;
  QString table_, database_;
  std::unique_ptr<QTemporaryDir> root_;
  std::unique_ptr<Source> source_;

  void databases() {
    QTest::addColumn<QString>("database");
    for (const char* database : {"postgres", "mariadb"}) QTest::addRow("%s", database) << database;
  }
  void ask(const QString& sql) {
    const QStringList said = databases_.ask(database_, sql);
    QVERIFY2(said.isEmpty(), qPrintable(said.join(' ')));
  }
  Result<std::unique_ptr<Source>> make(std::initializer_list<std::pair<std::string, std::string>> more = {}) const {
    Setting settings = test::text_settings({{"table", table_.toStdString()}, {"cursor", "seq"}, {"key", "id"}, {"every", "1ms"}}).root();
    for (const auto& [key, value] : more) {
      std::erase_if(settings.entries, [&](const SettingEntry& entry) { return entry.first == key; });
      if (!value.empty()) settings.entries.push_back({key, {.kind = Setting::Kind::text, .text = value}});
    }
    return odbc_connector().make_source(databases_.connection(database_), Settings(settings), {.stream = "orders", .state_dir = root_->path().toStdString()});
  }
  // A life of the source, from that offset on.
  void start(std::optional<std::int64_t> from = 0, std::initializer_list<std::pair<std::string, std::string>> more = {}) {
    source_.reset();
    auto made = make(more);
    QVERIFY2(made.ok(), made.ok() ? "" : made.error().to_string().c_str());
    source_ = std::move(*made);
    QVERIFY(source_->partitions().ok());
    const Status assigned = source_->assign({{.partition = 0, .from = from}});
    QVERIFY2(assigned.ok(), assigned.ok() ? "" : assigned.error().to_string().c_str());
  }
  // "offset value" of the rows that come, until none do for a whole query; so many at most.
  QStringList take(std::int64_t most = 1'000'000) {
    QStringList all;
    for (int silent = 0; silent < 3 && all.size() < most;) {
      RawBatch batch;
      const auto polled = source_->poll(batch, {.rows = most - all.size(), .wait = std::chrono::milliseconds(20)}, {});
      if (!polled.ok()) return all << QString::fromStdString(polled.error().to_string());
      silent = batch.rows() == 0 ? silent + 1 : 0;
      for (std::int64_t row = 0; row < batch.rows(); ++row)
        all << QString::number(batch[row].position.offset) + " " + QString::fromUtf8(batch[row].value.data(), qsizetype(batch[row].value.size()));
    }
    return all;
  }
  static QString row(int offset, int id, int seq) { return QString("%1 {\"id\":%2,\"seq\":%3}").arg(offset).arg(id).arg(seq); }

 private slots:
  void initTestCase() { QCOMPARE(databases_.start(), QString()); }
  void init() {
    table_ = "orders_" + QString::number(++tables_);
    database_ = QString::fromUtf8(QTest::currentDataTag());
    root_ = std::make_unique<QTemporaryDir>();
  }
  void cleanup() { source_.reset(); }

  void rowsComeInTheOrderOfTheirCursorAndKey_data() { databases(); }
  void rowsComeInTheOrderOfTheirCursorAndKey() {
    ask("CREATE TABLE " + table_ + " (id integer, seq integer)");
    start(0, {{"batch", "2"}});
    QCOMPARE(take(), QStringList());
    // Five with the same cursor, over the bounds of queries.
    ask("INSERT INTO " + table_ + " VALUES (5, 1), (4, 1), (3, 1), (2, 1), (1, 1), (9, NULL), (8, 0)");
    QCOMPARE(take(), (QStringList{row(0, 8, 0), row(1, 1, 1), row(2, 2, 1), row(3, 3, 1), row(4, 4, 1), row(5, 5, 1)}));
    ask("UPDATE " + table_ + " SET seq = 2 WHERE id = 3");
    ask("INSERT INTO " + table_ + " VALUES (6, 1)");
    QCOMPARE(take(), (QStringList{row(6, 6, 1), row(7, 3, 2)}));
  }

  // Where a row has changed since: what was given under an offset once is given under it again.
  void anOffsetMeansTheSameRowAfterARestart_data() { databases(); }
  void anOffsetMeansTheSameRowAfterARestart() {
    ask("CREATE TABLE " + table_ + " (id integer, seq integer)");
    ask("INSERT INTO " + table_ + " VALUES (1, 1), (2, 2), (3, 3)");
    start();
    const QStringList first = take();
    QCOMPARE(first, (QStringList{row(0, 1, 1), row(1, 2, 2), row(2, 3, 3)}));
    ask("UPDATE " + table_ + " SET seq = 9 WHERE id = 2");
    for (int from = 0; from <= 3; ++from) {
      start(from);
      QCOMPARE(take(), first.mid(from) + QStringList(row(3, 2, 9)));
    }
    // Also where all of it is durable, and gone from the log.
    source_->committed({{0, 4}});
    start(4);
    QCOMPARE(take(), QStringList());
    ask("INSERT INTO " + table_ + " VALUES (4, 10)");
    QCOMPARE(take(), QStringList(row(4, 4, 10)));
  }
  void fewAreGivenAtATime_data() { databases(); }
  void fewAreGivenAtATime() {
    ask("CREATE TABLE " + table_ + " (id integer, seq integer)");
    ask("INSERT INTO " + table_ + " VALUES (1, 1), (2, 2), (3, 3)");
    start();
    QCOMPARE(take(2), (QStringList{row(0, 1, 1), row(1, 2, 2)}));
    QCOMPARE(take(2), QStringList(row(2, 3, 3)));
  }

  void timesAndTextsCanBeCursors_data() { databases(); }
  void timesAndTextsCanBeCursors() {
    ask("CREATE TABLE " + table_ + " (id varchar(10), at " + (database_ == "postgres" ? "timestamptz" : "datetime(6)") + ")");
    ask("INSERT INTO " + table_ + " VALUES ('b''s', '2026-01-01 00:00:00.000001'), ('a', '2026-01-01 00:00:00.000001'), ('\\', '2026-01-01 00:00:00.000002')");
    start(0, {{"cursor", "at"}, {"batch", "1"}});
    const QString value = "%1 {\"id\":\"%2\",\"at\":\"2026-01-01T00:00:00.00000%3Z\"}";
    QCOMPARE(take(), (QStringList{value.arg(0).arg("a").arg(1), value.arg(1).arg("b's").arg(1), value.arg(2).arg("\\\\").arg(2)}));
    RawBatch batch;
    start(0, {{"cursor", "at"}, {"batch", "1"}});
    while (batch.rows() == 0) QVERIFY(source_->poll(batch, {}, {}).ok());
    QCOMPARE(batch[0].source_time_micros, 1'767'225'600'000'001);
    QCOMPARE(std::string(batch[0].key), std::string("{\"id\":\"a\"}"));
    // The place that was read up to is one of that cursor and key.
    source_.reset();
    auto other = make({{"cursor", "id"}, {"key", "at"}});
    QCOMPARE((*other)->partitions().error().kind, ErrorKind::failed_precondition);
    root_ = std::make_unique<QTemporaryDir>();
    start(0, {{"cursor", "id"}, {"key", "at"}, {"batch", "1"}});
    QCOMPARE(take().size(), 3);
  }
  void everyTypeIsRead_data() { databases(); }
  void everyTypeIsRead() {
    const bool postgres = database_ == "postgres";
    ask("CREATE TABLE " + table_ + " (id bigint, seq integer, d decimal(38, 2), f double precision, t " + (postgres ? "text" : "longtext") + ", y " + (postgres ? "bytea" : "longblob") +
        ", day date, b " + (postgres ? "boolean" : "bit(1)") + ", n integer)");
    const QString large = QString(10'000, 'x') + "ü😀";
    ask("INSERT INTO " + table_ + " VALUES (9223372036854775807, 1, -123.45, 0.1, '" + large + "', " + (postgres ? "'\\x726177'" : "x'726177'") + ", '2026-11-20', " +
        (postgres ? "true" : "b'1'") + ", NULL)");
    start();
    QCOMPARE(take(), QStringList("0 {\"id\":9223372036854775807,\"seq\":1,\"d\":-123.45,\"f\":0.1,\"t\":\"" + large + "\",\"y\":\"cmF3\",\"day\":\"2026-11-20\",\"b\":true,\"n\":null}"));
  }

  void aFirstStartMayBeginBehindWhatIsThere_data() { databases(); }
  void aFirstStartMayBeginBehindWhatIsThere() {
    ask("CREATE TABLE " + table_ + " (id integer, seq integer)");
    ask("INSERT INTO " + table_ + " VALUES (1, 1), (2, 2)");
    start(0, {{"start", "latest"}});
    QCOMPARE(take(), QStringList());
    ask("INSERT INTO " + table_ + " VALUES (3, 2), (4, 3)");
    start(0, {{"start", "latest"}});
    QCOMPARE(take(), (QStringList{row(0, 3, 2), row(1, 4, 3)}));
  }
  void aQueryCanStandForATable_data() { databases(); }
  void aQueryCanStandForATable() {
    ask("CREATE TABLE " + table_ + " (id integer, seq integer)");
    ask("INSERT INTO " + table_ + " VALUES (1, 1), (2, 2), (3, 3)");
    start(0, {{"table", ""}, {"query", "SELECT id, seq FROM " + table_.toStdString() + " WHERE id <> 2"}, {"name", "odd"}});
    QCOMPARE(take(), (QStringList{row(0, 1, 1), row(1, 3, 3)}));
    QCOMPARE(source_->name(), std::string("odd"));
  }

  void whatIsGoneIsSaid_data() { databases(); }
  void whatIsGoneIsSaid() {
    ask("CREATE TABLE " + table_ + " (id integer, seq integer)");
    auto made = make();
    QVERIFY(made.ok() && (*made)->partitions().ok());
    QCOMPARE((*made)->assign({{.partition = 0, .from = 7}}).error().kind, ErrorKind::data_loss);
    made->reset();
    ask("INSERT INTO " + table_ + " VALUES (NULL, 1)");
    start();
    QVERIFY(take().value(0).contains("the column 'id' of " + table_ + " is NULL"));
    root_ = std::make_unique<QTemporaryDir>();
    start(0, {{"key", "other"}});
    QVERIFY(take().value(0).contains("other"));
    made = make({{"key", ""}});
    QVERIFY(!made.ok());
  }
  void aCancelledPollReturns_data() { databases(); }
  void aCancelledPollReturns() {
    ask("CREATE TABLE " + table_ + " (id integer, seq integer)");
    start(0, {{"every", "1h"}});
    RawBatch batch;
    CancellationSource stop;
    stop.request_stop();
    QVERIFY(source_->poll(batch, {.wait = std::chrono::hours(1)}, {}).ok());
    QVERIFY(*source_->poll(batch, {.wait = std::chrono::hours(2)}, stop.get_token()) == PollOutcome::idle);
  }
};

QTEST_GUILESS_MAIN(OdbcSourceTest)
#include "odbc_source_test.moc"
