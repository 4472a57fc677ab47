#include <QRandomGenerator>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include "connectors/json/json_formats.h"
#include "record/row_json.h"
#include "sql/session.h"
#include "stream/pod_runtime.h"
#include "support/memory_connectors.h"

using namespace penstock;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kNoon = 1763640000 * kSecond;      // 2025-11-20T12:00:00Z
constexpr std::int64_t kLateness = 30 * kSecond;
constexpr int kRows = 3000;

constexpr const char* kContract =
    R"({"type":"object","required":["id","store","qty","price","ts"],"properties":{"id":{"type":"string"},"store":{"type":"integer"},)"
    R"("qty":{"type":"integer"},"price":{"type":"number","multipleOf":0.01,"x-precision":12},"ts":{"type":"string","format":"date-time"}}})";

// The same texts run in the stream and in the batch.
constexpr const char* kSilver = "SELECT id, store, qty, price, ts FROM source WHERE qty <> 9";
constexpr const char* kKnownStore = "store <> 7";
constexpr const char* kGold =
    "SELECT store, window_start, sum(qty) AS units, sum(qty * price) AS revenue, count(*) AS sales, min(price) AS cheapest, max(id) AS last "
    "FROM silver GROUP BY ALL";
constexpr const char* kMoving = "SELECT store, window_start, window_end, sum(qty) AS units, count(*) AS sales FROM silver GROUP BY ALL";
constexpr const char* kCounts = "SELECT window_start, count(DISTINCT store) AS stores, sum(qty) AS units FROM silver GROUP BY ALL";

// Payments come as a source of their own, some of them for no sale.
constexpr const char* kPayment =
    R"({"type":"object","required":["pid","amount","paid_at"],"properties":{"pid":{"type":"string"},"sale":{"type":"string"},)"
    R"("amount":{"type":"integer"},"paid_at":{"type":"string","format":"date-time"}}})";
constexpr std::int64_t kPaidWithin = 120 * kSecond;
constexpr const char* kPaidOn = "silver.id = payments.sale AND payments.amount >= silver.qty";
constexpr const char* kPaid = "silver.id, silver.ts, payments.pid, payments.amount";
constexpr const char* kPaidByMinute = "SELECT window_start, count(*) AS sales, count(pid) AS paid, sum(amount) AS amount FROM paid_left GROUP BY ALL";

// Some stores are left out for a while, and come back.
constexpr const char* kTotals = "SELECT store, sum(qty) AS units, count(*) AS sales, avg(qty) AS mean, max(id) AS last FROM silver GROUP BY ALL HAVING sum(qty) % 10 > 0";
constexpr const char* kPaidVisits = "SELECT amount, window_start, window_end, count(*) AS sales FROM paid_left GROUP BY ALL";
constexpr const char* kVisits = "SELECT store, window_start, window_end, count(*) AS sales, sum(qty) AS units FROM silver GROUP BY ALL";
constexpr const char* kLarge = "SELECT store, units - 1 AS units FROM totals WHERE units % 2 = 0";

struct Record {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t time = 0;
  std::int64_t arrives = 0;       // orders the records of a partition: at most the lateness after `time`
  std::string json;
};

Settings one_setting(const std::string& key, const std::string& text) {
  Setting value;
  value.kind = Setting::Kind::text;
  value.text = text;
  Setting root;
  root.kind = Setting::Kind::map;
  root.entries.push_back({key, value});
  return Settings(root);
}

SinkSpec table_of(const std::string& step) {
  SinkSpec sink;
  sink.name = step + ".memory_table";
  sink.from = step;
  sink.kind = "memory_table";
  sink.table = step;
  sink.settings = one_setting("table", step);
  return sink;
}

StepSpec windowed(const std::string& name, const std::string& sql) {
  StepSpec step;
  step.name = name;
  step.from = {"silver"};
  step.sql = sql;
  // Only event time decides here: a slow machine makes no partition idle.
  step.window = WindowSpec{.size = std::chrono::minutes(1), .time = "ts", .lateness = std::chrono::microseconds(kLateness),
                           .idle_timeout = std::chrono::hours(24)};
  return step;
}

