#include "stream/aggregate_state.h"

#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace penstock;

namespace {

// The pane, the key, and what is kept of it.
const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"pane", {TypeKind::int64}}, {"key", {TypeKind::varchar}}, {"sum", {TypeKind::int64}}});

struct Row {
  std::string key;      // "NULL": none
  std::int64_t sum = 0;
};

Batch batch(const std::vector<Row>& rows) {
  BatchBuilder builder(schema);
  for (const Row& row : rows) {
    builder[0].append_int64(0);
    if (row.key == "NULL") builder[1].append_null(); else builder[1].append_bytes(row.key);
    builder[2].append_int64(row.sum);
  }
  return builder.finish();
}

AggregateState::Options options(std::int64_t ttl = 0) { return {"step/a/aggregate/", schema, {1}, ttl}; }

void put(AggregateState& state, const std::vector<Row>& rows, std::int64_t now = 0) { state.put(batch(rows), std::vector<bool>(rows.size(), true), now); }

// "key=sum" of those of these keys that are kept.
QStringList find(const AggregateState& state, const std::vector<std::string>& keys, std::int64_t now = 0) {
  std::vector<Row> asked;
  for (const std::string& key : keys) asked.push_back({key, 0});
  const Batch found = state.find(batch(asked), now).partials;
  QStringList texts;
  for (std::int64_t row = 0; row < found.rows(); ++row) texts << QString::fromStdString(found.column(1).to_text(row) + "=" + found.column(2).to_text(row));
  texts.sort();
  return texts;
}

std::unique_ptr<StateStore> open(const QTemporaryDir& folder) {
  auto store = StateStore::open(folder.filePath("state").toStdString(), {});
  if (!store.ok()) qFatal("%s", store.error().to_string().c_str());
  return std::move(*store);
}

void log(AggregateState& state, StateStore& store) {
  StateWrite write;
  state.log(write);
  if (!store.write(write, false).ok()) qFatal("the state cannot be written");
}

int values(const StateStore& store) {
  int count = 0;
  if (!store.scan("step/a/aggregate/", [&](auto, auto) -> Status { ++count; return {}; }).ok()) qFatal("the state cannot be read");
  return count;
}

}  // namespace

class AggregateStateTest : public QObject {
  Q_OBJECT
 private slots:
  void the_last_row_of_a_key_counts() {
    AggregateState state(options());
    QCOMPARE(find(state, {"a"}), QStringList());
    put(state, {{"a", 1}, {"b", 2}, {"NULL", 3}});
    put(state, {{"a", 4}});
    QCOMPARE(find(state, {"a", "b", "NULL", "c"}), QStringList({"=3", "a=4", "b=2"}));
    QCOMPARE(state.keys(), 3);
  }

  void what_was_given_is_known_by_key() {
    AggregateState state(options());
    state.put(batch({{"a", 1}, {"b", 2}}), {true, false}, 0);
    QCOMPARE(state.find(batch({{"b", 0}, {"a", 0}, {"c", 0}, {"a", 0}}), 0).given, (std::vector<bool>{false, true, false, true}));
  }

  void it_survives_a_restart_and_keeps_no_value_that_nobody_needs() {
    QTemporaryDir folder;
    const auto store = open(folder);
    {
      AggregateState state(options());
      put(state, {{"a", 1}, {"b", 2}});
      log(state, *store);
      put(state, {{"a", 3}});
      log(state, *store);
      QCOMPARE(values(*store), 2);
      put(state, {{"b", 4}});
      log(state, *store);
      QCOMPARE(values(*store), 2);      // nothing of the first is left
    }
    AggregateState state(options());
    QVERIFY(state.restore(*store, 0).ok());
    QCOMPARE(find(state, {"a", "b"}), QStringList({"a=3", "b=4"}));
    put(state, {{"a", 5}, {"b", 6}});
    log(state, *store);
    QCOMPARE(values(*store), 1);
    AggregateState again(options());
    QVERIFY(again.restore(*store, 0).ok());
    QCOMPARE(find(again, {"a", "b"}), QStringList({"a=5", "b=6"}));
  }

