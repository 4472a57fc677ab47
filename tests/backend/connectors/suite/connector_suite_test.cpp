// Every connector against the suite that all of them have to pass.

#include "support/connector_suite.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include "backend/connectors/duckdb/duckdb_lines.h"
#include "backend/connectors/kafka/kafka_topic.h"
#include "backend/connectors/odbc/odbc_databases.h"
#include "connectors/delta/delta_sink.h"
#include "connectors/delta/table_connector.h"
#include "connectors/duckdb/duckdb_connector.h"
#include "connectors/files/files_connector.h"
#include "connectors/http/http_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "connectors/odbc/odbc_connector.h"
#include "connectors/postgres/postgres_connector.h"
#include "connectors/simulate/simulate_connector.h"
#include "connectors/sqlite/sqlite_connector.h"
#include "connectors/webhook/webhook_connector.h"
#include "connectors/webhook/webhook_inbox.h"
#include "sql/parquet_files.h"
#include "support/http_peer.h"
#include "support/kafka_server.h"
#include "support/lossy_proxy.h"

using namespace penstock;
using test::SinkSuite;
using test::SinkUnderTest;
using test::SourceSuite;
using test::SourceUnderTest;
using test::text_settings;

namespace {

// Does what it should not: the suite has to say so.
class CarelessSink final : public Sink {
 public:
  explicit CarelessSink(QStringList& ids) : ids_(ids) {}
  std::string name() const override { return "careless"; }
  SinkTraits traits() const override { return {}; }
  Result<std::optional<std::int64_t>> open(const Marker&, const SchemaPtr&) override { return std::optional<std::int64_t>(); }
  Status deliver(const std::vector<SinkEpoch>& epochs, const RejectRecorder&, Cancellation) override {
    for (const SinkEpoch& epoch : epochs)
      for (const Batch& rows : epoch.rows)
        for (std::int64_t row = 0; row < rows.rows(); ++row)
          if (epoch.epoch != 4) ids_ << QString::number(rows.column(0).int64(row));
    return {};
  }

 private:
  QStringList& ids_;
};

}  // namespace

class ConnectorSuiteTest : public QObject {
  Q_OBJECT

  using SinkCheck = QString (SinkSuite::*)();
  using SourceCheck = QString (SourceSuite::*)();

  test::OdbcDatabases databases_;
  test::KafkaServer kafka_;
  std::unique_ptr<test::LossyProxy> to_postgres_, to_mariadb_;
  std::unique_ptr<Parquet> parquet_ = std::move(*make_parquet_files());
  std::unique_ptr<QTemporaryDir> root_;
  std::unique_ptr<test::HttpPeer> peer_;
  std::unique_ptr<test::LossyProxy> to_peer_;
  int names_ = 0;

  QString new_name() { return "suite_" + QString::number(++names_); }
  std::string path(const char* name) const { return root_->filePath(name).toStdString(); }

  static std::unique_ptr<Sink> sink_of(const Connector& connector, const Settings& connection, const Settings& settings, const ConnectorContext& context = {}) {
    auto made = connector.make_sink(connection, settings, context);
    if (!made.ok()) qWarning("%s", made.error().to_string().c_str());
    return made.ok() ? std::move(*made) : nullptr;
  }
  static std::unique_ptr<Source> source_of(const Connector& connector, const Settings& connection, const Settings& settings, const ConnectorContext& context) {
    auto made = connector.make_source(connection, settings, context);
    if (!made.ok()) qWarning("%s", made.error().to_string().c_str());
    return made.ok() ? std::move(*made) : nullptr;
  }
  static Settings with_port(const Settings& settings, int port) {
    Setting root = settings.root();
    for (SettingEntry& entry : root.entries)
      if (entry.first == "port") entry.second.text = std::to_string(port);
    return Settings(root);
  }
  static QStringList sorted(QStringList ids) {
    std::sort(ids.begin(), ids.end(), [](const QString& one, const QString& other) { return one.toInt() < other.toInt(); });
    return ids;
  }

