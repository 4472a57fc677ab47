#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include "record/batch_builder.h"
#include "stream/flow.h"
#include "stream/held_rows.h"
#include "stream/join_state.h"

using namespace penstock;

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::size_t kLeft = JoinState::kLeft, kRight = JoinState::kRight;

const SchemaPtr schema = [] {
  std::vector<Field> fields = {{"key", {TypeKind::int32}}, {"n", {TypeKind::int32}}, {"at", {TypeKind::timestamp}}};
  fields.insert(fields.end(), origin::columns().begin(), origin::columns().end());
  return std::make_shared<const Schema>(std::move(fields));
}();

struct Row {
  int key = 0;               // negative: NULL
  int n = 0;
  std::int64_t at = 0;       // seconds; negative: NULL
  int partition = 0;
};

Batch batch(const std::vector<Row>& rows) {
  BatchBuilder builder(schema);
  for (const Row& row : rows) {
    if (row.key < 0) builder[0].append_null(); else builder[0].append_int32(row.key);
    builder[1].append_int32(row.n);
    if (row.at < 0) builder[2].append_null(); else builder[2].append_int64(row.at * second);
    builder[3].append_bytes("pos");
    builder[4].append_int32(row.partition);
    builder[5].append_int64(row.n);
    builder[6].append_int64(0);
    builder[7].append_int64(0);
  }
  return builder.finish();
}

JoinState::Options options(std::optional<std::int64_t> within, bool keeps_left = false, bool keeps_right = false) {
  return {"step/j/join/",
          {JoinState::SideOptions{schema, {0}, 2, keeps_left}, JoinState::SideOptions{schema, {0}, 2, keeps_right}},
          within ? std::optional(*within * second) : std::nullopt,
          {.lateness_micros = 10 * second, .idle_timeout_micros = 30 * second, .idle_advance = true}};
}

// Joins, and notes what it was told.
struct Joining {
  explicit Joining(const JoinState::Options& options) : state(options) {}

  JoinState state;
  QStringList pairs;         // "left+right", by n
  std::int64_t late = 0;
  std::int64_t matchless = 0;

  int n(std::size_t side, JoinState::RowId row) const { return state.side(side).gather(std::span(&row, 1)).column(1).int32(0); }
  Joining& add(std::size_t side, const std::vector<Row>& rows, JoinState::Coming coming = JoinState::Coming::live) {
    const auto added = state.add(side, batch(rows), coming, 0, [&](const JoinState::Pairs& found) -> Status {
      for (std::size_t i = 0; i < found.rows[kLeft].size(); ++i)
        pairs << QString("%1+%2").arg(n(kLeft, found.rows[kLeft][i])).arg(n(kRight, found.rows[kRight][i]));
      state.mark(found);
      return {};
    });
    late += static_cast<std::int64_t>(added->late.size());
    matchless += static_cast<std::int64_t>(added->matchless.size());
    return *this;
  }
  // n of the rows that are told to have no match, the left ones first.
  QStringList close(JoinState::Until until = JoinState::Until::watermark) {
    QStringList told;
    const auto rows = state.close(0, until);
    for (const std::size_t side : {kLeft, kRight})
      for (const auto row : rows[side]) told << QString::number(n(side, row));
    state.forget();
    return told;
  }
};

struct Disk {
  QTemporaryDir folder;
  std::unique_ptr<StateStore> store = std::move(StateStore::open(folder.path().toStdString(), {})).value();
  std::int64_t epoch = 0;

  void log(Joining& joining) {
    StateWrite write;
    QVERIFY(joining.state.log(++epoch, *store, write).ok());
    QVERIFY(store->write(write, false).ok());
  }
  std::int64_t values() const {
    std::int64_t count = 0;
    const Status scanned = store->scan("step/j/join/rows/", [&](std::string_view, std::string_view) -> Status {
      ++count;
      return {};
    });
    return scanned.ok() ? count : -1;
  }
};

}  // namespace

class JoinStateTest : public QObject {
  Q_OBJECT
 private slots:
  void a_pair_is_found_once_whatever_comes_first() {
    Joining joining(options(10));
    joining.add(kLeft, {{1, 1, 100}, {2, 2, 100}}).add(kRight, {{1, 11, 110}, {1, 12, 111}, {3, 13, 105}}).add(kLeft, {{3, 3, 105}, {1, 4, 115}});
    QCOMPARE(joining.pairs.join(' '), QString("1+11 3+13 4+12 4+11"));
  }

