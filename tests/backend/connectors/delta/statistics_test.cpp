#include "connectors/delta/statistics.h"

#include <QTest>

#include "connectors/delta/housekeeping.h"
#include "connectors/delta/replacement.h"

using namespace penstock;

namespace {

const std::string kStatistics =
    R"({"numRecords":3,"minValues":{"_offset":10,"_partition":1,"_source":"orders","at":"2026-11-20T14:32:07.250Z"},)"
    R"("maxValues":{"_offset":19,"_partition":2,"_source":"sales","at":"2026-11-20T14:32:08.000Z"},"nullCount":{}})";

std::optional<std::int64_t> least_time(const std::string& time) {
  return delta::time_range("{\"minValues\":{\"at\":\"" + time + "\"}}", "at").least;
}

bool may_hold(const std::string& statistics, const Replacement& replacement) {
  return delta::may_hold({.path = "f", .statistics = statistics}, replacement);
}

Replacement offsets(const char* source, int partition, std::int64_t from, std::int64_t until) {
  return {.column = "_offset", .source = source, .partition = partition, .from = from, .until = until};
}

}  // namespace

class StatisticsTest : public QObject {
  Q_OBJECT

 private slots:
  void rangesOfOneColumn() {
    QCOMPARE(delta::row_count(kStatistics).value(), 3);
    QCOMPARE(delta::integer_range(kStatistics, "_offset").most.value(), 19);
    QVERIFY(!delta::integer_range(kStatistics, "missing").least);
    QVERIFY(!delta::integer_range("not json", "_offset").least);
    QCOMPARE(delta::time_range(kStatistics, "at").most.value(), 1'795'185'128'000'999);   // may have been cut to the millisecond
    QVERIFY(!delta::text_range(R"({"maxValues":{"s":"abcdefghijklmnopqrstuvwxyzabcdef"}})", "s").most);
  }

  void aTimeThatIsNotUnderstoodIsNoBound() {
    QCOMPARE(least_time("2026-11-20 14:32:07.123456+00:00").value(), 1'795'185'127'123'456);
    QCOMPARE(least_time("1969-12-31T23:59:59.999").value(), -1'000);   // no zone: UTC
    for (const char* text : {"", "yesterday", "2026-13-01T00:00:00Z"}) QVERIFY2(!least_time(text), text);
  }

  void onlyFilesThatCanHoldTheRangeAreCandidates() {
    QVERIFY(may_hold(kStatistics, offsets("sales", 1, 19, 30)));
    QVERIFY(!may_hold(kStatistics, offsets("sales", 1, 20, 30)));
    QVERIFY(!may_hold(kStatistics, offsets("sales", 1, 0, 10)));
    QVERIFY(!may_hold(kStatistics, offsets("sales", 3, 10, 20)));
    QVERIFY(!may_hold(kStatistics, offsets("zebra", 1, 10, 20)));
    QVERIFY(may_hold("", offsets("zebra", 9, 0, 1)));
    QVERIFY(may_hold(kStatistics, {.column = "at", .from = 1'795'185'128'000'500, .until = 1'795'185'129'000'000}));
    QVERIFY(!may_hold(kStatistics, {.column = "at", .from = 1'795'185'128'001'000, .until = 1'795'185'129'000'000}));
  }

  void textInAConditionIsQuoted() {
    QCOMPARE(delta::sql_condition(offsets("o'clock", 1, 2, 3)),
             std::string(R"("_source" = 'o''clock' AND "_partition" = 1 AND "_offset" >= 2 AND "_offset" < 3)"));
  }

  void retentionPropertiesAreIntervals() {
    using namespace std::chrono_literals;
    QVERIFY(delta::parse_interval("", 5ms) == 5ms);
    QVERIFY(delta::parse_interval("interval 7 days", 5ms) == 168h);
    QVERIFY(delta::parse_interval("interval 1 week", 5ms) == 168h);
    QVERIFY(delta::parse_interval("interval 30 minutes", 5ms) == 30min);
    for (const char* text : {"7 days", "interval days", "interval 7 moons", "interval 1 day 2 hours", "interval -1 day"}) QVERIFY2(!delta::parse_interval(text, 5ms), text);
  }
};

QTEST_APPLESS_MAIN(StatisticsTest)
#include "statistics_test.moc"