  SinkUnderTest database_sink(const QString& database, bool native) {
    const QString table = new_name();
    databases_.ask(database, "CREATE TABLE " + table + " (id bigint, text varchar(20) CHECK (text <> 'refuse'))");
    test::LossyProxy* proxy = database == "postgres" ? to_postgres_.get() : to_mariadb_.get();
    const Settings connection =
        native ? text_settings({{"host", "127.0.0.1"}, {"port", std::to_string(proxy->port())}, {"database", "shop"}, {"user", "penstock"}, {"password", "penstock"}})
               : with_port(databases_.connection(database), proxy->port());
    return {.make = [=] { return sink_of(native ? postgres_connector() : odbc_connector(), connection, text_settings({{"table", (native ? "public." : "") + table.toStdString()}})); },
            .ids = [=, this] { return sorted(databases_.ask(database, "SELECT id FROM " + table)); },
            .refused_text = "refuse",
            .reach = [proxy](bool on) { proxy->let_through(on); }};
  }
  SinkUnderTest sqlite_sink() {
    const auto ask = [this](const QString& sql) { return test::lines_of_program("sqlite3", {root_->filePath("shop.db"), sql}); };
    ask("CREATE TABLE suite (id INT, text TEXT CHECK (text <> 'refuse'))");
    return {.make = [this] { return sink_of(sqlite_connector(), {}, text_settings({{"path", "shop.db"}, {"table", "suite"}}), {.tables_root = root_->path().toStdString()}); },
            .ids = [ask] { return sorted(ask("SELECT id FROM suite")); },
            .refused_text = "refuse"};
  }
  SinkUnderTest duckdb_sink() {
    const auto ask = [this](const QString& sql) { return test::duckdb_lines(path("shop.duckdb"), sql); };
    ask("CREATE TABLE suite (id BIGINT, text VARCHAR CHECK (text <> 'refuse'))");
    return {.make = [this] { return sink_of(duckdb_connector(), {}, text_settings({{"path", "shop.duckdb"}, {"table", "suite"}}), {.tables_root = root_->path().toStdString()}); },
            .ids = [ask] { return sorted(ask("SELECT id FROM suite")); },
            .refused_text = "refuse"};
  }
  // A peer that honours keys.
  SinkUnderTest http_sink() {
    peer_ = std::make_unique<test::HttpPeer>([](const test::HttpRequest& request) {
      if (request.body.find("refuse") == std::string::npos) return test::HttpReply();
      return test::HttpReply{.status = 422, .body = "no " + request.headers.at("authorization")};
    });
    to_peer_ = std::make_unique<test::LossyProxy>(peer_->port());
    Setting auth{.kind = Setting::Kind::map, .entries = {{"bearer", {.kind = Setting::Kind::text, .text = "t0p-secret"}}}};
    Setting connection = text_settings({{"url", "http://127.0.0.1:" + std::to_string(to_peer_->port())}}).root();
    connection.entries.push_back({"auth", auth});
    return {.make = [connection] { return sink_of(http_connector(), Settings(connection), text_settings({{"path", "/rows"}, {"batch", "2"}})); },
            .ids = [this] {
              std::set<std::string> keys;
              QStringList ids;
              for (const test::HttpRequest& request : peer_->requests())
                if (request.body.find("refuse") == std::string::npos && keys.insert(request.key).second)
                  for (const auto& row : nlohmann::json::parse(request.body)) ids << QString::number(row["id"].get<int>());
              return sorted(ids);
            },
            .refused_text = "refuse",
            .reach = [this](bool on) { to_peer_->let_through(on); },
            .secret = "t0p-secret"};
  }
  // Refuses what is larger than it takes.
  SinkUnderTest kafka_sink() {
    const std::string topic = new_name().toStdString();
    if (test::KafkaTopic(kafka_.brokers(), topic).create(1) != "") qWarning("there is no topic");
    return {.make = [=, this] { return sink_of(kafka_connector(), text_settings({{"brokers", kafka_.brokers()}}), text_settings({{"topic", topic}})); },
            .ids = [=, this] {
              QStringList ids;
              for (const auto& message : test::KafkaTopic(kafka_.brokers(), topic).read_all(1)) ids << QString::number(nlohmann::json::parse(*message.value)["id"].get<int>());
              return sorted(ids);
            },
            .refused_text = std::string(3 << 20, 'x')};
  }
  SinkUnderTest make_sink(const QString& name) {
    if (name == "sqlite") return sqlite_sink();
    if (name == "duckdb") return duckdb_sink();
    if (name == "http") return http_sink();
    if (name == "kafka") return kafka_sink();
    return database_sink(name.contains("mariadb") ? "mariadb" : "postgres", !name.startsWith("odbc"));
  }

