#include "base/bounded_queue.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace penstock;
using namespace std::chrono_literals;

class BoundedQueueTest : public QObject {
  Q_OBJECT

  // What a consumer sees that takes its time over `count` items of `bytes` each, which a producer would push at once.
  struct Seen {
    std::size_t most_items = 0;
    std::size_t most_bytes = 0;
    std::vector<int> items;
  };
  static Seen run(BoundedQueue<int>& queue, int count, std::size_t bytes) {
    std::jthread producer([&] {
      for (int i = 0; i < count; ++i) queue.push(i, bytes);
    });
    Seen seen;
    while (static_cast<int>(seen.items.size()) < count) {
      seen.most_items = std::max(seen.most_items, queue.items());
      seen.most_bytes = std::max(seen.most_bytes, queue.bytes());
      std::this_thread::yield();
      if (const auto item = queue.pop(1s)) seen.items.push_back(*item);
    }
    return seen;
  }

 private slots:
  void a_full_queue_holds_its_producer_by_items() {
    BoundedQueue<int> queue(3, 1 << 20);
    const Seen seen = run(queue, 20'000, 1);
    QVERIFY(seen.most_items <= 3);
    QVERIFY(std::is_sorted(seen.items.begin(), seen.items.end()));
  }

  void a_full_queue_holds_its_producer_by_bytes() {
    BoundedQueue<int> queue(1'000'000, 100);
    const Seen seen = run(queue, 20'000, 30);
    QVERIFY(seen.most_bytes <= 100);
    QCOMPARE(seen.items.size(), 20'000u);
  }

  void an_item_that_is_larger_than_the_queue_passes_alone() {
    BoundedQueue<int> queue(10, 100);
    const Seen seen = run(queue, 1'000, 1'000);
    QVERIFY(seen.most_items <= 1);
    QCOMPARE(seen.items.size(), 1'000u);
  }

  void closed_it_refuses_producers_and_gives_what_is_left() {
    BoundedQueue<int> queue(1, 100);
    QVERIFY(queue.push(7, 1));
    std::atomic<bool> taken = true;
    std::jthread producer([&] { taken = queue.push(8, 1); });      // waits for room, or comes when it is closed
    queue.close();
    producer.join();
    QVERIFY(!taken);
    QCOMPARE(queue.pop(1h), std::optional<int>(7));
    QCOMPARE(queue.pop(1h), std::optional<int>());
  }

  void a_consumer_can_be_called_away() {
    BoundedQueue<int> queue(1, 100);
    queue.call();
    QCOMPARE(queue.pop(1h), std::optional<int>());
    std::jthread caller([&] { queue.call(); });
    QCOMPARE(queue.pop(1h), std::optional<int>());
  }
};

QTEST_APPLESS_MAIN(BoundedQueueTest)
#include "bounded_queue_test.moc"