// Windows of 150 s every 40 s: they share panes of 10 s.
StepSpec hopping(const std::string& name, const std::string& sql) {
  StepSpec step = windowed(name, sql);
  step.window->size = std::chrono::seconds(150);
  step.window->every = std::chrono::seconds(40);
  return step;
}

// Its windows close at once and change as long as rows may come, and are looked at before, too.
StepSpec changing(const std::string& name, const std::string& sql) {
  StepSpec step = windowed(name, sql);
  step.window->lateness = std::chrono::seconds(0);
  step.window->late = LatePolicy::update;
  step.window->update_late = std::chrono::microseconds(kLateness);
  step.window->updates = std::chrono::milliseconds(20);
  return step;
}

StepSpec joined(const std::string& name, JoinType type, bool bounded) {
  StepSpec step;
  step.name = name;
  step.from = {"silver", "payments"};
  step.join = JoinSpec{.left = {"silver", {}, "ts"}, .right = {"payments", {}, "paid_at"}, .on = kPaidOn, .type = type, .select = kPaid,
                       .lateness = std::chrono::microseconds(kLateness), .idle_timeout = std::chrono::hours(24)};
  if (bounded) step.join->within = std::chrono::microseconds(kPaidWithin);
  return step;
}

// What was paid beside what else was paid for the same sale: a side of it comes out of a join.
StepSpec joined_again() {
  StepSpec step = joined("paid_again", JoinType::full, true);
  step.from = {"paid", "payments"};
  step.join->left = {"paid", {}, "ts"};
  step.join->on = "paid.id = payments.sale AND paid.pid <> payments.pid";
  step.join->select = "paid.id, paid.pid, payments.pid AS other";
  return step;
}

// Without a lateness of its own: the join holds back what it has not told yet.
StepSpec windowed_join() {
  StepSpec step = windowed("paid_by_minute", kPaidByMinute);
  step.from = {"paid_left"};
  step.window->lateness = Duration::zero();
  return step;
}

// A store's sales with no pause of more than 8 s.
StepSpec visits(const std::string& name, const std::string& sql) {
  StepSpec step = windowed(name, sql);
  step.window->size = {};
  step.window->gap = std::chrono::seconds(8);
  step.window->key = {"store"};
  return step;
}

// Behind a join, whose watermark is that of its sessions.
StepSpec joined_visits() {
  StepSpec step = visits("paid_visits", kPaidVisits);
  step.from = {"paid_left"};
  step.window->key = {"amount"};
  step.window->lateness = Duration::zero();
  return step;
}

StepSpec totals(const std::string& name, const std::string& sql) {
  StepSpec step;
  step.name = name;
  step.from = {"silver"};
  step.sql = sql;
  step.aggregate = AggregateSpec{{"store"}, {}, {}};
  return step;
}

StepSpec selected(const std::string& name, const std::string& from, const std::string& sql) {
  StepSpec step;
  step.name = name;
  step.from = {from};
  step.sql = sql;
  return step;
}

std::string two_digits(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

}  // namespace

// A stream over a finite input gives the rows that the same SQL gives in one batch: for any epochs and restarts, any
// arrival within the lateness, any number of partitions, shards that go from pod to pod, and while its sinks fail now and then.
class EqualityTest : public QObject {
  Q_OBJECT

  QRandomGenerator random_;
  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<test::MemoryPeers> peers_;
  std::unique_ptr<ConnectorCatalog> catalog_;
  std::shared_ptr<Workspace> workspace_;
  // One, or two that share the stream's shards: each shard belongs to the pod that its number says here.
  std::vector<std::unique_ptr<PodRuntime>> pods_;
  std::vector<std::size_t> owners_;
  std::int64_t leases_ = 0;
  std::int64_t window_rows_ = 0;

  bool sharded() const { return owners_.size() > 1; }