  void null_matches_nothing() {
    Joining joining(options(10));
    joining.add(kLeft, {{-1, 1, 100}, {1, 2, -1}}).add(kRight, {{-1, 11, 100}, {1, 12, 100}});
    QCOMPARE(joining.pairs, QStringList());
    QCOMPARE(joining.matchless, 3);
    Joining for_ever(options(std::nullopt));
    for_ever.add(kLeft, {{1, 2, -1}}).add(kRight, {{1, 12, 100}});
    QCOMPARE(for_ever.pairs, QStringList("2+12"));      // without a bound a time is not needed
  }

  void a_row_is_late_by_the_watermark_of_its_own_partition_and_side() {
    Joining joining(options(60));
    joining.add(kLeft, {{1, 1, 100, 0}, {1, 2, 90, 0}, {1, 3, 89, 0}, {1, 4, 50, 1}}).add(kRight, {{1, 11, 30, 0}});
    QCOMPARE(joining.late, 1);
    QCOMPARE(joining.pairs.join(' '), QString("4+11 2+11"));
  }

  void rows_without_a_match_are_told_when_the_lowest_watermark_has_passed() {
    Joining joining(options(10, true, true));
    joining.add(kLeft, {{1, 1, 100}, {2, 2, 101}, {9, 9, 131}}).add(kRight, {{1, 11, 105}, {3, 12, 105}});
    QCOMPARE(joining.close(), QStringList());             // the right side stands at 95
    joining.add(kRight, {{9, 13, 121}});                  // 111: what is of 100 is through, and had a match
    QCOMPARE(joining.close(), QStringList());
    joining.add(kRight, {{9, 14, 122}});
    QCOMPARE(joining.close(), QStringList("2"));
    joining.add(kRight, {{9, 15, 126}});
    QCOMPARE(joining.close(), QStringList("12"));
    QCOMPARE(joining.state.closed_until(), 116 * second);
    QCOMPARE(joining.state.output_watermark(), 106 * second);
    QCOMPARE(joining.close(JoinState::Until::all), QStringList());      // 9, 13, 14 and 15 match each other
  }

  void what_nothing_can_match_is_let_go() {
    Joining joining(options(10));
    for (int i = 0; i < 1000; ++i) {
      joining.add(kLeft, {{i % 7, i, i}}).add(kRight, {{i % 7, i, i}});
      joining.close();
    }
    QVERIFY2(joining.state.rows() < 200, std::to_string(joining.state.rows()).c_str());
    QVERIFY(joining.pairs.size() > 1000);
  }

  void redriven_rows_are_late_only_where_their_matches_may_have_gone() {
    Joining joining(options(10));
    joining.add(kLeft, {{1, 1, 100}}).add(kRight, {{1, 11, 100}});
    joining.close();                                      // at 90
    joining.add(kLeft, {{1, 2, 95}, {1, 3, 89}}, JoinState::Coming::redriven);
    QCOMPARE(joining.pairs.join(' '), QString("1+11 2+11"));
    QCOMPARE(joining.late, 1);
  }

  // Epochs of any size with a restart after each: the same pairs, each once, and the same rows without a match.
  void a_restart_changes_nothing() {
    const quint32 seed = QRandomGenerator::global()->generate();
    QRandomGenerator random(seed);
    for (const bool bounded : {true, false}) {
      std::vector<std::pair<std::size_t, Row>> rows;
      for (int i = 0; i < 600; ++i) rows.push_back({random.bounded(2) ? kLeft : kRight, {random.bounded(20), i, 1000 + i / 2 - random.bounded(5), random.bounded(2)}});
      const JoinState::Options how = options(bounded ? std::optional<std::int64_t>(3) : std::nullopt, bounded, bounded);
      Joining steady(how);
      QStringList steady_told, told;
      for (const auto& [side, row] : rows) {
        steady.add(side, {row});
        steady_told << steady.close();
      }
      steady_told << steady.close(JoinState::Until::all);

      Disk disk;
      auto joining = std::make_unique<Joining>(how);
      for (std::size_t i = 0; i < rows.size();) {
        for (int left = random.bounded(1, 40); left > 0 && i < rows.size(); --left, ++i) joining->add(rows[i].first, {rows[i].second});
        told << joining->close();
        disk.log(*joining);
        if (random.bounded(3) > 0) continue;
        auto next = std::make_unique<Joining>(how);
        QVERIFY(next->state.restore(*disk.store, 0).ok());
        QCOMPARE(next->state.closed_until(), joining->state.closed_until());
        next->pairs = joining->pairs;
        joining = std::move(next);
      }
      told << joining->close(JoinState::Until::all);
      for (QStringList* list : {&steady.pairs, &joining->pairs, &steady_told, &told}) list->sort();
      QVERIFY2(joining->pairs == steady.pairs, ("seed " + std::to_string(seed)).c_str());
      QVERIFY2(told == steady_told, ("seed " + std::to_string(seed)).c_str());
      QCOMPARE(told.isEmpty(), !bounded);
    }
  }

