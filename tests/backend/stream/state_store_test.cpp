#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#ifndef _WIN32
#include <csignal>
#include <set>
#include <sys/resource.h>
#endif

#include <rocksdb/db.h>

#include "stream/outbox.h"
#include "stream/outbox_entry.h"
#include "stream/refused_rows.h"
#include "record/batch_builder.h"

using namespace penstock;

namespace {

std::unique_ptr<StateStore> open(const QTemporaryDir& folder) {
  auto store = StateStore::open(folder.filePath("state").toStdString(), {});
  if (!store.ok()) qFatal("%s", store.error().to_string().c_str());
  return std::move(*store);
}

Batch rows(std::initializer_list<int> numbers) {
  BatchBuilder builder(std::make_shared<const Schema>(std::vector<Field>{{"n", {TypeKind::int32}}}));
  for (const int number : numbers) builder[0].append_int32(number);
  return builder.finish();
}

std::vector<int> numbers(const std::vector<SinkEpoch>& epochs) {
  std::vector<int> all;
  for (const SinkEpoch& epoch : epochs)
    for (const Batch& batch : epoch.rows)
      for (std::int64_t row = 0; row < batch.rows(); ++row) all.push_back(batch.column(0).int32(row));
  return all;
}

void add(Outbox& outbox, StateStore& state, std::int64_t epoch, std::initializer_list<int> values) {
  StateWrite write;
  outbox.stage("table", {.epoch = epoch, .rows = {rows(values)}}, write);
  QVERIFY(state.write(write, true).ok());
  outbox.publish(0);
}

}  // namespace

#ifndef _WIN32
namespace {

// While it lives no file of this process grows: a write is refused, as on a disk that has had enough.
class NoFileGrows {
 public:
  NoFileGrows() {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoFileGrows() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

}  // namespace
#endif

class StateStoreTest : public QObject {
  Q_OBJECT
 private slots:
  void its_id_is_made_once_and_stays() {
    QTemporaryDir folder;
    const std::string id = open(folder)->id();
    QCOMPARE(id.size(), 32u);
    QCOMPARE(open(folder)->id(), id);
  }

  void a_second_opener_is_told_that_it_is_held() {
    QTemporaryDir folder;
    const auto first = open(folder);
    const auto second = StateStore::open(folder.filePath("state").toStdString(), {});
    QVERIFY(!second.ok());
    QCOMPARE(second.error().kind, ErrorKind::failed_precondition);
  }

  void a_disk_that_refuses_is_told_once_and_the_store_takes_nothing_more() {
#ifdef _WIN32
    QSKIP("there is no limit to set on the size of files");
#else
    QTemporaryDir folder;
    std::vector<ErrorKind> told;
    StateStore::Options options;
    options.failed = [&](const Error& error) { told.push_back(error.kind); };
    {
      auto store = StateStore::open(folder.filePath("state").toStdString(), options);
      QVERIFY(store.ok());
      StateWrite kept, refused, later;
      kept.put("a", "1");
      refused.put("a", "2");
      later.put("a", "3");
      QVERIFY((*store)->write(kept, true).ok());
      QVERIFY(told.empty());
      {
        const NoFileGrows full;
        QCOMPARE((*store)->write(refused, true).error().kind, ErrorKind::io);
      }
      QCOMPARE((*store)->write(later, true).error().kind, ErrorKind::failed_precondition);
      QCOMPARE(told, std::vector<ErrorKind>{ErrorKind::io});
    }
    const auto value = open(folder)->get("a");
    QVERIFY(value.ok());
    QCOMPARE(**value, std::string("1"));
#endif
  }

  void keys_sort_as_their_numbers() {
    std::string previous;
    for (const std::int64_t number : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, std::int64_t{256}, INT64_MAX}) {
      std::string key;
      append_key(number, key);
      QVERIFY(previous.empty() || previous < key);
      QCOMPARE(read_key(key), number);
      previous = key;
    }
  }

  void an_outbox_comes_back_after_a_restart() {
    QTemporaryDir folder;
    {
      const auto state = open(folder);
      Outbox outbox(*state, 1 << 20);
      outbox.add_sink("table");
      add(outbox, *state, 1, {1, 2});
      add(outbox, *state, 2, {3});
      add(outbox, *state, 3, {4});
      QVERIFY(outbox.trim("table", 1).ok());
    }
    const auto state = open(folder);
    Outbox outbox(*state, 1 << 20);
    outbox.add_sink("table");
    QVERIFY(outbox.restore(0).ok());
    QCOMPARE(outbox.waiting("table").rows, 2);
    QCOMPARE(numbers(*outbox.take("table", INT64_MAX)), (std::vector<int>{3, 4}));
  }