  void make_workspace() {
    folder_ = std::make_unique<QTemporaryDir>();
    std::ofstream(folder_->filePath("sale.json").toStdString()) << kContract;
    std::ofstream(folder_->filePath("payment.json").toStdString()) << kPayment;
    peers_ = std::make_unique<test::MemoryPeers>();
    catalog_ = std::make_unique<ConnectorCatalog>();
    add_json_formats(*catalog_);
    peers_->add_to(*catalog_);
    workspace_ = std::make_shared<Workspace>();
    workspace_->root = folder_->path().toStdString();
    StreamSpec stream;
    stream.name = "sales";
    SourceSpec source;
    source.name = "source";
    source.kind = "memory";
    source.format = "json";
    source.contract = "sale.json";
    source.settings = one_setting("topic", "pos");
    SourceSpec payments = source;
    payments.name = "payments";
    payments.contract = "payment.json";
    payments.settings = one_setting("topic", "payments");
    stream.sources = {source, payments};
    StepSpec silver;
    silver.name = "silver";
    silver.from = {"source"};
    silver.sql = kSilver;
    silver.expect = {{"known_store", kKnownStore, OnFail::drop, {}}};
    silver.dedupe = DedupeSpec{{"id"}, std::chrono::hours(1), "ts", {}};
    stream.steps = {silver, windowed("gold", kGold), windowed("counts", kCounts), hopping("moving", kMoving), changing("revised", kGold), changing("recounted", kCounts), totals("totals", kTotals), selected("large", "totals", kLarge), visits("visits", kVisits), joined_visits(),
                    joined("paid", JoinType::inner, true), joined("paid_left", JoinType::left, true), joined("paid_right", JoinType::right, true),
                    joined("paid_full", JoinType::full, true), joined("paid_ever", JoinType::inner, false), windowed_join(), joined_again()};
    stream.shards = static_cast<std::int32_t>(owners_.size());
    // What adds up over the stores has no place in a stream whose shards each have some of them.
    if (sharded())
      std::erase_if(stream.steps, [](const StepSpec& step) { return step.name == "counts" || step.name == "recounted" || step.name == "paid_visits" || step.name == "paid_by_minute"; });
    for (const StepSpec& step : stream.steps) stream.sinks.push_back(table_of(step.name));
    workspace_->streams = {stream};
  }

