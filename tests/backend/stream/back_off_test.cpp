#include "stream/back_off.h"

#include <QTest>

#include <set>

using namespace penstock;
using namespace std::chrono_literals;

class BackOffTest : public QObject {
  Q_OBJECT

 private slots:
  void each_wait_is_about_twice_the_one_before_with_half_of_it_chance() {
    BackOff back_off(200ms, 30s);
    auto whole = 200ms;
    for (int failure = 0; failure < 12; ++failure) {
      const auto wait = back_off.next();
      QVERIFY2(wait >= whole / 2 && wait <= whole, qPrintable(QString::number(wait.count())));
      whole = std::min<std::chrono::milliseconds>(30s, whole * 2);
    }
    back_off.reset();
    QVERIFY(back_off.next() <= 200ms);
  }

  void many_do_not_come_back_at_the_same_moment() {
    std::set<std::int64_t> waits;
    for (int i = 0; i < 50; ++i) waits.insert(BackOff(10s, 30s).next().count());
    QVERIFY(waits.size() > 10);
  }

  void a_wait_ends_when_it_is_cancelled() {
    std::stop_source stop;
    stop.request_stop();
    BackOff(1h, 1h).wait(stop.get_token());
  }
};

QTEST_APPLESS_MAIN(BackOffTest)
#include "back_off_test.moc"
