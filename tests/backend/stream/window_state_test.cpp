#include <QTemporaryDir>
#include <QTest>

#include "record/batch_builder.h"
#include "stream/window_state.h"

using namespace penstock;

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr auto due = WindowState::Which::due, all_of_them = WindowState::Which::all, changed = WindowState::Which::changed;

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

// A partial row is the sum of n.
const SchemaPtr sums = std::make_shared<const Schema>(std::vector<Field>{{"pane", {TypeKind::int64}}, {"n", {TypeKind::int32}}});

Batch sum(std::int64_t pane, const std::vector<Batch>& rows, std::size_t column = 0) {
  BatchBuilder builder(sums);
  int total = 0;
  for (const Batch& batch : rows)
    for (std::int64_t row = 0; row < batch.rows(); ++row) total += batch.column(column).int32(row);
  builder[0].append_int64(pane);
  builder[1].append_int32(total);
  return builder.finish();
}

void reduce(WindowState& state) {
  for (const auto& [pane, rows] : state.take_unreduced()) {
    std::int64_t count = 0;
    for (const Batch& batch : rows) count += batch.rows();
    state.add_partials(pane, sum(pane, rows), count);
  }
}

WindowState::Options with_sums(std::int64_t size = 60, std::int64_t every = 60) {
  WindowState::Options all = options(size, every);
  all.partial = sums;
  return all;
}

// "start: n | n n" per window: the rows, then the partial rows.
QStringList text_of_both(const std::vector<WindowState::Closed>& windows) {
  QStringList all = text(windows);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    all[static_cast<qsizetype>(i)] += " |";
    for (const Batch& partial : windows[i].partials)
      for (std::int64_t row = 0; row < partial.rows(); ++row) all[static_cast<qsizetype>(i)] += " " + QString::number(partial.column(1).int32(row));
  }
  return all;
}

int entries(const StateStore& store, const std::string& below) {
  int count = 0;
  if (!store.scan("step/w/window/" + below, [&](auto, auto) -> Status { ++count; return {}; }).ok()) qFatal("the state cannot be read");
  return count;
}

