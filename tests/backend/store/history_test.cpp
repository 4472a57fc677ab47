#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "store/history.h"

using namespace penstock;

namespace {
constexpr std::int64_t kSecond = 1'000'000;
const Timestamp kStart = from_micros(1'763'640'000'000'000);
const std::string kRate = "pipeline/sales/rows_per_second";
}  // namespace

class HistoryTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::string path() { return folder_.filePath(QString(QTest::currentTestFunction()) + ".db").toStdString(); }

  // One value a second: its number since kStart.
  static void write(History& history, ManualClock& clock, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      const std::int64_t now = to_micros(clock.now());
      QVERIFY(history.write(now, {{kRate, static_cast<double>((now - to_micros(kStart)) / kSecond)}}).ok());
      clock.advance(std::chrono::seconds(1));
    }
  }

 private slots:
  void seconds_come_back_as_written_and_holes_stay_holes() {
    ManualClock clock(kStart);
    auto history = std::move(History::open(path(), clock).value());
    write(*history, clock, 3);
    clock.advance(std::chrono::seconds(2));
    write(*history, clock, 25);
    const std::int64_t from = to_micros(kStart);
    const auto read = history->read({kRate, "pipeline/none/rows_per_second"}, from, from + 30 * kSecond, 0);
    QVERIFY(read.ok());
    const Series& series = (*read)[0];
    QCOMPARE(series.at.size(), std::size_t{30});
    QCOMPARE(series.at[1] - series.at[0], kSecond);
    QCOMPARE(series.at[0], from);
    QCOMPARE(series.value[2], 2.0);
    QVERIFY(std::isnan(series.value[3]));
    QVERIFY(std::isnan(series.value[4]));
    QCOMPARE(series.value[5], 5.0);
    QCOMPARE(series.value[29], 29.0);           // not in the file yet
    QCOMPARE((*read)[1].value.size(), std::size_t{30});
    QVERIFY(std::isnan((*read)[1].value[29]));
  }

  void fewer_points_are_means() {
    ManualClock clock(kStart);
    auto history = std::move(History::open(path(), clock).value());
    write(*history, clock, 60);
    const std::int64_t from = to_micros(kStart);
    const auto read = history->read({kRate}, from, from + 60 * kSecond, 6);
    QCOMPARE((*read)[0].value.size(), std::size_t{6});
    QCOMPARE((*read)[0].value[0], 4.5);
    QCOMPARE((*read)[0].value[5], 54.5);
    QCOMPARE(history->read({kRate}, from, from, 6).error().kind, ErrorKind::invalid_argument);
  }

  void charts_survive_a_restart() {
    ManualClock clock(kStart);
    {
      auto history = std::move(History::open(path(), clock).value());
      write(*history, clock, 17);
    }
    auto history = std::move(History::open(path(), clock).value());
    const auto read = history->read({kRate}, to_micros(kStart), to_micros(kStart) + 17 * kSecond, 0);
    QCOMPARE((*read)[0].value[16], 16.0);
  }

  void an_hour_later_ten_seconds_are_one_value_a_day_later_a_minute_and_after_90_days_nothing() {
    ManualClock clock(kStart);
    auto history = std::move(History::open(path(), clock).value());
    write(*history, clock, 20);
    clock.advance(std::chrono::minutes(70));
    write(*history, clock, 20);
    const std::int64_t from = to_micros(kStart);
    auto read = history->read({kRate}, from, from + 20 * kSecond, 0);
    QCOMPARE((*read)[0].at.size(), std::size_t{2});
    QCOMPARE((*read)[0].value[0], 4.5);
    QCOMPARE((*read)[0].value[1], 14.5);
    clock.advance(std::chrono::hours(24));
    write(*history, clock, 20);
    const std::int64_t minute = from / (60 * kSecond) * 60 * kSecond;
    read = history->read({kRate}, minute, minute + 120 * kSecond, 0);
    QCOMPARE((*read)[0].at.size(), std::size_t{2});
    QCOMPARE((*read)[0].at[1] - (*read)[0].at[0], 60 * kSecond);
    QCOMPARE((*read)[0].value[0], 9.5);
    QVERIFY(std::isnan((*read)[0].value[1]));
    // Of a longer range the newest part is still as dense as it was: it is one mean all the same.
    read = history->read({kRate}, minute, to_micros(clock.now()), 2'000);
    QCOMPARE((*read)[0].value[0], 9.5);
    QVERIFY(!std::isnan((*read)[0].value.back()));
    clock.advance(std::chrono::hours(24 * 90));
    write(*history, clock, 20);
    read = history->read({kRate}, minute, minute + 120 * kSecond, 0);
    QVERIFY(std::isnan((*read)[0].value[0]));
  }

  void what_changed_within_a_second_of_a_restart_stays_at_its_place_in_ninety_days() {
    ManualClock clock(kStart);
    for (int life = 0; life < 3; ++life) {
      auto history = std::move(History::open(path(), clock).value());
      write(*history, clock, 20);
      clock.advance(std::chrono::hours(25));
      write(*history, clock, 20);
      clock.advance(std::chrono::minutes(30));
    }
    auto history = std::move(History::open(path(), clock).value());
    const auto read = history->read({kRate}, to_micros(kStart), to_micros(clock.now()), 10'000);
    const std::vector<double>& values = (*read)[0].value;
    QCOMPARE(std::count_if(values.begin(), values.end(), [](double value) { return !std::isnan(value); }), 6);
  }

  void names_are_found_by_how_they_begin_and_numbers_stand_in_their_order() {
    ManualClock clock(kStart);
    auto history = std::move(History::open(path(), clock).value());
    std::vector<SeriesSample> samples{{"pipeline/sales/behind_rows", 1}, {"partition/sales2/pos/0/behind_rows", 1}};
    for (const int partition : {10, 9, 0}) samples.push_back({"partition/sales/pos/" + std::to_string(partition) + "/behind_rows", 1});
    QVERIFY(history->write(to_micros(clock.now()), samples).ok());
    const std::vector<std::string> expected{"partition/sales/pos/0/behind_rows", "partition/sales/pos/9/behind_rows", "partition/sales/pos/10/behind_rows"};
    QCOMPARE(history->names("partition/sales/").value(), expected);         // not in the file yet
    clock.advance(std::chrono::seconds(20));
    QVERIFY(history->write(to_micros(clock.now()), {samples[0]}).ok());
    QCOMPARE(history->names("partition/sales/").value(), expected);
    QVERIFY(history->names("nothing/").value().empty());
  }

  void the_file_may_be_deleted_while_it_is_open() {
    ManualClock clock(kStart);
    auto history = std::move(History::open(path(), clock).value());
    write(*history, clock, 20);
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
    write(*history, clock, 20);
    QVERIFY(std::filesystem::exists(path()));
    const auto read = history->read({kRate}, to_micros(kStart), to_micros(kStart) + 40 * kSecond, 0);
    QVERIFY(read.ok());
    QVERIFY(std::isnan((*read)[0].value[0]));
    QCOMPARE((*read)[0].value[39], 39.0);
  }

  void a_damaged_file_is_begun_anew() {
    std::ofstream(path()) << std::string(4'096, 'x');
    ManualClock clock(kStart);
    auto history = History::open(path(), clock);
    QVERIFY(history.ok());
    write(**history, clock, 11);
    QCOMPARE((**history).read({kRate}, to_micros(kStart), to_micros(clock.now()), 0)->front().value[10], 10.0);
  }
};

QTEST_APPLESS_MAIN(HistoryTest)
#include "history_test.moc"
