#include "stream/lookup_step.h"
#include "support/landed_stream.h"

using namespace penstock;
using namespace penstock::test;

// A lookup into a table that the stream lands itself: it sees what the table held at the begin of each epoch.
class LookupTest : public QObject, LandedStream {
  Q_OBJECT

  // Gold is the sale of `wanted`, beside each sale.
  void look_up(const std::string& wanted) {
    StepSpec asked;
    asked.name = "asked";
    asked.from = {"bronze"};
    asked.sql = "SELECT id AS asking, " + wanted + " AS wanted FROM bronze";
    StepSpec& step = gold();
    step.window.reset();
    step.sql.clear();
    step.from = {"asked"};
    step.lookup = LookupSpec{.table = "silver.sales", .on = {{"wanted", "id"}}};
    stream().steps.insert(stream().steps.end() - 1, asked);
  }
  void wait_until_landed() {
    QTRY_COMPARE_WITH_TIMEOUT(report().rows_in, sent_, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(all_delivered(), 60000);
  }
  // "asking wanted store" of gold; an empty store: nothing was found.
  QStringList found() const {
    QStringList rows;
    const auto all = tables();
    for (const QString& row : all["gold/units"]) rows << row.split('|').mid(0, 3).join(' ');
    return rows;
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    make("run");
  }
  void cleanup() { pod_.reset(); }

  void a_row_finds_what_the_table_holds() {
    look_up("CAST(CAST(id AS INTEGER) - 60 AS VARCHAR)");
    send(60);
    QVERIFY(start().ok());      // the table is not there yet; its columns are those of the step that lands it
    wait_until_landed();
    QStringList rows = found();
    QVERIFY(rows.size() > 50);
    for (const QString& row : rows) QVERIFY2(row.endsWith(' '), qPrintable(row));
    QVERIFY(start().ok());
    send(60);
    wait_until_landed();
    std::map<QString, QString> stores;
    const auto all = tables();
    for (const QString& row : all["silver/sales"]) stores[row.split('|')[0]] = row.split('|')[1];
    int hits = 0;
    for (const QString& row : found()) {
      const QStringList columns = row.split(' ');
      if (columns[0].toInt() < 60) continue;
      const auto known = stores.find(columns[1]);
      QCOMPARE(columns[2], known == stores.end() ? QString() : known->second);
      hits += known != stores.end();
    }
    QVERIFY(hits > 40);
  }

  void a_table_that_changes_is_read_again() {
    look_up("'0'");
    send(20);
    QVERIFY(start().ok());
    wait_until_landed();
    // Whatever comes later finds the row once the new version was noticed.
    const auto sees_it = [&] {
      send(1);
      const QStringList rows = found();
      return !rows.filter(QRegularExpression(" 0 0$")).isEmpty();
    };
    QTRY_VERIFY_WITH_TIMEOUT(sees_it(), 60000);
  }

  void the_newest_row_of_a_key_counts() {
    std::vector<Field> fields = {{"key", {TypeKind::int32}}, {"name", {TypeKind::varchar}}};
    const Schema rows(fields);
    fields[1].name = "value";
    fields.push_back({std::string(origin::source_time), {TypeKind::timestamp}});
    fields.push_back({std::string(origin::offset), {TypeKind::int64}});
    const auto table = std::make_shared<const Schema>(fields);
    const auto lookup = LookupStep::compile({.table = "silver.t", .on = {{"key", "key"}}}, rows, table);
    QVERIFY(lookup.ok());
    BatchBuilder builder(table), asked(std::make_shared<const Schema>(rows));
    const auto add = [&](int key, const char* value, int time, int offset) {
      builder[0].append_int32(key);
      builder[1].append_bytes(value);
      builder[2].append_int64(time);
      builder[3].append_int64(offset);
    };
    add(1, "old", 5, 9);
    add(1, "newest", 7, 1);
    add(1, "older", 6, 99);
    add(2, "first", 5, 1);
    add(2, "second", 5, 2);
    for (const int key : {1, 2, 3}) {
      asked[0].append_int32(key);
      asked[1].append_bytes("n");
    }
    asked[0].append_null();
    asked[1].append_bytes("n");
    (*lookup)->load({builder.finish()});
    const Batch found = (*lookup)->run(asked.finish());
    QCOMPARE(found.schema()->to_string(), std::string("key INTEGER, name VARCHAR, value VARCHAR"));
    QStringList values;
    for (std::int64_t row = 0; row < found.rows(); ++row) values << QString::fromStdString(found.column(2).to_text(row));
    QCOMPARE(values.join(','), QString("newest,second,,"));
    (*lookup)->load({});
    asked[0].append_int32(1);
    asked[1].append_bytes("n");
    QVERIFY((*lookup)->run(asked.finish()).column(2).is_null(0));
  }
};

QTEST_GUILESS_MAIN(LookupTest)
#include "lookup_test.moc"