  SourceUnderTest odbc_source(const QString& database) {
    const QString table = new_name();
    databases_.ask(database, "CREATE TABLE " + table + " (id integer, seq integer)");
    test::LossyProxy* proxy = database == "postgres" ? to_postgres_.get() : to_mariadb_.get();
    return {.make = [=, this] {
              return source_of(odbc_connector(), with_port(databases_.connection(database), proxy->port()),
                               text_settings({{"table", table.toStdString()}, {"cursor", "seq"}, {"key", "id"}, {"every", "1ms"}, {"batch", "5"}}), {.state_dir = path("odbc")});
            },
            .write = [=, this](int records) {
              QStringList rows;
              for (int i = 0; i < records; ++i, ++names_) rows << QString("(%1, %2)").arg(names_).arg(names_ / 4);
              databases_.ask(database, "INSERT INTO " + table + " VALUES " + rows.join(", "));
            },
            .reach = [proxy](bool on) { proxy->let_through(on); }};
  }
  SourceUnderTest webhook_source() {
    const std::string address = "127.0.0.1:" + std::to_string(test::free_loopback_port());
    return {.make = [=, this] { return source_of(webhook_connector(), text_settings({{"listen", address}}), {}, {.stream = "suite", .state_dir = path("state")}); },
            // As requests between two lives would be: kept, and not answered.
            .write = [this](int records) {
              auto inbox = webhook::Inbox::open({.folder = path("state/webhook"), .answer_within = std::chrono::milliseconds(0)}, Clock::system());
              for (int i = 0; i < records; ++i) (*inbox)->deliver({"", "application/json", "{\"id\":" + std::to_string(++names_) + "}"});
            }};
  }
  SourceUnderTest files_source() {
    QDir().mkpath(root_->filePath("inbox"));
    return {.make = [this] {
              return source_of(files_connector(), {}, text_settings({{"path", path("inbox")}, {"settle", "0s"}, {"every", "1ms"}}), {.workspace_root = root_->path().toStdString(), .state_dir = path("state")});
            },
            .write = [this](int records) {
              QFile file(root_->filePath("inbox/" + QString("%1.jsonl").arg(++names_, 6, 10, QChar('0'))));
              if (!file.open(QIODevice::WriteOnly)) return;
              for (int i = 0; i < records; ++i) file.write("{\"id\":" + QByteArray::number(++names_) + "}\n");
            }};
  }
  // A version for each three records.
  SourceUnderTest table_source() {
    return {.make = [this] {
              return source_of(table_connector(), {}, text_settings({{"table", "silver.suite"}, {"every", "1ms"}}), {.parquet = parquet_.get(), .tables_root = root_->path().toStdString()});
            },
            .write = [this](int records) {
              const SchemaPtr schema = test::make_schema({{"id", {TypeKind::int64}}});
              DeltaSinkOptions options;
              options.folder = path("silver/suite");
              DeltaSink sink(options, parquet_.get(), &Clock::system());
              const auto opened = sink.open({.state_id = "s", .sink = "suite", .stream = "writer"}, schema);
              std::int64_t epoch = opened.ok() ? opened->value_or(0) : 0;
              for (int i = 0; i < records; i += 3) {
                std::vector<std::vector<std::string>> rows;
                for (int row = i; row < std::min(i + 3, records); ++row) rows.push_back({std::to_string(++names_)});
                if (!sink.deliver({{.epoch = ++epoch, .rows = {test::make_batch(schema, rows)}}}, [](const auto&) { return Status(); }, {}).ok()) qWarning("the table was not written");
              }
            }};
  }
  SourceUnderTest kafka_source() {
    const std::string topic = new_name().toStdString();
    if (test::KafkaTopic(kafka_.brokers(), topic).create(1) != "") qWarning("there is no topic");
    return {.make = [=, this] { return source_of(kafka_connector(), text_settings({{"brokers", kafka_.brokers()}}), text_settings({{"topic", topic}}), {.stream = "suite"}); },
            .write = [=, this](int records) {
              std::vector<test::TopicMessage> messages;
              for (int i = 0; i < records; ++i) messages.push_back({.value = "{\"id\":" + std::to_string(++names_) + "}"});
              test::KafkaTopic(kafka_.brokers(), topic).produce(messages);
            }};
  }
  SourceUnderTest make_source(const QString& name) {
    if (name == "webhook") return webhook_source();
    if (name == "files") return files_source();
    if (name == "table") return table_source();
    if (name == "kafka") return kafka_source();
    if (name == "simulate")
      return {.make = [this] {
        return source_of(simulate_connector(), {}, text_settings({{"system", "pos_sales"}, {"rate", "50"}, {"partitions", "1"}, {"diurnal", "false"}, {"start_at", "2026-01-01T00:00:00Z"}}),
                         {.stream = "suite", .state_dir = path("state")});
      }};
    return odbc_source(name.contains("mariadb") ? "mariadb" : "postgres");
  }

