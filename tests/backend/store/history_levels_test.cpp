#include <QTemporaryDir>
#include <QTest>

#include <cmath>

#include "store/history_levels.h"

using namespace penstock;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::int64_t kStart = 20'000 * kDay;
const Migration kTables[] = {{1, "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE fine (slot INTEGER, series INTEGER, seconds BLOB);"}, {2, HistoryLevels::kTable}};

}  // namespace

class HistoryLevelsTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<HistoryLevels> levels_;

  std::vector<HistoryLevels::Mean> read(const HistoryLevel& level, std::int64_t series, std::int64_t from, std::int64_t to) {
    std::vector<HistoryLevels::Mean> found;
    if (!levels_->read(level, series, from, to, [&](std::int64_t at, double value) { found.push_back({series, at, value}); }).ok()) return {};
    return found;
  }
  std::int64_t number(const char* sql) {
    auto query = database_->query(sql);
    return query.ok() && query->next().ok() ? query->integer(0) : -1;
  }

 private slots:
  void init() {
    levels_.reset();
    auto opened = Database::open(folder_.filePath(QString(QTest::currentTestFunction()) + ".db").toStdString(), Database::Durability::normal, kTables);
    QVERIFY(opened.ok());
    database_ = std::move(opened).value();
    levels_ = std::make_unique<HistoryLevels>(*database_);
  }

  void means_come_back_where_they_were_put_and_the_rest_is_empty() {
    QVERIFY(levels_->add(kTenSeconds, {{1, kStart, 4}, {1, kStart + 20 * kSecond, 6}, {2, kStart, 9}}).ok());
    QVERIFY(levels_->add(kTenSeconds, {{1, kStart + 10 * kSecond, 5}}).ok());
    const auto found = read(kTenSeconds, 1, kStart + 5 * kSecond, kStart + kDay);
    QCOMPARE(found.size(), std::size_t{2});
    QCOMPARE(found[0].at, kStart + 10 * kSecond);
    QCOMPARE(found[0].value, 5.0);
    QCOMPARE(found[1].value, 6.0);
    QCOMPARE(read(kTenSeconds, 2, kStart, kStart + 1).size(), std::size_t{1});
    QVERIFY(read(kMinutes, 1, kStart, kStart + kDay).empty());
  }

  void a_day_later_six_of_ten_seconds_are_one_minute() {
    std::vector<HistoryLevels::Mean> hour;
    for (int i = 0; i < 360; ++i) hour.push_back({1, kStart + i * 10 * kSecond, double(i)});
    QVERIFY(levels_->add(kTenSeconds, hour).ok());
    QVERIFY(levels_->age(kStart + kDay + 1'800 * kSecond, 1 << 30).ok());
    QCOMPARE(read(kMinutes, 1, kStart, kStart + kDay).size(), std::size_t{30});
    QCOMPARE(read(kMinutes, 1, kStart, kStart + kDay)[1].value, 8.5);
    QCOMPARE(read(kTenSeconds, 1, kStart, kStart + kDay).size(), std::size_t{180});     // in one level only
    QVERIFY(levels_->age(kStart + 2 * kDay, 1 << 30).ok());
    QCOMPARE(read(kMinutes, 1, kStart, kStart + kDay).size(), std::size_t{60});
    QVERIFY(levels_->age(kStart + 91 * kDay, 1 << 30).ok());
    QVERIFY(read(kMinutes, 1, kStart, kStart + kDay).empty());
  }

  void what_never_changes_takes_little_room() {
    std::vector<HistoryLevels::Mean> hour;
    for (int i = 0; i < 60; ++i) hour.push_back({1, kStart + i * 60 * kSecond, 0});
    QVERIFY(levels_->add(kMinutes, hour).ok());
    QCOMPARE(number("SELECT length(means) FROM means"), 4);
    QCOMPARE(read(kMinutes, 1, kStart, kStart + kDay).size(), std::size_t{60});
  }

  void the_oldest_days_go_where_the_file_would_be_too_large_and_names_of_nothing_too() {
    QVERIFY(database_->run("INSERT INTO series (id, name) VALUES (1, 'kept'), (2, 'gone')").ok());
    std::vector<HistoryLevels::Mean> days;
    for (int i = 0; i < 60 * 24 * 60; ++i) days.push_back({1, kStart + i * 60 * kSecond, std::sin(i)});
    QVERIFY(levels_->add(kMinutes, days).ok());
    QVERIFY(levels_->age(kStart + 60 * kDay, 200'000).ok());
    QVERIFY(number("SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()") <= 200'000);
    QVERIFY(read(kMinutes, 1, kStart, kStart + 10 * kDay).empty());
    QCOMPARE(read(kMinutes, 1, kStart + 59 * kDay, kStart + 60 * kDay).size(), std::size_t{24 * 60});
    QCOMPARE(number("SELECT count(*) FROM series"), 1);
  }
};

QTEST_APPLESS_MAIN(HistoryLevelsTest)
#include "history_levels_test.moc"