  void rows_beyond_the_memory_are_read_back_from_the_state() {
    QTemporaryDir folder;
    const auto state = open(folder);
    Outbox outbox(*state, 1);
    outbox.add_sink("table");
    add(outbox, *state, 1, {1});
    add(outbox, *state, 2, {2});
    QCOMPARE(numbers(*outbox.take("table", INT64_MAX)), (std::vector<int>{1, 2}));
    QCOMPARE(outbox.take("table", 1)->size(), 1u);
  }

  void many_small_epochs_that_are_read_back_keep_their_rows() {
    QTemporaryDir folder;
    const auto state = open(folder);
    Outbox outbox(*state, 1);
    outbox.add_sink("table");
    for (int i = 1; i <= 40; ++i) add(outbox, *state, i, {i});
    // From here on with another column.
    BatchBuilder wider(std::make_shared<const Schema>(std::vector<Field>{{"n", {TypeKind::int32}}, {"text", {TypeKind::varchar}}}));
    wider[0].append_int32(41);
    wider[1].append_bytes("more");
    StateWrite write;
    outbox.stage("table", {.epoch = 41, .rows = {wider.finish()}}, write);
    QVERIFY(state->write(write, true).ok());
    outbox.publish(0);

    const auto epochs = outbox.take("table", INT64_MAX);
    QVERIFY(epochs.ok());
    QCOMPARE(epochs->size(), 41u);
    for (int i = 1; i <= 41; ++i) {
      const SinkEpoch& epoch = (*epochs)[static_cast<std::size_t>(i - 1)];
      QCOMPARE(epoch.epoch, i);
      QCOMPARE(epoch.rows.size(), 1u);
      QCOMPARE(epoch.rows[0].rows(), 1);
      QCOMPARE(epoch.rows[0].column(0).int32(0), i);
    }
    QCOMPARE(QByteArray(epochs->back().rows[0].column(1).bytes(0).data(), 4), "more");
  }

  void each_sink_commits_at_a_time_of_its_own() {
    constexpr std::int64_t flush = 10'000'000;
    constexpr std::int64_t oldest = 1'790'000'000'123'456;
    std::set<std::int64_t> seconds;
    for (int i = 0; i < 100; ++i) {
      const std::string sink = "silver.delta.table_" + std::to_string(i);
      const std::int64_t due = commit_time(sink, oldest, flush);
      QVERIFY(due > oldest && due <= oldest + flush);
      QCOMPARE(commit_time(sink, due, flush), due + flush);
      seconds.insert((due - oldest) / 1'000'000);
    }
    QCOMPARE(seconds.size(), 10u);
    QCOMPARE(commit_time("any", oldest, 0), oldest);
  }

  void the_fullest_sink_is_named_when_the_limit_is_reached() {
    QTemporaryDir folder;
    const auto state = open(folder);
    Outbox outbox(*state, 1 << 20);
    outbox.add_sink("table");
    outbox.add_sink("idle");
    QCOMPARE(outbox.holder(1), "");
    add(outbox, *state, 1, {1});
    QCOMPARE(outbox.holder(1), "table");
    QCOMPARE(outbox.holder(outbox.bytes() + 1), "");
  }

  void refused_rows_are_left_out_of_a_retry_and_wait_for_dead_letters() {
    QTemporaryDir folder;
    std::vector<SinkEpoch> epochs = {{.epoch = 5, .rows = {rows({10, 11}), rows({12})}}};
    {
      const auto state = open(folder);
      QVERIFY(record_refused(*state, "table", epochs, {{5, 1, "too large"}}).ok());
      QVERIFY(record_refused(*state, "table", epochs, {{5, 2, "too small"}}).ok());
    }
    const auto state = open(folder);
    QVERIFY(leave_out_refused(*state, "table", epochs).ok());
    QCOMPARE(numbers(epochs), (std::vector<int>{10}));
    const auto waiting = waiting_refused(*state);
    QVERIFY(waiting.ok());
    QCOMPARE(waiting->size(), 2u);
    QCOMPARE(waiting->at(0).reasons, (std::vector<std::string>{"too large"}));
    QCOMPARE(waiting->at(0).rows.column(0).int32(0), 11);
    QCOMPARE(waiting->at(1).reasons, (std::vector<std::string>{"too small"}));
    QCOMPARE(waiting->at(1).rows.column(0).int32(0), 12);
    StateWrite write;
    for (const RefusedRows& refused : *waiting) erase_waiting_refused(refused, write);
    QVERIFY(state->write(write, true).ok());
    QVERIFY(waiting_refused(*state)->empty());
  }