  static void names(std::initializer_list<const char*> all) {
    QTest::addColumn<QString>("name");
    for (const char* name : all) QTest::addRow("%s", name) << name;
  }
  static void sinks() { names({"sqlite", "duckdb", "postgres", "odbc postgres", "odbc mariadb", "http", "kafka"}); }
  static void sources() { names({"files", "table", "simulate", "kafka", "webhook", "odbc postgres", "odbc mariadb"}); }
  void check(SinkCheck check) {
    QFETCH(QString, name);
    SinkUnderTest sink = make_sink(name);
    const QString wrong = (SinkSuite(sink).*check)();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.left(500)));
  }
  void check(SourceCheck check) {
    QFETCH(QString, name);
    SourceUnderTest source = make_source(name);
    const QString wrong = (SourceSuite(source).*check)();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.left(500)));
  }

 private slots:
  void initTestCase() {
    QCOMPARE(databases_.start(), QString());
    QCOMPARE(kafka_.start(), QString());
    to_postgres_ = std::make_unique<test::LossyProxy>(databases_.port("postgres"));
    to_mariadb_ = std::make_unique<test::LossyProxy>(databases_.port("mariadb"));
  }
  void init() { root_ = std::make_unique<QTemporaryDir>(); }
  // What streams of other tests wrote there is none of this one's business.
  void cleanup() {
    for (const char* database : {"postgres", "mariadb"}) databases_.ask(database, "DELETE FROM penstock_epochs");
    to_peer_.reset();
    peer_.reset();
  }

  void theSuiteFindsWhatACarelessSinkDoes() {
    for (const SinkCheck check : {&SinkSuite::deliversEachEpochOnceOverItsLives, &SinkSuite::aPeerThatIsGoneIsTriedAgain, &SinkSuite::aRefusedRowIsLeftOutAlone,
                                  &SinkSuite::nothingIsLeftOutThatIsNotRecorded, &SinkSuite::aCancelledDeliveryIsDoneByTheNextLife}) {
      QStringList ids;
      SinkUnderTest sink{.make = [&] { return std::make_unique<CarelessSink>(ids); }, .ids = [&] { return ids; }, .refused_text = "refuse", .reach = [](bool) {}};
      QVERIFY(!(SinkSuite(sink).*check)().isEmpty());
    }
  }

  void aSinkDeliversEachEpochOnceOverItsLives_data() { sinks(); }
  void aSinkDeliversEachEpochOnceOverItsLives() { check(&SinkSuite::deliversEachEpochOnceOverItsLives); }
  void aSinksPeerThatIsGoneIsTriedAgain_data() { names({"postgres", "odbc postgres", "odbc mariadb", "http"}); }
  void aSinksPeerThatIsGoneIsTriedAgain() { check(&SinkSuite::aPeerThatIsGoneIsTriedAgain); }
  void aRefusedRowIsLeftOutAlone_data() { sinks(); }
  void aRefusedRowIsLeftOutAlone() { check(&SinkSuite::aRefusedRowIsLeftOutAlone); }
  void nothingIsLeftOutThatIsNotRecorded_data() { sinks(); }
  void nothingIsLeftOutThatIsNotRecorded() { check(&SinkSuite::nothingIsLeftOutThatIsNotRecorded); }
  void aCancelledDeliveryIsDoneByTheNextLife_data() { sinks(); }
  void aCancelledDeliveryIsDoneByTheNextLife() { check(&SinkSuite::aCancelledDeliveryIsDoneByTheNextLife); }
  void epochsWithoutRowsAreTaken_data() { sinks(); }
  void epochsWithoutRowsAreTaken() { check(&SinkSuite::epochsWithoutRowsAreTaken); }

  void anOffsetMeansTheSameRecordAfterARestart_data() { sources(); }
  void anOffsetMeansTheSameRecordAfterARestart() { check(&SourceSuite::anOffsetMeansTheSameRecordAfterARestart); }
  void noMoreIsGivenThanWasAskedFor_data() { sources(); }
  void noMoreIsGivenThanWasAskedFor() { check(&SourceSuite::noMoreIsGivenThanWasAskedFor); }
  void offsetsGoUp_data() { sources(); }
  void offsetsGoUp() { check(&SourceSuite::offsetsGoUp); }
  void whatIsNotCommittedComesAgain_data() { sources(); }
  void whatIsNotCommittedComesAgain() { check(&SourceSuite::whatIsNotCommittedComesAgain); }
  void aCancelledPollReturns_data() { sources(); }
  void aCancelledPollReturns() { check(&SourceSuite::aCancelledPollReturns); }
  void aSourcesPeerThatIsGoneIsTriedAgain_data() { names({"odbc postgres", "odbc mariadb"}); }
  void aSourcesPeerThatIsGoneIsTriedAgain() { check(&SourceSuite::aPeerThatIsGoneIsTriedAgain); }
};

QTEST_GUILESS_MAIN(ConnectorSuiteTest)
#include "connector_suite_test.moc"
