#include <QTest>

#include <thread>

#include <spdlog/logger.h>

#include "telemetry/log_ring.h"

using namespace penstock;

class LogRingTest : public QObject {
  Q_OBJECT

  static LogLine line(const std::string& level, const std::string& text) { return {0, 1, level, "engine", text}; }

 private slots:
  void only_the_newest_lines_are_kept() {
    LogRing ring(3);
    for (int i = 1; i <= 5; ++i) ring.add(line("info", "line " + std::to_string(i)));
    const auto lines = ring.tail({}, 10);
    QCOMPARE(lines.size(), std::size_t{3});
    QCOMPARE(lines.front().text, std::string("line 3"));
    QCOMPARE(lines.back().number, std::uint64_t{5});
  }

  void search_is_by_text_of_either_case_and_by_level() {
    LogRing ring;
    ring.add(line("debug", "Sales epoch 1"));
    ring.add(line("info", "sales started"));
    ring.add(line("error", "Sales failed"));
    QCOMPARE(ring.tail({"SALES", ""}, 10).size(), std::size_t{2});
    QCOMPARE(ring.tail({"sales", "debug"}, 10).size(), std::size_t{3});
    QCOMPARE(ring.tail({"", "error"}, 10).front().text, std::string("Sales failed"));
    QCOMPARE(ring.tail({"", ""}, 1).front().text, std::string("Sales failed"));
  }

  void follow_waits_for_a_line_that_matches() {
    LogRing ring;
    ring.add(line("info", "old"));
    std::jthread writer([&] {
      ring.add(line("info", "other"));
      ring.add(line("info", "wanted"));
    });
    std::uint64_t reached = 0;
    const auto lines = ring.follow(1, {"wanted", ""}, std::chrono::seconds(60), {}, reached);
    QCOMPARE(lines.size(), std::size_t{1});
    QCOMPARE(lines.front().text, std::string("wanted"));
    QCOMPARE(reached, std::uint64_t{3});
  }

  void follow_ends_when_asked_to_stop() {
    LogRing ring;
    std::stop_source stop;
    stop.request_stop();
    std::uint64_t reached = 7;
    QVERIFY(ring.follow(0, {}, std::chrono::minutes(10), stop.get_token(), reached).empty());
    QCOMPARE(reached, std::uint64_t{0});
  }

  void a_logger_writes_into_it() {
    auto ring = std::make_shared<LogRing>();
    spdlog::logger logger("test", log_ring_sink(ring, "engine"));
    logger.warn("disk {} % full", 93);
    logger.critical("no disk");
    const auto lines = ring->tail({}, 10);
    QCOMPARE(lines.size(), std::size_t{2});
    QCOMPARE(lines[0].level, std::string("warning"));
    QCOMPARE(lines[0].text, std::string("disk 93 % full"));
    QCOMPARE(lines[0].origin, std::string("engine"));
    QVERIFY(lines[0].at > 1'700'000'000'000'000);
    QCOMPARE(lines[1].level, std::string("error"));
  }
};

QTEST_APPLESS_MAIN(LogRingTest)
#include "log_ring_test.moc"