  void what_was_let_go_is_gone_from_the_state() {
    Disk disk;
    Joining joining(options(10));
    for (int i = 0; i < 300; ++i) {
      joining.add(kLeft, {{1, i, i}}).add(kRight, {{2, i, i}});
      joining.close();
      disk.log(joining);
    }
    QVERIFY2(disk.values() < 30, std::to_string(disk.values()).c_str());
  }

  void many_small_epochs_become_one_value() {
    Disk disk;
    Joining joining(options(std::nullopt));
    for (int i = 0; i < 1000; ++i) {
      joining.add(kLeft, {{i, i, i}});
      disk.log(joining);
    }
    QVERIFY2(disk.values() < 300, std::to_string(disk.values()).c_str());
    Joining restored(options(std::nullopt));
    QVERIFY(restored.state.restore(*disk.store, 0).ok());
    restored.add(kRight, {{7, 1, 0}, {999, 2, 0}});
    QCOMPARE(restored.pairs.join(' '), QString("7+1 999+2"));
  }

  void a_damaged_log_is_said() {
    Disk disk;
    Joining joining(options(std::nullopt));
    joining.add(kLeft, {{1, 1, 1}});
    disk.log(joining);
    std::string key = "step/j/join/rows/";
    append_key(disk.epoch, key);
    const auto whole = disk.store->get(key);
    QVERIFY(whole.ok() && *whole);
    for (const std::string& damaged : {(*whole)->substr(0, 9), (*whole)->substr(0, (*whole)->size() - 1), "x" + **whole}) {
      StateWrite write;
      write.put(key, damaged);
      QVERIFY(disk.store->write(write, false).ok());
      Joining restored(options(std::nullopt));
      QCOMPARE(restored.state.restore(*disk.store, 0).error().kind, ErrorKind::data_loss);
    }
  }

  // What a sink has of joined rows: both of their rows were taken, or it was told that there is no other.
  void a_sink_has_a_joined_row_where_it_had_both() {
    const HeldRows held({.positions = {{"pos", {{0, 10}}}, {"web", {{0, 5}}}}, .closed = {{"both", 100}}}, "both");
    const Batch rows = batch({{1, 9, 0}, {1, 9, 0}, {1, 10, 0}, {1, 9, 0}, {1, 9, 0}, {1, 9, 0}});
    BatchBuilder partners(partner_schema());
    const auto partner = [&](const char* source, int offset, std::int64_t closes) {
      if (source) partners[0].append_bytes(source); else partners[0].append_null();
      if (source) partners[1].append_int32(0); else partners[1].append_null();
      if (source) partners[2].append_int64(offset); else partners[2].append_null();
      partners[kPartnerCloses].append_int64(closes);
    };
    partner("web", 4, 0);          // has it
    partner("web", 5, 0);          // the other row was not taken yet
    partner("web", 4, 0);          // its own row was not
    partner(nullptr, 0, 100);      // told
    partner(nullptr, 0, 101);      // still waited
    partner(nullptr, 0, 0);        // told at once: it has a NULL
    const Batch left = held.without(rows, 101, partners.finish());
    QStringList offsets;
    for (std::int64_t row = 0; row < left.rows(); ++row) offsets << QString::number(left.find(origin::offset)->int64(row));
    QCOMPARE(offsets.join(' '), QString("9 10 9"));
  }
};

QTEST_GUILESS_MAIN(JoinStateTest)
#include "join_state_test.moc"
