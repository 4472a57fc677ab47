#include "base/log.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <QTest>

#include <sstream>

using namespace penstock;

class LogTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    written_.str("");
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(written_);
    sink->set_pattern("%l %v");
    kept_ = spdlog::default_logger();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  }
  void cleanup() { spdlog::set_default_logger(kept_); }

  void parts_stand_where_the_text_says() {
    log_warn("sink {} of {}: {} (try {})", std::string("a"), "b", std::string_view("c"), 3);
    QCOMPARE(QString::fromStdString(written_.str()), "warning sink a of b: c (try 3)\n");
  }

  void a_part_that_looks_like_a_place_is_written_as_it_is() {
    log_error("{}: {}", "{} and %v", "x");
    QCOMPARE(QString::fromStdString(written_.str()), "error {} and %v: x\n");
  }

  void levels_are_kept_and_what_is_below_is_not_written() {
    spdlog::default_logger()->set_level(spdlog::level::err);
    log_info("not {}", 1);
    log_error("this");
    QCOMPARE(QString::fromStdString(written_.str()), "error this\n");
  }

 private:
  std::ostringstream written_;
  std::shared_ptr<spdlog::logger> kept_;
};

QTEST_APPLESS_MAIN(LogTest)
#include "log_test.moc"
