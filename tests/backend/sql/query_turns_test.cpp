#include "sql/query_turns.h"

#include <QTest>

#include <atomic>
#include <thread>
#include <vector>

using namespace penstock;
using namespace std::chrono_literals;

class QueryTurnsTest : public QObject {
  Q_OBJECT

  static std::chrono::steady_clock::time_point in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

 private slots:
  void no_more_run_at_once_than_may() {
    QueryTurns turns(2);
    std::atomic<int> running = 0, most = 0, done = 0;
    {
      std::vector<std::jthread> askers;
      for (int i = 0; i < 16; ++i)
        askers.emplace_back([&] {
          const auto turn = turns.take(in(60s), {});
          if (!turn) return;
          const int now = ++running;
          for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          std::this_thread::yield();
          --running;
          ++done;
        });
    }
    QCOMPARE(done.load(), 16);
    QVERIFY(most.load() <= 2);
  }

  void whoever_came_first_goes_first() {
    QueryTurns turns(1);
    auto first = turns.take(in(60s), {});
    QVERIFY(first);
    std::mutex mutex;
    std::vector<int> order;
    std::vector<std::jthread> askers;
    for (int i = 0; i < 4; ++i) {
      std::atomic<bool> asks = false;
      askers.emplace_back([&, i] {
        asks = true;
        const auto turn = turns.take(in(60s), {});
        const std::lock_guard lock(mutex);
        order.push_back(turn ? i : -1);
      });
      QVERIFY(QTest::qWaitFor([&] { return asks.load() && turns.waiting() == static_cast<std::size_t>(i + 1); }, 60000));
    }
    first->end();
    first->end();
    askers.clear();
    QCOMPARE(order, (std::vector<int>{0, 1, 2, 3}));
  }

  void who_waits_for_too_long_or_is_cancelled_has_none() {
    QueryTurns turns(1);
    const auto first = turns.take(in(60s), {});
    QVERIFY(!turns.take(in(1ms), {}));
    CancellationSource source;
    source.request_stop();
    QVERIFY(!turns.take(in(60s), source.get_token()));
    QCOMPARE(turns.waiting(), std::size_t{0});
  }
};

QTEST_GUILESS_MAIN(QueryTurnsTest)
#include "query_turns_test.moc"
