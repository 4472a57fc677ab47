#include "connectors/postgres/cdc_source.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "support/postgres_server.h"

using namespace penstock;
using namespace penstock::postgres;

namespace {

const std::string kPassword = test::PostgresServer::kPassword;

// Of this process.
double resident_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

}  // namespace

// What a shard sees of the source: positions, what is read again, what the server is told.
class CdcSourceTest : public QObject {
  Q_OBJECT

  test::PostgresServer server_;
  std::unique_ptr<QTemporaryDir> folder_;

  CdcOptions options() const {
    CdcOptions options;
    options.connection.host = "127.0.0.1";
    options.connection.port = server_.port();
    options.connection.database = test::PostgresServer::kDatabase;
    options.connection.user = test::PostgresServer::kUser;
    options.connection.password = kPassword;
    options.table.table = "orders";
    options.key = {"id"};
    options.slot = options.publication = "cdc";
    options.state_path = folder_->filePath("slot.json").toStdString();
    options.lag_bytes = 1 << 20;
    return options;
  }
  void change(const QString& sql) const { QCOMPARE(server_.psql(sql), QStringList()); }

  // Begins where `durable` ends.
  std::unique_ptr<CdcSource> begin(const CdcOptions& options, const Positions& durable = {}) const {
    auto source = std::make_unique<CdcSource>(options);
    const auto ranges = source->partitions();
    if (!ranges.ok()) qFatal("%s", ranges.error().to_string().c_str());
    std::vector<Assignment> assignments;
    for (const PartitionRange& range : *ranges) {
      const auto at = durable.find(range.partition);
      assignments.push_back({range.partition, at == durable.end() ? std::nullopt : std::optional(at->second), std::nullopt});
    }
    if (const Status assigned = source->assign(assignments); !assigned.ok()) qFatal("%s", assigned.error().to_string().c_str());
    return source;
  }
  // What one poll gives; the positions behind it are added to `next`.
  static std::int64_t poll(CdcSource& source, std::int64_t rows, Positions& next, std::map<std::int64_t, int>* ids = nullptr) {
    RawBatch raw;
    PollLimits limits;
    limits.rows = rows;
    limits.wait = std::chrono::milliseconds(200);
    const auto polled = source.poll(raw, limits, {});
    if (!polled.ok()) qFatal("%s", polled.error().to_string().c_str());
    for (std::int64_t row = 0; row < raw.rows(); ++row) {
      const auto record = raw[row];
      auto& at = next[record.position.partition];
      if (record.position.offset + 1 < at) qFatal("an offset falls back");
      at = record.position.offset + 1;
      if (!ids) continue;
      const auto json = nlohmann::json::parse(record.value);
      ++(*ids)[json[json["op"] == "d" ? "before" : "after"]["id"].get<std::int64_t>()];
    }
    return raw.rows();
  }
  QString confirmed() const { return server_.psql("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'cdc'").value(0); }
  bool is_after(const QString& lsn) const { return server_.psql("SELECT confirmed_flush_lsn > '" + lsn + "' FROM pg_replication_slots WHERE slot_name = 'cdc'").value(0) == "t"; }

