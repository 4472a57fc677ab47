#include "stream/session_state.h"

#include <QTemporaryDir>
#include <QTest>

using namespace penstock;

namespace {

constexpr std::int64_t second = 1'000'000;

const SchemaPtr schema = [] {
  std::vector<Field> fields = {{"n", {TypeKind::int32}}, {"user", {TypeKind::varchar}}, {"at", {TypeKind::timestamp}}};
  fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
  return std::make_shared<const Schema>(std::move(fields));
}();

struct Row {
  int n = 0;
  std::string user;
  std::int64_t at = 0;       // seconds; negative: NULL
  int partition = 0;
};

Batch batch(const std::vector<Row>& rows) {
  BatchBuilder builder(schema);
  for (const Row& row : rows) {
    builder[0].append_int32(row.n);
    builder[1].append_bytes(row.user);
    if (row.at < 0) builder[2].append_null(); else builder[2].append_int64(row.at * second);
    builder[3].append_bytes("web");
    builder[4].append_int32(row.partition);
    builder[5].append_int64(row.n);
    builder[6].append_int64(0);
    builder[7].append_int64(0);
  }
  return builder.finish();
}

// Pauses of at most 60 s, rows at most 10 s out of order.
SessionState::Options options() {
  return {"step/s/window/", schema, 2, {1}, 60 * second, {.lateness_micros = 10 * second, .idle_timeout_micros = 30 * second, .idle_advance = true}};
}

// "start-end: n n", in seconds.
QStringList text(const std::vector<SessionState::Session>& sessions) {
  QStringList all;
  for (const auto& session : sessions) {
    QString line = QString::number(session.start / second) + "-" + QString::number(session.end / second) + ":";
    for (const Batch& rows : session.rows)
      for (std::int64_t row = 0; row < rows.rows(); ++row) line += " " + QString::number(rows.column(0).int32(row));
    all << line;
  }
  return all;
}

std::unique_ptr<StateStore> open(const QTemporaryDir& folder) {
  auto store = StateStore::open(folder.filePath("state").toStdString(), {});
  if (!store.ok()) qFatal("%s", store.error().to_string().c_str());
  return std::move(*store);
}

void log(SessionState& state, StateStore& store) {
  StateWrite write;
  state.log(write);
  if (!store.write(write, true).ok()) qFatal("the state cannot be written");
}

int values(const StateStore& store) {
  int count = 0;
  for (const char* below : {"rows/", "dead/"})
    if (!store.scan(std::string("step/s/window/") + below, [&](auto, auto) -> Status { ++count; return {}; }).ok()) qFatal("the state cannot be read");
  return count;
}

}  // namespace