  // Half an hour of sales. One in ten comes twice, as the same record, in the partition of its key.
  std::vector<Record> make_records(std::int32_t partitions) {
    std::vector<Record> records;
    for (int i = 0; i < kRows; ++i) {
      Record record{.topic = "pos"};
      record.partition = static_cast<std::int32_t>(random_.bounded(partitions));
      record.time = kNoon + random_.bounded(30 * 60 * 1000) * std::int64_t{1000};
      const int store = random_.bounded(1, 9);
      if (sharded()) record.partition = store % partitions;
      record.json = "{\"id\":\"k" + std::to_string(i) + "\",\"store\":" + std::to_string(store) +
                    ",\"qty\":" + std::to_string(random_.bounded(1, 10)) + ",\"price\":" + std::to_string(random_.bounded(100)) + "." +
                    two_digits(random_.bounded(100)) + ",\"ts\":\"" + to_iso8601(from_micros(record.time)) + "\"}";
      for (int copies = random_.bounded(10) == 0 ? 2 : 1; copies > 0; --copies) {
        record.arrives = record.time + random_.bounded(static_cast<int>(kLateness));
        records.push_back(record);
      }
      for (int payments = random_.bounded(3); payments > 0; --payments) {
        records.push_back(make_payment(i, payments, record.time, partitions));
        if (sharded()) records.back().partition = record.partition;
      }
    }
    std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.arrives < b.arrives; });
    return records;
  }

  Record make_payment(int sale, int number, std::int64_t sold_at, std::int32_t partitions) {
    Record record{.topic = "payments"};
    record.partition = static_cast<std::int32_t>(random_.bounded(partitions));
    record.time = sold_at + (random_.bounded(200) - 50) * kSecond;
    record.arrives = record.time + random_.bounded(static_cast<int>(kLateness));
    const std::string id = std::to_string(sale);
    record.json = "{\"pid\":\"p" + id + "-" + std::to_string(number) + "\"" + (random_.bounded(8) == 0 ? "" : ",\"sale\":\"k" + id + "\"") +
                  ",\"amount\":" + std::to_string(random_.bounded(1, 20)) + ",\"paid_at\":\"" + to_iso8601(from_micros(record.time)) + "\"}";
    return record;
  }

  void start() {
    for (std::size_t pod = 0; pod < (sharded() ? 2 : 1); ++pod)
      pods_.push_back(std::make_unique<PodRuntime>(*catalog_, PodRuntime::Options{.pod = "test-" + std::to_string(pod), .memory_bytes = 64 << 20, .window_rows = window_rows_}));
    for (std::size_t pod = 0; pod < pods_.size(); ++pod) give_shards(pod);
  }

  // Tells a pod which shards are its own; one without any does not have the stream.
  void give_shards(std::size_t pod) {
    StreamLaunch launch;
    launch.workspace = workspace_;
    launch.stream = "sales";
    launch.version = 1;
    launch.state_root = folder_->filePath("state").toStdString();
    launch.tables_root = folder_->filePath("tables").toStdString();
    launch.lease = ++leases_;
    for (std::size_t shard = 0; sharded() && shard < owners_.size(); ++shard)
      if (owners_[shard] == pod) launch.shards.push_back(static_cast<std::int32_t>(shard));
    const bool none = sharded() && launch.shards.empty();
    const auto status = none ? pods_[pod]->stop("sales", {}) : pods_[pod]->start(launch);
    QVERIFY2(status.ok() || (none && status.error().kind == ErrorKind::not_found), status.ok() ? "" : status.error().to_string().c_str());
  }

  // Some shards go from one pod to the other: first they end there, then they begin here.
  void move_shards() {
    const std::size_t from = static_cast<std::size_t>(random_.bounded(2));
    for (std::size_t& owner : owners_)
      if (owner == from && random_.bounded(2) == 0) owner = 1 - from;
    give_shards(from);
    give_shards(1 - from);
  }

  const std::string& one_of_the_steps() {
    const std::vector<StepSpec>& steps = workspace_->streams.front().steps;
    return steps[static_cast<std::size_t>(random_.bounded(static_cast<int>(steps.size())))].name;
  }

  // Partitions run ahead of each other as chunks come; within one, order stays.
  void stream_them(const std::vector<Record>& records, std::int32_t partitions) {
    // Of both topics, one after the other.
    std::vector<std::vector<const Record*>> waiting(2 * static_cast<std::size_t>(partitions));
    for (const Record& record : records) waiting[static_cast<std::size_t>(record.partition + (record.topic == "pos" ? 0 : partitions))].push_back(&record);
    std::vector<std::size_t> next(waiting.size(), 0);
    for (const char* topic : {"pos", "payments"}) peers_->topic(topic, partitions);
    std::size_t left = records.size();
    std::int64_t appended = 0;
    start();
    while (left > 0 && !QTest::currentTestFailed()) {
      const std::size_t partition = static_cast<std::size_t>(random_.bounded(2 * partitions));
      const std::size_t chunk = std::min(static_cast<std::size_t>(random_.bounded(1, 700)), waiting[partition].size() - next[partition]);
      for (std::size_t i = 0; i < chunk; ++i, ++appended, --left) {
        const Record& record = *waiting[partition][next[partition]++];
        peers_->topic(record.topic, partitions)->append(record.partition, record.json, kNoon);
      }
      switch (random_.bounded(6)) {
        case 0:      // a restart, wherever it is
          pods_.clear();
          start();
          break;
        case 1:      // a restart at rest
          wait_until_read(appended);
          pods_.clear();
          start();
          break;
        case 2:
          wait_until_read(appended);
          break;
        case 4:
          if (sharded()) move_shards();
          break;
        case 3:
          peers_->table(one_of_the_steps())->fail_next(1, Error(ErrorKind::unavailable, "the answer was lost"), random_.bounded(2) == 1);
          break;
        default:     // the next chunk comes at once
          break;
      }
    }
    for (const auto& pod : pods_) {
      const auto drained = pod->stop("sales", {.drain = true, .close_windows = true});
      QVERIFY2(drained.ok() || drained.error().kind == ErrorKind::not_found, drained.ok() ? "" : drained.error().to_string().c_str());
    }
  }

  void wait_until_read(std::int64_t records) {
    const auto rows_in = [&] {
      std::int64_t rows = 0;
      for (const auto& pod : pods_)
        for (const StreamReport& shard : pod->report().streams) rows += shard.rows_in;
      return rows;
    };
    QTRY_COMPARE_WITH_TIMEOUT(rows_in(), records, 60000);
  }

  QStringList streamed(const std::string& table) const {
    QStringList rows;
    for (const std::string& row : peers_->table(table)->rows()) {
      const QString text = QString::fromStdString(row);
      const qsizetype origin = text.indexOf(QRegularExpression(",\"(_source|_shard)\""));
      rows << (origin < 0 ? text : text.left(origin) + "}");
    }
    rows.sort();
    return rows;
  }

  // The first row that only one of them has.
  static std::string differing(const QStringList& found, const QStringList& expected) {
    for (qsizetype i = 0; i < std::max(found.size(), expected.size()); ++i)
      if (found.value(i) != expected.value(i))
        return std::to_string(found.size()) + " rows, " + std::to_string(expected.size()) + " expected; " + found.value(i).toStdString() + " where " + expected.value(i).toStdString() + " is expected";
    return {};
  }

  // What the changes of a table come to, applied in the order of their delivery.
  QStringList applied(const std::string& table, const QString& key) const {
    QMap<QString, QString> rows;
    for (const std::string& row : peers_->table(table)->rows()) {
      const QString text = QString::fromStdString(row);
      const QString of = text.section("\"" + key + "\":", 1).section(QRegularExpression("[,}]"), 0, 0);
      if (text.contains("\"_op\":\"d\"")) rows.remove(of);
      else rows[of] = text.left(text.indexOf(",\"_op\"")) + "}";
    }
    return sorted(rows.values());
  }
  static QStringList sorted(QStringList rows) {
    rows.sort();
    return rows;
  }

  static QStringList batch(Session& session, const std::string& sql) {
    QStringList rows;
    const Status status = session.query(sql, [&](const Batch& batch) -> Status {
      for (std::int64_t row = 0; row < batch.rows(); ++row) {
        std::string json;
        append_row_json(batch, row, json);
        rows << QString::fromStdString(json);
      }
      return {};
    });
    if (!status.ok()) qWarning("%s", status.error().to_string().c_str());
    rows.sort();
    return rows;
  }

 private slots:
  void a_stream_gives_the_rows_of_one_batch_run_data() {
    QTest::addColumn<quint32>("seed");
    QTest::addColumn<std::int32_t>("partitions");
    QTest::addColumn<int>("shards");
    bool given = false;
    const quint32 asked = qEnvironmentVariable("PENSTOCK_SEED").toUInt(&given);
    const quint32 seed = given ? asked : QRandomGenerator::global()->generate();
    for (const std::int32_t partitions : {2, 3, 4}) QTest::addRow("PENSTOCK_SEED=%u, %d partitions", seed, partitions) << seed << partitions << 1;
    for (const int shards : {2, 4}) QTest::addRow("PENSTOCK_SEED=%u, 4 partitions in %d shards over two pods", seed, shards) << seed << std::int32_t{4} << shards;
  }
  void a_stream_gives_the_rows_of_one_batch_run() {
    QFETCH(quint32, seed);
    QFETCH(std::int32_t, partitions);
    QFETCH(int, shards);
    random_.seed(seed + static_cast<quint32>(partitions) + static_cast<quint32>(16 * (shards - 1)));
    owners_.assign(static_cast<std::size_t>(shards), 0);
    for (std::size_t& owner : owners_) owner = shards > 1 ? static_cast<std::size_t>(random_.bounded(2)) : 0;
    // How many rows wait before they are reduced: few, some, all of them.
    window_rows_ = std::array<std::int64_t, 3>{10, 300, 100'000}[static_cast<std::size_t>(partitions) % 3];
    make_workspace();
    const std::vector<Record> records = make_records(partitions);

    const std::string input = folder_->filePath("input.ndjson").toStdString();
    {
      std::ofstream file(input);
      for (const Record& record : records)
        if (record.topic == "pos") file << record.json << '\n';
    }
    const std::string paid = folder_->filePath("payments.ndjson").toStdString();
    {
      std::ofstream file(paid);
      for (const Record& record : records)
        if (record.topic == "payments") file << record.json << '\n';
    }
    auto session = Session::open({.readable_folders = {folder_->path().toStdString()}});
    QVERIFY(session.ok());
    for (const std::string& sql :
         {"CREATE TABLE source AS SELECT * FROM read_json('" + input + "', format = 'newline_delimited', columns = {id: 'VARCHAR', store: 'BIGINT', "
                                                                       "qty: 'BIGINT', price: 'DECIMAL(12,2)', ts: 'TIMESTAMPTZ'})",
          "CREATE TABLE silver_rows AS SELECT DISTINCT * FROM (" + std::string(kSilver) + ") WHERE " + kKnownStore,
          "CREATE TABLE payments AS SELECT * FROM read_json('" + paid + "', format = 'newline_delimited', columns = {pid: 'VARCHAR', sale: 'VARCHAR', "
                                                                        "amount: 'BIGINT', paid_at: 'TIMESTAMPTZ'})",
          "CREATE TABLE paid_ever AS SELECT " + std::string(kPaid) + ", abs(epoch_us(silver.ts) - epoch_us(payments.paid_at)) AS apart FROM silver_rows silver JOIN payments ON " + kPaidOn,
          "CREATE VIEW paid AS SELECT id, ts, pid, amount FROM paid_ever WHERE apart <= " + std::to_string(kPaidWithin),
          std::string("CREATE VIEW unpaid AS SELECT id, ts, NULL::VARCHAR AS pid, NULL::BIGINT AS amount FROM silver_rows WHERE id NOT IN (SELECT id FROM paid)"),
          std::string("CREATE VIEW unsold AS SELECT NULL::VARCHAR AS id, NULL::TIMESTAMPTZ AS ts, pid, amount FROM payments WHERE pid NOT IN (SELECT pid FROM paid)"),
          "CREATE VIEW again AS SELECT paid.id, paid.pid, payments.pid AS other FROM paid JOIN payments ON paid.id = payments.sale AND paid.pid <> payments.pid "
          "WHERE abs(epoch_us(paid.ts) - epoch_us(payments.paid_at)) <= " + std::to_string(kPaidWithin),
          std::string("CREATE VIEW paid_left AS SELECT *, time_bucket(INTERVAL 1 MINUTE, ts) AS window_start FROM (FROM paid UNION ALL FROM unpaid)"),
          std::string("CREATE TABLE silver AS SELECT *, time_bucket(INTERVAL 1 MINUTE, ts) AS window_start FROM silver_rows")}) {
      const Status made = (*session)->execute(sql);
      QVERIFY2(made.ok(), made.ok() ? "" : made.error().to_string().c_str());
    }
    const QStringList silver = batch(**session, "FROM silver_rows"), gold = batch(**session, kGold), counts = batch(**session, kCounts);
    const QStringList moving = batch(**session, "WITH silver AS (SELECT s.*, make_timestamptz(start * 1000000) AS window_start, make_timestamptz((start + 150) * 1000000) AS window_end "
                                                "FROM silver_rows s, generate_series(1763640000 - 400, 1763640000 + 2400, 40) AS starts(start) "
                                                "WHERE epoch_us(s.ts) >= start * 1000000 AND epoch_us(s.ts) < (start + 150) * 1000000) " + std::string(kMoving));
    const QStringList totals_of_all = batch(**session, kTotals), large = batch(**session, "WITH totals AS (" + std::string(kTotals) + ") " + kLarge);
    QVERIFY(totals_of_all.size() > 1);
    const QStringList of_visits =
        batch(**session, "WITH marked AS (SELECT *, coalesce(ts - lag(ts) OVER w > INTERVAL 8 SECOND, true) AS begins FROM silver_rows WINDOW w AS (PARTITION BY store ORDER BY ts)), "
                         "numbered AS (SELECT *, count(*) FILTER (begins) OVER (PARTITION BY store ORDER BY ts) AS number FROM marked), "
                         "silver AS (SELECT *, min(ts) OVER v AS window_start, max(ts) OVER v + INTERVAL 8 SECOND AS window_end FROM numbered WINDOW v AS (PARTITION BY store, number)) " +
                             std::string(kVisits));
    QVERIFY(of_visits.size() > 100);
    QVERIFY(silver.size() > kRows / 2);
    QVERIFY(gold.size() > 100);
    QCOMPARE(counts.size(), 30);
    QVERIFY(moving.size() > gold.size());

    const QStringList of_paid_visits =
        batch(**session, "WITH marked AS (SELECT id, ts, amount, coalesce(ts - lag(ts) OVER w > INTERVAL 8 SECOND, true) AS begins FROM (SELECT id, ts, amount FROM paid_left) WINDOW w AS (PARTITION BY amount ORDER BY ts)), "
                         "numbered AS (SELECT *, count(*) FILTER (begins) OVER (PARTITION BY amount ORDER BY ts) AS number FROM marked), "
                         "paid_left AS (SELECT *, min(ts) OVER v AS window_start, max(ts) OVER v + INTERVAL 8 SECOND AS window_end FROM numbered WINDOW v AS (PARTITION BY amount, number)) " +
                             std::string(kPaidVisits));
    QVERIFY(of_paid_visits.size() > 100);
    const std::map<std::string, QStringList> joins = {{"paid", batch(**session, "FROM paid")},
                                                      {"paid_left", batch(**session, "SELECT id, ts, pid, amount FROM paid_left")},
                                                      {"paid_right", batch(**session, "FROM paid UNION ALL FROM unsold")},
                                                      {"paid_full", batch(**session, "FROM paid UNION ALL FROM unpaid UNION ALL FROM unsold")},
                                                      {"paid_ever", batch(**session, "SELECT id, ts, pid, amount FROM paid_ever")},
                                                      {"paid_again", batch(**session, "FROM again UNION ALL SELECT id, pid, NULL FROM paid WHERE pid NOT IN (SELECT pid FROM again) UNION ALL "
                                                                                      "SELECT NULL, NULL, pid FROM payments WHERE pid NOT IN (SELECT other FROM again)")},
                                                      {"paid_visits", of_paid_visits},
                                                      {"paid_by_minute", batch(**session, kPaidByMinute)}};
    QVERIFY(joins.at("paid").size() > kRows / 4);
    QVERIFY(joins.at("paid_ever").size() > joins.at("paid").size());

    stream_them(records, partitions);
    if (QTest::currentTestFailed()) return;
    QCOMPARE(streamed("silver"), silver);
    QCOMPARE(streamed("gold"), gold);
    if (!sharded()) {
      QCOMPARE(streamed("counts"), counts);
      QCOMPARE(streamed("recounted"), counts);
    }
    QCOMPARE(streamed("moving"), moving);
    QCOMPARE(streamed("revised"), gold);
    QCOMPARE(streamed("visits"), of_visits);
    QCOMPARE(applied("totals", "store"), totals_of_all);
    QCOMPARE(applied("large", "store"), large);
    for (const auto& [table, rows] : joins)
      if (!sharded() || (table != "paid_visits" && table != "paid_by_minute")) QVERIFY2(streamed(table) == rows, (table + ": " + differing(streamed(table), rows)).c_str());
  }

  void cleanup() { pods_.clear(); }
};

QTEST_GUILESS_MAIN(EqualityTest)
#include "equality_test.moc"