 private slots:
  void initTestCase() { QCOMPARE(server_.start(), QString()); }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    change("CREATE TABLE orders (id bigint PRIMARY KEY, name text)");
  }
  void cleanup() {
    QTRY_COMPARE_WITH_TIMEOUT(server_.psql("SELECT count(*) FROM pg_replication_slots WHERE active").value(0), QString("0"), 60'000);
    server_.psql("SELECT pg_drop_replication_slot('cdc')");
    server_.psql("DROP PUBLICATION IF EXISTS cdc");
    server_.psql("DROP TABLE orders");
  }

  void a_copy_goes_on_with_the_ranges_that_were_not_whole() {
    change("INSERT INTO orders SELECT i, repeat('x', 400) FROM generate_series(1, 60000) i");
    Positions next;
    std::map<std::int64_t, int> ids;
    std::size_t ranges = 0;
    {
      const auto source = begin(options());
      ranges = source->partitions()->size() - 1;
      for (int polls = 0; polls < 40 && next.size() < ranges; ++polls) poll(*source, 2'000, next, &ids);
    }
    QVERIFY2(ranges > 4, qPrintable(QString::number(ranges)));      // and four sessions that copy them
    QVERIFY(ids.size() < 60'000);
    // A later snapshot: what was removed meanwhile is told by the log, and what was added is there once more.
    change("DELETE FROM orders WHERE id = 60000");
    change("INSERT INTO orders VALUES (60001, 'new')");
    const auto source = begin(options(), next);
    while (!ids.contains(60'001) || ids.size() < 60'001) poll(*source, 20'000, next, &ids);
    while (ids[60'001] < 2) poll(*source, 20'000, next, &ids);
    QVERIFY(next.contains(0));
  }

  // Whoever lands them need not ask whether a key is there already: once, and only where the server itself forbids that it is.
  void rows_of_the_first_copy_have_new_keys() {
    change("INSERT INTO orders SELECT i, repeat('x', 400) FROM generate_series(1, 30000) i");
    Positions next;
    {
      const auto source = begin(options());
      while (poll(*source, 5'000, next) == 0) {}
      QVERIFY(source->gave_new_keys());
    }
    auto source = begin(options(), next);
    while (poll(*source, 5'000, next) == 0) {}
    QVERIFY(!source->gave_new_keys());
    source.reset();
    // Nothing of the copy is durable, so it begins anew: with a later snapshot, which still is one.
    Positions from_the_beginning;
    std::map<std::int64_t, int> ids;
    source = begin(options());
    while (ids.size() < 30'000) {
      poll(*source, 5'000, from_the_beginning, &ids);
      QVERIFY(source->gave_new_keys());
    }
    change("UPDATE orders SET name = 'y' WHERE id = 7");
    while (!from_the_beginning.contains(0)) poll(*source, 5'000, from_the_beginning);
    QVERIFY(!source->gave_new_keys());
  }

  void a_key_that_no_index_watches_may_come_twice() {
    change("ALTER TABLE orders DROP CONSTRAINT orders_pkey");
    change("ALTER TABLE orders REPLICA IDENTITY FULL");
    change("INSERT INTO orders VALUES (1, 'a'), (1, 'b')");
    const auto gave = [&] {
      Positions next;
      const auto source = begin(options());
      while (poll(*source, 100, next) == 0) {}
      return source->gave_new_keys();
    };
    QVERIFY(!gave());
    change("DELETE FROM orders WHERE name = 'b'");
    change("CREATE UNIQUE INDEX ON orders (name)");      // over another column
    QVERIFY(!gave());
    change("ALTER TABLE orders ALTER id DROP NOT NULL");
    change("CREATE UNIQUE INDEX ON orders (id)");        // takes NULL more than once
    QVERIFY(!gave());
    change("ALTER TABLE orders ALTER id SET NOT NULL");
    QVERIFY(gave());
  }

  void a_transaction_is_read_in_parts_and_again_from_its_middle() {
    Positions next;
    auto source = begin(options());
    while (source->reached().count(0) == 0) poll(*source, 100, next);
    change("INSERT INTO orders SELECT i, 'x' FROM generate_series(1, 100000) i");
    std::map<std::int64_t, int> first;
    while (first.size() < 50'000) {
      const std::int64_t rows = poll(*source, 1'000, next, &first);
      QVERIFY2(rows < 10'000, qPrintable(QString::number(rows)));
    }
    const Positions middle = next;
    source.reset();
    source = begin(options(), middle);
    std::map<std::int64_t, int> rest;
    while (first.size() + rest.size() < 100'000) poll(*source, 1'000, next, &rest);
    for (const auto& [id, times] : rest) QVERIFY2(times == 1 && !first.contains(id), qPrintable(QString::number(id)));
    change("INSERT INTO orders VALUES (200000, 'after it')");
    std::map<std::int64_t, int> after;
    while (after.empty()) poll(*source, 1'000, next, &after);
    QVERIFY(after.size() == 1 && after.contains(200'000));
  }

  // However long it is: it comes in parts as large as were asked for, and nothing of them stays here.
  void a_large_transaction_is_not_held_in_memory() {
    constexpr std::int64_t kRows = 300'000, kMostMiB = 48;      // 150 MB of rows
    Positions next;
    const auto source = begin(options());
    while (source->reached().count(0) == 0) poll(*source, 100, next);
    change("INSERT INTO orders SELECT i, repeat('x', 500) FROM generate_series(1, 300000) i");
    std::int64_t rows = 0;
    while (rows < 10'000) rows += poll(*source, 1'000, next);
    const double before = resident_mib();
    double most = before;
    for (int polls = 0; rows < kRows; ++polls) {
      rows += poll(*source, 1'000, next);
      if (polls % 10 == 0) most = std::max(most, resident_mib());
    }
    QCOMPARE(rows, kRows);
    QVERIFY2(most - before < kMostMiB, qPrintable(QString("%1 MiB, then %2").arg(before).arg(most)));
  }

  void the_server_may_forget_what_is_durable_and_no_more() {
    change("INSERT INTO orders VALUES (1, 'a')");
    Positions next;
    const auto source = begin(options());
    while (poll(*source, 100, next) == 0) {}
    source->committed(next);
    const QString before = confirmed();
    change("INSERT INTO orders SELECT i, repeat('x', 1000) FROM generate_series(2, 3000) i");
    std::map<std::int64_t, int> ids;
    while (ids.size() < 2'999) poll(*source, 10'000, next, &ids);
    // Long enough that the source tells the server something: but nothing of this is durable.
    for (int polls = 0; polls < 12; ++polls) poll(*source, 100, next);
    QVERIFY(source->partitions().ok());
    const QString lsn_of_nothing_durable = confirmed();
    QCOMPARE(server_.psql("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '" + lsn_of_nothing_durable + "') > 3000000").value(0), QString("t"));
    QVERIFY2(source->concern().find("the server keeps ") == 0 && source->concern().find("for the replication slot cdc, from ") != std::string::npos, source->concern().c_str());
    QVERIFY(source->kept_log_bytes() > 3'000'000);
    source->committed(next);
    QVERIFY(QTest::qWaitFor([&] { poll(*source, 100, next); return is_after(lsn_of_nothing_durable) && is_after(before); }, 30'000));
    QVERIFY(source->partitions().ok());
    QCOMPARE(source->concern(), std::string());
    QVERIFY(source->kept_log_bytes() >= 0 && source->kept_log_bytes() < 1'000'000);
  }

  void a_slot_that_others_have_made_is_refused() {
    server_.psql("SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')");
    CdcSource source(options());
    const auto ranges = source.partitions();
    QVERIFY(!ranges.ok());
    QVERIFY2(ranges.error().message.find("the server has a replication slot cdc already, and this stream has not made it") == 0, ranges.error().message.c_str());
  }

  void what_cannot_be_read_is_said() {
    auto wrong = options();
    wrong.key = {"number"};
    const auto no_key = CdcSource(wrong).partitions();
    QVERIFY(!no_key.ok());
    QCOMPARE(no_key.error().message, std::string("\"public\".\"orders\" has no column 'number'"));
    wrong = options();
    wrong.table.table = "nothing";
    const auto no_table = CdcSource(wrong).partitions();
    QVERIFY(!no_table.ok() && no_table.error().kind == ErrorKind::not_found);
  }
};

QTEST_GUILESS_MAIN(CdcSourceTest)
#include "cdc_source_test.moc"