  void many_small_values_become_one() {
    QTemporaryDir folder;
    const auto store = open(folder);
    AggregateState state(options());
    for (int i = 0; i < 2000; ++i) {
      put(state, {{"k" + std::to_string(i), i}});
      log(state, *store);
    }
    QVERIFY2(values(*store) < 1100, qPrintable(QString::number(values(*store))));
    AggregateState again(options());
    QVERIFY(again.restore(*store, 0).ok());
    QCOMPARE(again.keys(), 2000);
    QCOMPARE(find(again, {"k0", "k777", "k1999"}), QStringList({"k0=0", "k1999=1999", "k777=777"}));
  }

  void overwritten_rows_do_not_pile_up() {
    QTemporaryDir folder;
    const auto store = open(folder);
    std::mt19937 random(1);
    std::map<std::string, std::int64_t> expected;
    AggregateState state(options());
    for (int epoch = 0; epoch < 300; ++epoch) {
      std::map<std::string, std::int64_t> rows;
      for (int i = 0; i < 2000; ++i) rows["k" + std::to_string(random() % 20'000)] = static_cast<std::int64_t>(random() % 1000);
      std::vector<Row> all;
      for (const auto& [key, sum] : rows) all.push_back({key, expected[key] = sum});
      put(state, all);
      log(state, *store);
    }
    std::int64_t rows = 0;
    QVERIFY(store->scan("step/a/aggregate/", [&](auto, std::string_view value) -> Status { rows += static_cast<std::int64_t>(value.size()) / 30; return {}; }).ok());
    QVERIFY2(rows < 150'000, qPrintable(QString::number(rows)));      // of 600,000 that were written
    AggregateState again(options());
    QVERIFY(again.restore(*store, 0).ok());
    QCOMPARE(again.keys(), static_cast<std::int64_t>(expected.size()));
    std::vector<std::string> keys;
    QStringList texts;
    for (const auto& [key, sum] : expected) {
      keys.push_back(key);
      texts << QString::fromStdString(key + "=" + std::to_string(sum));
    }
    texts.sort();
    QCOMPARE(find(again, keys), texts);
  }

  void a_key_without_rows_is_forgotten_after_its_time() {
    QTemporaryDir folder;
    const auto store = open(folder);
    AggregateState state(options(100));
    put(state, {{"a", 1}, {"b", 2}}, 1000);
    put(state, {{"b", 3}}, 1060);
    log(state, *store);
    QCOMPARE(find(state, {"a", "b"}, 1099), QStringList({"a=1", "b=3"}));
    QCOMPARE(find(state, {"a", "b"}, 1100), QStringList({"b=3"}));
    AggregateState again(options(100));
    QVERIFY(again.restore(*store, 1100).ok());
    QCOMPARE(again.keys(), 1);
    put(state, {{"c", 4}}, 1200);
    for (int i = 0; i < 5; ++i) log(state, *store);
    QCOMPARE(state.keys(), 1);
    QCOMPARE(values(*store), 1);
  }

  void rows_of_another_computation_are_refused() {
    QTemporaryDir folder;
    const auto store = open(folder);
    AggregateState state(options());
    put(state, {{"a", 1}});
    log(state, *store);
    auto other = options();
    other.partial = std::make_shared<const Schema>(std::vector<Field>{{"pane", {TypeKind::int64}}, {"key", {TypeKind::varchar}}});
    AggregateState fewer(other);
    const auto restored = fewer.restore(*store, 0);
    QVERIFY(!restored.ok());
    QVERIFY(restored.error().kind == ErrorKind::data_loss);
  }
};

QTEST_APPLESS_MAIN(AggregateStateTest)
#include "aggregate_state_test.moc"
