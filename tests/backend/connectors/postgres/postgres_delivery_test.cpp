// What happens to a delivery when something breaks: the process, the connection, the server, the caller's patience.

#include <QCoreApplication>
#include <QTest>
#include <QThread>

#include <QProcess>

#include <random>

#include "backend/sql/rows.h"
#include "connectors/postgres/postgres_sink.h"
#include "support/lossy_proxy.h"
#include "support/postgres_server.h"

using namespace penstock;
using penstock::test::LossyProxy;
using penstock::test::make_batch;
using penstock::test::make_schema;

namespace {

const SchemaPtr kSchema = make_schema({{"id", {TypeKind::int64}}});

SinkEpoch epoch(std::int64_t number, int rows = 1) {
  std::vector<std::vector<std::string>> values;
  for (int row = 0; row < rows; ++row) values.push_back({std::to_string(number * 1'000 + row)});
  return {.epoch = number, .rows = {make_batch(kSchema, values)}};
}

Status no_rejects(const std::vector<RefusedRow>&) { return Error(ErrorKind::internal, "no row should have been refused"); }

}  // namespace

class PostgresDeliveryTest : public QObject {
  Q_OBJECT

  test::PostgresServer server_;

  PostgresSinkOptions options(const std::string& table, int port) const {
    PostgresSinkOptions options;
    options.connection = {.host = "127.0.0.1", .port = port, .database = server_.kDatabase, .user = server_.kUser,
                          .password = server_.kPassword, .ssl_mode = "disable"};
    options.table.table = table;
    return options;
  }

  // Whether the child delivered all; false when a signal killed it.
  bool run_child(const QString& mode, int epochs, const QString& crash_at) {
    QProcess child;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!crash_at.isEmpty()) environment.insert("PENSTOCK_CRASH_AT", crash_at);
    child.setProcessEnvironment(environment);
    child.start(QCoreApplication::applicationDirPath() + "/postgres_crash_child", {QString::number(server_.port()), mode, QString::number(epochs)});
    child.waitForFinished(120'000);
    const QByteArray said = child.readAllStandardError();
    if (!said.isEmpty()) qWarning() << said;
    return child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0;
  }

 private slots:
  void initTestCase() {
    const QString problem = server_.start();
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
  }

  void noCrashPointLosesOrDoublesARow_data() {
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("point");
    QTest::addColumn<int>("pass");
    for (const char* mode : {"append", "upsert", "replay", "changes"})
      for (const char* point : {"postgres.after_copy", "postgres.before_commit", "postgres.after_commit"})
        for (const int pass : {1, 3}) QTest::addRow("%s %s %d", mode, point, pass) << mode << point << pass;
  }
  void noCrashPointLosesOrDoublesARow() {
    QFETCH(QString, mode);
    QFETCH(QString, point);
    QFETCH(int, pass);
    server_.psql("DROP TABLE IF EXISTS crash_" + mode + "; DROP TABLE IF EXISTS penstock_epochs");
    QVERIFY(!run_child(mode, 6, point + ":" + QString::number(pass)));
    QVERIFY(run_child(mode, 6, {}));
    const QString rows = mode == "changes" ? "61|61|-6|69" : "60|60|10|69";
    QCOMPARE(server_.psql("SELECT count(*), count(DISTINCT id), min(id), max(id) FROM crash_" + mode), QStringList{rows});
    QCOMPARE(server_.psql("SELECT sum(n) FROM crash_" + mode), QStringList{mode == "changes" ? "50270" : "270"});
  }

  void aLostCommitAnswerIsFoundOutAtOpen_data() {
    QTest::addColumn<bool>("committed");
    QTest::newRow("the server committed") << true;
    QTest::newRow("the server never heard of it") << false;
  }
  void aLostCommitAnswerIsFoundOutAtOpen() {
    QFETCH(bool, committed);
    const std::string table = committed ? "lost_answer" : "lost_request";
    LossyProxy proxy(server_.port());
    PostgresSink sink(options(table, proxy.port()));
    const Marker marker{.state_id = "s", .sink = table, .stream = "x"};
    QVERIFY(sink.open(marker, kSchema).ok());
    QVERIFY(sink.deliver({epoch(1)}, no_rejects, {}).ok());
    proxy.lose_next("COMMIT", committed ? LossyProxy::Loss::answer : LossyProxy::Loss::request);
    QVERIFY(sink.deliver({epoch(2)}, no_rejects, {}).error().kind == ErrorKind::unavailable);
    const auto opened = sink.open(marker, kSchema);
    QVERIFY(opened.ok());
    QCOMPARE(opened->value(), committed ? 2 : 1);
    if (!committed) QVERIFY(sink.deliver({epoch(2)}, no_rejects, {}).ok());
    QCOMPARE(server_.psql(QString("SELECT count(*), count(DISTINCT id) FROM %1").arg(table.c_str())), QStringList{"2|2"});
  }

  void aKilledSessionIsUnavailableAndNothingIsHalfDone() {
    PostgresSink sink(options("killed", server_.port()));
    const Marker marker{.state_id = "s", .sink = "killed", .stream = "x"};
    QVERIFY(sink.open(marker, kSchema).ok());
    server_.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'penstock'");
    QVERIFY(sink.deliver({epoch(1)}, no_rejects, {}).error().kind == ErrorKind::unavailable);
    QVERIFY(sink.deliver({epoch(1)}, no_rejects, {}).error().kind == ErrorKind::unavailable);   // until it is opened again
    QVERIFY(!sink.open(marker, kSchema).value());
    QVERIFY(sink.deliver({epoch(1)}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT count(*) FROM killed"), QStringList{"1"});
  }

  void aServerThatIsNotThereIsUnavailable() {
    PostgresSink sink(options("x", test::free_loopback_port()));
    QVERIFY(sink.open({.state_id = "s", .sink = "x", .stream = "x"}, kSchema).error().kind == ErrorKind::unavailable);
  }

  void aLockedTableEndsWithTheStatementTimeoutOrTheCallersWish() {
    PostgresSinkOptions impatient = options("locked", server_.port());
    impatient.connection.statement_timeout = std::chrono::seconds(4);   // opening must fit on a busy machine
    PostgresSink sink(impatient);
    PostgresSink patient(options("locked", server_.port()));
    const Marker marker{.state_id = "s", .sink = "locked", .stream = "x"};
    QVERIFY(patient.open(marker, kSchema).ok());
    QVERIFY(sink.open(marker, kSchema).ok());

    auto locker = postgres::Connection::open(options("x", server_.port()).connection);
    QVERIFY((*locker)->run("BEGIN").ok() && (*locker)->run("LOCK TABLE locked").ok());
    QVERIFY(sink.deliver({epoch(1)}, no_rejects, {}).error().kind == ErrorKind::unavailable);

    CancellationSource cancel;
    std::jthread asks([&] {
      // Cancel only once the delivery really waits for the lock.
      while (server_.psql("SELECT count(*) FROM pg_locks WHERE NOT granted") != QStringList{"1"}) QThread::yieldCurrentThread();
      cancel.request_stop();
    });
    QVERIFY(patient.deliver({epoch(1)}, no_rejects, cancel.get_token()).error().kind == ErrorKind::cancelled);
    QVERIFY((*locker)->run("ROLLBACK").ok());
    QVERIFY(!patient.open(marker, kSchema).value());
    QVERIFY(patient.deliver({epoch(1)}, no_rejects, {}).ok());
    QCOMPARE(server_.psql("SELECT count(*) FROM locked"), QStringList{"1"});
  }

  void randomDeliveriesGiveTheModelsRows() {
    const auto seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937 random(seed);
    server_.psql("CREATE TABLE modelled (id bigint CHECK (id % 7 <> 0))");
    const Marker marker{.state_id = "s", .sink = "modelled", .stream = "x"};
    auto sink = std::make_unique<PostgresSink>(options("modelled", server_.port()));
    QVERIFY(sink->open(marker, kSchema).ok());
    std::int64_t next = 1, kept = 0, refused = 0, sum = 0;
    for (int step = 0; step < 40; ++step) {
      std::vector<SinkEpoch> epochs;
      for (unsigned i = 0, count = 1 + random() % 3; i < count; ++i) {
        const int rows = static_cast<int>(random() % 30);
        for (int row = 0; row < rows; ++row) {
          const std::int64_t id = next * 1'000 + row;
          if (id % 7 == 0) ++refused;
          else ++kept, sum += id;
        }
        epochs.push_back(epoch(next++, rows));
      }
      std::int64_t recorded = 0;
      const Status delivered = sink->deliver(epochs, [&](const auto& rows) { recorded = static_cast<std::int64_t>(rows.size()); return Status(); }, {});
      QVERIFY2(delivered.ok(), delivered.ok() ? "" : delivered.error().to_string().c_str());
      refused -= recorded;
      QCOMPARE(refused, 0);
      if (random() % 4 == 0) {
        sink = std::make_unique<PostgresSink>(options("modelled", server_.port()));
        QCOMPARE(sink->open(marker, kSchema).value().value(), next - 1);
      }
    }
    QCOMPARE(server_.psql("SELECT count(*), sum(id) FROM modelled"), QStringList{QString("%1|%2").arg(kept).arg(sum)});
  }
};

QTEST_GUILESS_MAIN(PostgresDeliveryTest)
#include "postgres_delivery_test.moc"
