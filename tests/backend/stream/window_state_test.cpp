#include <QTemporaryDir>
#include <QTest>

#include "record/batch_builder.h"
#include "stream/window_state.h"

using namespace penstock;

namespace {

constexpr std::int64_t second = 1'000'000;

const SchemaPtr schema = [] {
  std::vector<Field> fields = {{"n", {TypeKind::int32}}, {"at", {TypeKind::timestamp}}};
  fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
  return std::make_shared<const Schema>(std::move(fields));
}();

struct Row {
  int n = 0;
  std::int64_t at = 0;       // seconds; negative: NULL
  int partition = 0;
};

Batch batch(const std::vector<Row>& rows) {
  BatchBuilder builder(schema);
  for (const Row& row : rows) {
    builder[0].append_int32(row.n);
    if (row.at < 0) builder[1].append_null(); else builder[1].append_int64(row.at * second);
    builder[2].append_bytes("pos");
    builder[3].append_int32(row.partition);
    builder[4].append_int64(row.n);
    builder[5].append_int64(row.at * second);
    builder[6].append_int64(0);
  }
  return builder.finish();
}

// In seconds.
WindowState::Options options(std::int64_t size = 60, std::int64_t every = 60) {
  return {"step/w/window/", schema, 1, WindowTimes(size * second, every * second), {.lateness_micros = 10 * second, .idle_timeout_micros = 30 * second, .idle_advance = true}};
}

// "start: n n n" per window, starts in seconds.
QStringList text(const std::vector<WindowState::Closed>& windows) {
  QStringList all;
  for (const auto& window : windows) {
    QString line = QString::number(window.start / second) + ":";
    for (const Batch& rows : window.rows)
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

}  // namespace

class WindowStateTest : public QObject {
  Q_OBJECT
 private slots:
  void a_window_closes_when_the_watermark_passes_its_end() {
    WindowState state(options());
    QCOMPARE(state.add(batch({{1, 5}, {2, 59}, {3, 60}, {4, 69}}), 0).accepted, 4);
    QCOMPARE(text(state.close(0, false)), QStringList());
    state.add(batch({{5, 70}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"0: 1 2"}));
    QCOMPARE(state.open_rows(), 3);
  }

  void a_row_is_late_when_its_own_partition_has_passed_its_window() {
    WindowState state(options());
    state.add_partition({"pos", 1}, 0);
    const auto assigned = state.add(batch({{1, 70}, {2, 5}, {3, 5, 1}}), 0);
    QCOMPARE(assigned.late, (std::vector<std::int64_t>{1}));
    QCOMPARE(assigned.accepted, 2);
    QCOMPARE(text(state.close(0, false)), QStringList());
  }

  void rows_that_an_idle_partition_brings_too_late_are_counted_apart() {
    WindowState state(options());
    state.add_partition({"pos", 1}, 0);
    state.add(batch({{1, 5}, {2, 200}}), 31 * second);
    QCOMPARE(text(state.close(31 * second, false)), QStringList({"0: 1"}));
    const auto assigned = state.add(batch({{3, 6, 1}}), 32 * second);
    QCOMPARE(assigned.late_by_idle, (std::vector<std::int64_t>{0}));
  }

  void a_row_without_time_belongs_to_no_window() {
    WindowState state(options());
    QCOMPARE(state.add(batch({{1, -1}, {2, 3}}), 0).without_time, (std::vector<std::int64_t>{0}));
  }

  void closing_all_closes_open_windows_in_order() {
    WindowState state(options());
    state.add(batch({{1, 130}, {2, 125}, {3, 190}}), 0);
    QCOMPARE(text(state.close(0, true)), QStringList({"120: 1 2", "180: 3"}));
  }

  void open_windows_and_watermarks_survive_a_restart() {
    QTemporaryDir folder;
    {
      const auto store = open(folder);
      WindowState state(options());
      for (int epoch = 1; epoch <= 3; ++epoch) {
        state.add(batch({{epoch, epoch * 30}}), 0);
        (void)state.close(0, false);
        StateWrite write;
        state.log(epoch, write);
        QVERIFY(store->write(write, true).ok());
      }
    }
    const auto store = open(folder);
    WindowState state(options());
    QVERIFY(state.restore(*store, 0).ok());
    QCOMPARE(state.open_rows(), 2);
    QCOMPARE(text(state.open_windows()), QStringList({"60: 2 3"}));
    QCOMPARE(state.add(batch({{9, 1}}), 0).late.size(), 1u);
    state.add(batch({{10, 131}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"60: 2 3"}));
    StateWrite write;
    state.log(4, write);
    QVERIFY(store->write(write, true).ok());
    int logged = 0;
    QVERIFY(store->scan("step/w/window/rows/", [&](auto, auto) -> Status { ++logged; return {}; }).ok());
    QCOMPARE(logged, 1);
  }

  void redriven_rows_of_closed_windows_are_told_by_their_start() {
    WindowState state(options());
    state.add(batch({{1, 5}, {2, 200}}), 0);
    (void)state.close(0, false);
    const auto redriven = state.add_redriven(batch({{3, 7}, {4, 8}, {5, 190}}));
    QCOMPARE(redriven.closed_windows, (std::vector<std::int64_t>{0}));
    QCOMPARE(redriven.accepted, 1);
  }

  void a_row_is_in_each_hopping_window_that_holds_its_time() {
    WindowState state(options(60, 20));
    state.add(batch({{1, 105}, {2, 125}, {3, 145}}), 0);
    QCOMPARE(text(state.open_windows()), QStringList({"60: 1", "80: 1 2", "100: 1 2 3", "120: 2 3", "140: 3"}));
    state.add(batch({{4, 155}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"60: 1", "80: 1 2"}));
    QCOMPARE(state.open_rows(), 4);      // once each
    QCOMPARE(text(state.close(0, true)), QStringList({"100: 1 2 3 4", "120: 2 3 4", "140: 3 4"}));
    QCOMPARE(state.open_rows(), 0);
  }

  void hopping_windows_need_not_be_whole_multiples_of_their_steps() {
    WindowState state(options(50, 20));
    state.add(batch({{1, 100}, {2, 109}, {3, 110}, {4, 170}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"60: 1 2", "80: 1 2 3", "100: 1 2 3"}));
    QCOMPARE(text(state.close(0, true)), QStringList({"140: 4", "160: 4"}));
  }

  void a_row_that_comes_after_some_of_its_windows_goes_into_the_others() {
    WindowState state(options(60, 20));
    state.add(batch({{1, 105}, {2, 155}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"60: 1", "80: 1"}));
    const auto assigned = state.add(batch({{3, 110}, {4, 79}}), 0);
    QCOMPARE(assigned.late, (std::vector<std::int64_t>{1}));
    QCOMPARE(assigned.accepted, 1);
    QCOMPARE(text(state.open_windows()), QStringList({"100: 1 3 2", "120: 2", "140: 2"}));
    const auto redriven = state.add_redriven(batch({{5, 95}, {6, 110}}));
    QCOMPARE(redriven.closed_windows, (std::vector<std::int64_t>{40 * second, 60 * second, 80 * second}));
    QCOMPARE(redriven.closed_rows, (std::vector<std::int64_t>{0}));
    QCOMPARE(redriven.accepted, 1);
  }

  // Nothing of a far future is walked through step by step.
  void a_clock_that_is_centuries_ahead_costs_nothing() {
    WindowState state(options(60, 20));
    state.add_partition({"pos", 1}, 0);
    state.add(batch({{1, 30}, {2, 9'000'000'000}}), 0);
    QCOMPARE(text(state.open_windows()).size(), 6);
    QCOMPARE(text(state.close(0, true)).size(), 6);
  }

  void open_hopping_windows_survive_a_restart() {
    QTemporaryDir folder;
    {
      const auto store = open(folder);
      WindowState state(options(60, 20));
      state.add(batch({{1, 105}, {2, 155}}), 0);
      (void)state.close(0, false);
      StateWrite write;
      state.log(1, write);
      QVERIFY(store->write(write, true).ok());
    }
    const auto store = open(folder);
    WindowState state(options(60, 20));
    QVERIFY(state.restore(*store, 0).ok());
    QCOMPARE(text(state.open_windows()), QStringList({"100: 1 2", "120: 2", "140: 2"}));
    state.add(batch({{3, 171}}), 0);
    QCOMPARE(text(state.close(0, false)), QStringList({"100: 1 2"}));
    StateWrite write;
    state.log(2, write);
    QVERIFY(store->write(write, true).ok());
    int logged = 0;
    QVERIFY(store->scan("step/w/window/rows/", [&](auto, auto) -> Status { ++logged; return {}; }).ok());
    QCOMPARE(logged, 2);                 // row 2 is still needed, and held back with row 1
  }
};

QTEST_APPLESS_MAIN(WindowStateTest)
#include "window_state_test.moc"