  // A row that is refused in a retry is another one than that which stood there before some were left out.
  void a_row_refused_in_a_retry_keeps_its_place_among_all() {
    QTemporaryDir folder;
    const auto state = open(folder);
    const std::vector<SinkEpoch> whole = {{.epoch = 5, .rows = {rows({10, 11, 12, 13})}}};
    QVERIFY(record_refused(*state, "table", whole, {{5, 0, "too large"}}).ok());
    std::vector<SinkEpoch> again = whole;
    QVERIFY(leave_out_refused(*state, "table", again).ok());
    QCOMPARE(again[0].left_out, std::vector<std::int64_t>{0});
    QVERIFY(record_refused(*state, "table", again, {{5, 1, "too small"}}).ok());
    std::vector<SinkEpoch> third = whole;
    QVERIFY(leave_out_refused(*state, "table", third).ok());
    QCOMPARE(numbers(third), (std::vector<int>{11, 13}));
    QCOMPARE(third[0].left_out, (std::vector<std::int64_t>{0, 2}));
    QCOMPARE(waiting_refused(*state)->at(1).rows.column(0).int32(0), 12);
  }

  void an_outbox_from_before_it_had_a_family_is_moved_there() {
    QTemporaryDir folder;
    std::string key = "out/table/";
    append_key(7, key);
    const std::string stored = encode_epoch({.epoch = 7, .rows = {rows({1, 2})}});
    {
      rocksdb::Options options;
      options.create_if_missing = true;
      rocksdb::DB* made = nullptr;
      QVERIFY(rocksdb::DB::Open(options, folder.filePath("state").toStdString(), &made).ok());
      const std::unique_ptr<rocksdb::DB> db(made);
      QVERIFY(db->Put({}, key, stored).ok());
      QVERIFY(db->Put({}, "position/source", "5").ok());
    }
    for (int start = 0; start < 2; ++start) {
      const auto state = open(folder);
      QCOMPARE(*state->get("position/source"), std::optional<std::string>("5"));
      Outbox outbox(*state, 1 << 20);
      outbox.add_sink("table");
      QVERIFY(outbox.restore(0).ok());
      QCOMPARE(numbers(*outbox.take("table", 1 << 20)), (std::vector<int>{1, 2}));
    }
  }

  // They stand in files of their own kind. What stays among what goes does not keep those.
  void large_values_come_back_and_leave_no_files() {
    QTemporaryDir folder;
    const std::string large(1 << 20, 'x'), kept(8 << 10, 'k');
    const auto key = [](int number) { return "out/table/" + std::to_string(number); };
    const auto kept_key = [](int number) { return "step/silver/dedupe/" + std::to_string(number); };
    {
      const auto state = open(folder);
      for (int number = 0; number < 40; ++number) {
        StateWrite write;
        write.put(key(number), large + std::to_string(number));
        write.put(kept_key(number), kept);
        if (number > 0) write.erase(key(number - 1));
        QVERIFY(state->write(write, true).ok());
      }
    }
    const auto state = open(folder);
    QCOMPARE(*state->get(key(39)), std::optional<std::string>(large + "39"));
    QCOMPARE(*state->get(key(38)), std::optional<std::string>());
    for (int number = 0; number < 40; ++number) QCOMPARE(*state->get(kept_key(number)), std::optional(kept));
    const auto bytes_of_blobs = [&] {
      qint64 bytes = 0;
      for (const QFileInfo& file : QDir(folder.filePath("state")).entryInfoList({"*.blob"})) bytes += file.size();
      return bytes;
    };
    QTRY_VERIFY2(bytes_of_blobs() < 20 << 20, qPrintable(QString::number(bytes_of_blobs())));
  }
};

QTEST_APPLESS_MAIN(StateStoreTest)
#include "state_store_test.moc"