void log(WindowState& state, StateStore& store, std::int64_t epoch) {
  StateWrite write;
  state.log(epoch, write);
  if (!store.write(write, true).ok()) qFatal("the state cannot be written");
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
    QCOMPARE(text(state.close(0, due)), QStringList());
    state.add(batch({{5, 70}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"0: 1 2"}));
    QCOMPARE(state.open_rows(), 3);
  }

  void a_row_is_late_when_its_own_partition_has_passed_its_window() {
    WindowState state(options());
    state.add_partition({"pos", 1}, 0);
    const auto assigned = state.add(batch({{1, 70}, {2, 5}, {3, 5, 1}}), 0);
    QCOMPARE(assigned.late, (std::vector<std::int64_t>{1}));
    QCOMPARE(assigned.accepted, 2);
    QCOMPARE(text(state.close(0, due)), QStringList());
  }

  void rows_that_an_idle_partition_brings_too_late_are_counted_apart() {
    WindowState state(options());
    state.add_partition({"pos", 1}, 0);
    state.add(batch({{1, 5}, {2, 200}}), 31 * second);
    QCOMPARE(text(state.close(31 * second, due)), QStringList({"0: 1"}));
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
    QCOMPARE(text(state.close(0, all_of_them)), QStringList({"120: 1 2", "180: 3"}));
  }

  void open_windows_and_watermarks_survive_a_restart() {
    QTemporaryDir folder;
    {
      const auto store = open(folder);
      WindowState state(options());
      for (int epoch = 1; epoch <= 3; ++epoch) {
        state.add(batch({{epoch, epoch * 30}}), 0);
        (void)state.close(0, due);
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
    QCOMPARE(text(state.close(0, due)), QStringList({"60: 2 3"}));
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
    (void)state.close(0, due);
    const auto redriven = state.add_redriven(batch({{3, 7}, {4, 8}, {5, 190}}));
    QCOMPARE(redriven.closed_windows, (std::vector<std::int64_t>{0}));
    QCOMPARE(redriven.accepted, 1);
  }

  void a_row_is_in_each_hopping_window_that_holds_its_time() {
    WindowState state(options(60, 20));
    state.add(batch({{1, 105}, {2, 125}, {3, 145}}), 0);
    QCOMPARE(text(state.open_windows()), QStringList({"60: 1", "80: 1 2", "100: 1 2 3", "120: 2 3", "140: 3"}));
    state.add(batch({{4, 155}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"60: 1", "80: 1 2"}));
    QCOMPARE(state.open_rows(), 4);      // once each
    QCOMPARE(text(state.close(0, all_of_them)), QStringList({"100: 1 2 3 4", "120: 2 3 4", "140: 3 4"}));
    QCOMPARE(state.open_rows(), 0);
  }

  void hopping_windows_need_not_be_whole_multiples_of_their_steps() {
    WindowState state(options(50, 20));
    state.add(batch({{1, 100}, {2, 109}, {3, 110}, {4, 170}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"60: 1 2", "80: 1 2 3", "100: 1 2 3"}));
    QCOMPARE(text(state.close(0, all_of_them)), QStringList({"140: 4", "160: 4"}));
  }

  void a_row_that_comes_after_some_of_its_windows_goes_into_the_others() {
    WindowState state(options(60, 20));
    state.add(batch({{1, 105}, {2, 155}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"60: 1", "80: 1"}));
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
    QCOMPARE(text(state.close(0, all_of_them)).size(), 6);
  }

  void partial_rows_stand_for_the_rows_that_were_taken_out() {
    WindowState state(with_sums());
    state.add(batch({{1, 5}, {2, 6}, {3, 61}}), 0);
    QCOMPARE(state.unreduced_rows(), 3);
    QVERIFY(!state.has_partials());
    reduce(state);
    QCOMPARE(state.unreduced_rows(), 0);
    QVERIFY(state.has_partials());
    QCOMPARE(state.open_rows(), 3);
    state.add(batch({{4, 7}, {5, 62}}), 0);
    QCOMPARE(text_of_both(state.open_windows()), QStringList({"0: 4 | 3", "60: 5 | 3"}));
    reduce(state);
    QCOMPARE(text_of_both(state.close(0, all_of_them)), QStringList({"0: | 3 4", "60: | 3 5"}));
    QCOMPARE(state.open_rows(), 0);
  }

  void each_hopping_window_has_the_partial_rows_of_its_panes() {
    WindowState state(with_sums(60, 20));
    state.add(batch({{1, 105}, {2, 125}, {3, 145}}), 0);
    reduce(state);
    QCOMPARE(text_of_both(state.close(0, all_of_them)), QStringList({"60: | 1", "80: | 1 2", "100: | 1 2 3", "120: | 2 3", "140: | 3"}));
  }

  void partial_rows_survive_a_restart_and_their_rows_do_not() {
    QTemporaryDir folder;
    {
      const auto store = open(folder);
      WindowState state(with_sums());
      state.add(batch({{1, 5}, {2, 61}}), 0);
      log(state, *store, 1);
      QCOMPARE(entries(*store, "rows/"), 1);
      state.add(batch({{3, 6}}), 0);
      reduce(state);
      log(state, *store, 2);
      QCOMPARE(entries(*store, "rows/"), 0);
      QCOMPARE(entries(*store, "partial/"), 2);
      state.add(batch({{4, 7}}), 0);
      log(state, *store, 3);
    }
    const auto store = open(folder);
    WindowState state(with_sums());
    QVERIFY(state.restore(*store, 0).ok());
    QCOMPARE(state.open_rows(), 4);
    QCOMPARE(text_of_both(state.open_windows()), QStringList({"0: 4 | 4", "60: | 2"}));
    reduce(state);
    log(state, *store, 4);
    QCOMPARE(entries(*store, "rows/"), 0);
    QCOMPARE(entries(*store, "partial/"), 3);
    state.add(batch({{5, 71}}), 0);
    QCOMPARE(text_of_both(state.close(0, due)), QStringList({"0: | 4 4"}));
    log(state, *store, 5);
    QCOMPARE(entries(*store, "partial/"), 1);
  }

  void rows_that_come_after_others_were_reduced_in_their_epoch_are_logged() {
    QTemporaryDir folder;
    const auto store = open(folder);
    WindowState state(with_sums());
    state.add(batch({{1, 5}}), 0);
    reduce(state);
    state.add(batch({{2, 6}, {3, 61}}), 0);
    log(state, *store, 1);
    WindowState restored(with_sums());
    QVERIFY(restored.restore(*store, 0).ok());
    QCOMPARE(text_of_both(restored.open_windows()), QStringList({"0: 2 | 1", "60: 3 |"}));
  }

  void many_partial_rows_become_few() {
    QTemporaryDir folder;
    const auto store = open(folder);
    WindowState state(with_sums());
    const auto merge = [](std::span<const Batch> all) -> Result<std::vector<Batch>> { return std::vector<Batch>{sum(0, {all.begin(), all.end()}, 1)}; };
    const Batch one = sum(0, {batch({{1, 5}})});
    const std::vector<Batch> copies(10'000, one);
    state.add_partials(0, Batch::concat(copies), 10'000);
    QVERIFY(state.merge_partials(merge).ok());
    QCOMPARE(state.open_windows().front().partials.size(), std::size_t{1});
    state.add_partials(0, Batch::concat(copies), 10'000);
    (void)state.take_unreduced();
    log(state, *store, 1);
    QCOMPARE(entries(*store, "partial/"), 2);
    QVERIFY(state.merge_partials(merge).ok());
    QCOMPARE(text_of_both(state.open_windows()), QStringList({"0: | 20000"}));
    QCOMPARE(state.open_rows(), 20'000);
    (void)state.take_unreduced();
    log(state, *store, 2);
    QCOMPARE(entries(*store, "partial/"), 1);
    WindowState restored(with_sums());
    QVERIFY(restored.restore(*store, 0).ok());
    QCOMPARE(text_of_both(restored.open_windows()), QStringList({"0: | 20000"}));
  }

  void a_late_row_brings_its_closed_window_again() {
    WindowState::Options options = ::options();
    options.update_late = 60 * second;
    WindowState state(options);
    state.add(batch({{1, 5}, {2, 70}}), 0);
    auto closed = state.close(0, due);
    QCOMPARE(text(closed), QStringList({"0: 1"}));
    QVERIFY(!closed.front().again);
    QCOMPARE(state.open_rows(), 1);
    QVERIFY(!state.closes(0, changed));
    QCOMPARE(state.add(batch({{3, 7}}), 0).accepted, 1);
    QCOMPARE(state.open_rows(), 1);              // the window is not open
    QVERIFY(state.closes(0, changed));
    closed = state.close(0, changed);
    QCOMPARE(text(closed), QStringList({"0: 1 3"}));
    QVERIFY(closed.front().again);
    QVERIFY(!state.closes(0, due));
    // 129 s: the watermark is at 119, so that the first window is kept until 120.
    state.add(batch({{4, 129}, {5, 8}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"0: 1 3 5"}));
    state.add(batch({{6, 130}}), 0);
    QCOMPARE(state.add(batch({{7, 9}}), 0).late, (std::vector<std::int64_t>{0}));
    QCOMPARE(text(state.close(0, due)), QStringList({"60: 2"}));
  }

  // The late row and what lets its window go come in the same epoch.
  void a_window_comes_again_before_it_is_gone() {
    WindowState::Options options = ::options();
    options.update_late = 60 * second;
    WindowState state(options);
    state.add(batch({{1, 5}, {2, 70}}), 0);
    (void)state.close(0, due);
    state.add(batch({{3, 7}, {4, 200}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"0: 1 3", "60: 2"}));
    QCOMPARE(text(state.close(0, all_of_them)), QStringList({"180: 4"}));
  }

  void closed_windows_that_may_change_survive_a_restart() {
    QTemporaryDir folder;
    const auto store = open(folder);
    WindowState::Options options = ::options();
    options.update_late = 60 * second;
    {
      WindowState state(options);
      state.add(batch({{1, 5}, {2, 70}}), 0);
      (void)state.close(0, due);
      log(state, *store, 1);
    }
    WindowState state(options);
    QVERIFY(state.restore(*store, 0).ok());
    QVERIFY(!state.closes(0, due));
    QCOMPARE(state.open_rows(), 1);
    state.add(batch({{3, 7}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"0: 1 3"}));
    state.add(batch({{4, 131}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"60: 2"}));
    log(state, *store, 2);
    QCOMPARE(entries(*store, "rows/"), 2);       // row 2 may still be changed, and lies with row 1
  }

  void redriven_rows_change_closed_windows_that_are_kept() {
    WindowState::Options options = ::options();
    options.update_late = 60 * second;
    WindowState state(options);
    state.add(batch({{1, 5}, {2, 70}}), 0);
    (void)state.close(0, due);
    const auto redriven = state.add_redriven(batch({{3, 7}}));
    QCOMPARE(redriven.accepted, 1);
    QVERIFY(redriven.closed_windows.empty());
    QCOMPARE(text(state.close(0, changed)), QStringList({"0: 1 3"}));
  }

  void open_windows_give_updates_where_rows_came_and_then_replace_them() {
    WindowState::Options options = ::options();
    options.updates = 1 * second;
    WindowState state(options);
    state.add(batch({{1, 5}, {2, 61}}), 0);
    auto looked = state.close(0, due);
    QCOMPARE(text(looked), QStringList({"0: 1", "60: 2"}));
    QVERIFY(looked[0].again && looked[1].again);
    state.add(batch({{3, 62}}), 0);
    QVERIFY(!state.due(second / 2));             // not yet
    QVERIFY(state.close(second / 2, due).empty());
    QVERIFY(state.due(second));
    QCOMPARE(text(state.close(second, due)), QStringList({"60: 2 3"}));
    QVERIFY(!state.due(5 * second));             // nothing is new
    state.add(batch({{4, 72}}), 5 * second);
    looked = state.close(5 * second, due);
    QCOMPARE(text(looked), QStringList({"0: 1", "60: 2 3 4"}));
    QVERIFY(looked[0].again && looked[1].again);
  }

  void partial_rows_of_another_computation_are_refused() {
    QTemporaryDir folder;
    const auto store = open(folder);
    WindowState state(with_sums());
    state.add(batch({{1, 5}}), 0);
    reduce(state);
    log(state, *store, 1);
    WindowState rows_only(options());
    const auto restored = rows_only.restore(*store, 0);
    QVERIFY(!restored.ok());
    QVERIFY(restored.error().kind == ErrorKind::data_loss);
  }

  void open_hopping_windows_survive_a_restart() {
    QTemporaryDir folder;
    {
      const auto store = open(folder);
      WindowState state(options(60, 20));
      state.add(batch({{1, 105}, {2, 155}}), 0);
      (void)state.close(0, due);
      StateWrite write;
      state.log(1, write);
      QVERIFY(store->write(write, true).ok());
    }
    const auto store = open(folder);
    WindowState state(options(60, 20));
    QVERIFY(state.restore(*store, 0).ok());
    QCOMPARE(text(state.open_windows()), QStringList({"100: 1 2", "120: 2", "140: 2"}));
    state.add(batch({{3, 171}}), 0);
    QCOMPARE(text(state.close(0, due)), QStringList({"100: 1 2"}));
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