class SessionStateTest : public QObject {
  Q_OBJECT
 private slots:
  void a_session_ends_a_gap_after_its_last_row() {
    SessionState state(options());
    state.add(batch({{1, "a", 0}, {2, "a", 60}, {3, "b", 61}, {4, "a", 130}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList());      // the watermark is at 120, where a row could still join the first
    state.add(batch({{5, "b", 131}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"0-120: 1 2"}));
    state.add(batch({{6, "c", 132}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"61-121: 3"}));
    QCOMPARE(state.open_rows(), 3);
    QCOMPARE(text(state.close(0, true)), QStringList({"130-190: 4", "131-191: 5", "132-192: 6"}));
    QCOMPARE(state.open_rows(), 0);
  }

  void a_row_between_sessions_makes_one_of_them() {
    SessionState::Options late = options();
    late.watermark.lateness_micros = 300 * second;
    SessionState state(late);
    state.add(batch({{1, "a", 100}, {2, "a", 200}, {3, "a", 10}, {4, "b", 150}}), 0);
    QCOMPARE(text(state.open_sessions(10)), QStringList({"10-70: 3", "100-160: 1", "150-210: 4", "200-260: 2"}));
    state.add(batch({{5, "a", 150}, {6, "a", 55}}), 0);
    QCOMPARE(text(state.open_sessions(1)), QStringList({"150-210: 4"}));
    QCOMPARE(text(state.close(0, true)), QStringList({"150-210: 4", "10-260: 3 6 1 5 2"}));
  }

  void a_row_is_late_when_a_session_of_its_own_would_have_ended() {
    SessionState state(options());
    state.watermark().add_partition({"web", 1}, 0);
    const auto assigned = state.add(batch({{1, "a", 100}, {2, "a", 31}, {3, "a", 30}, {4, "a", 30, 1}, {5, "a", -1}}), 0);
    QCOMPARE(assigned.late, (std::vector<std::int64_t>{2}));
    QCOMPARE(assigned.without_time, (std::vector<std::int64_t>{4}));
    QCOMPARE(assigned.accepted, 3);
    // The second partition falls silent, and the first goes on.
    state.add(batch({{6, "a", 300}}), 40 * second);
    QCOMPARE(text(state.close(40 * second, false)), QStringList({"30-91: 2 4", "100-160: 1"}));
    QCOMPARE(state.add(batch({{7, "a", 100, 1}}), 41 * second).late_by_idle, (std::vector<std::int64_t>{0}));
    QCOMPARE(state.add_redriven(batch({{8, "a", 90}, {9, "a", 290}})).closed_rows, (std::vector<std::int64_t>{0}));
    QCOMPARE(text(state.close(41 * second, true)), QStringList({"290-360: 6 9"}));
  }

  void open_sessions_survive_a_restart_and_closed_ones_stay_closed() {
    QTemporaryDir folder;
    const auto store = open(folder);
    {
      SessionState state(options());
      // One entry holds rows of a session that closes and of one that stays.
      state.add(batch({{1, "a", 0}, {2, "b", 65}, {3, "b", 72}}), 0);
      log(state, *store);
      state.add(batch({{4, "b", 80}}), 0);
      QCOMPARE(text(state.close(0, false)), QStringList({"0-60: 1"}));
      log(state, *store);
      QCOMPARE(values(*store), 3);
    }
    SessionState state(options());
    QVERIFY(state.restore(*store, 0).ok());
    QCOMPARE(state.open_rows(), 3);
    QCOMPARE(text(state.open_sessions(10)), QStringList({"65-140: 2 3 4"}));
    QCOMPARE(state.add(batch({{5, "a", 10}}), 0).late.size(), 1u);
    state.add(batch({{6, "a", 151}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"65-140: 2 3 4"}));
    log(state, *store);
    QCOMPARE(values(*store), 1);
  }

  // A session that goes on for ever does not hold on to all that came beside it.
  void rows_of_closed_sessions_do_not_pile_up() {
    QTemporaryDir folder;
    const auto store = open(folder);
    SessionState state(options());
    for (int epoch = 0; epoch < 40; ++epoch) {
      std::vector<Row> rows{{epoch, "for ever", epoch * 50}};
      for (int i = 0; i < 5000; ++i) rows.push_back({i, "u" + std::to_string(epoch) + "-" + std::to_string(i), epoch * 50});
      state.add(batch(rows), 0);
      state.close(0, false);
      log(state, *store);
    }
    std::size_t bytes = 0;
    QVERIFY(store->scan("step/s/window/rows/", [&](auto, std::string_view value) -> Status { bytes += value.size(); return {}; }).ok());
    QVERIFY2(bytes < 100'000 * 80, qPrintable(QString::number(bytes)));      // 200,000 rows came
    SessionState again(options());
    QVERIFY(again.restore(*store, 0).ok());
    QCOMPARE(again.open_rows(), state.open_rows());
    QCOMPARE(text(again.open_sessions(100'000)).filter(QRegularExpression("^0-2010:")).size(), 1);
  }
};

QTEST_APPLESS_MAIN(SessionStateTest)
#include "session_state_test.moc"
