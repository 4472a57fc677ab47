#include "stream/key_places.h"

#include <QTest>

using namespace penstock;

class KeyPlacesTest : public QObject {
  Q_OBJECT

  using Keys = std::vector<std::optional<KeyHash>>;
  static KeyHash key(std::uint64_t number) { return {number, number * 0x9E3779B97F4A7C15u}; }

 private slots:
  void a_key_in_two_partitions_is_found() {
    KeyPlaces places;
    QVERIFY(!places.note(Keys{key(1), key(2), std::nullopt, key(1)}, {0, 1, 1, 0}));
    QVERIFY(!places.note(Keys{std::nullopt, key(2)}, {5, 1}));
    const auto stray = places.note(Keys{key(3), key(2), key(1)}, {2, 1, 4});
    QVERIFY(stray);
    QCOMPARE(stray->row, 2);
    QCOMPARE(stray->before, 0);
  }

  // Each of two million keys once in partition 0; then a few thousand of them in partition 1.
  void of_more_keys_than_it_holds_a_part_is_looked_at_everywhere() {
    KeyPlaces places;
    for (std::uint64_t first = 0; first < 2'000'000; first += 1000) {
      Keys keys;
      for (std::uint64_t number = first; number < first + 1000; ++number) keys.push_back(key(number));
      QVERIFY(!places.note(keys, std::vector<std::int32_t>(1000, 0)));
    }
    Keys again;
    for (std::uint64_t number = 1'000'000; number < 1'005'000; ++number) again.push_back(key(number));
    QVERIFY(!places.note(again, std::vector<std::int32_t>(5000, 0)));
    const auto stray = places.note(again, std::vector<std::int32_t>(5000, 1));
    QVERIFY(stray);
    QCOMPARE(stray->before, 0);
  }

  void the_first_error_stays_until_somebody_has_looked_at_it() {
    KeyPlaces places;
    QVERIFY(!places.note(Keys{key(1)}, {0}));
    places.stop(Error(ErrorKind::failed_precondition, "first"));
    places.stop(Error(ErrorKind::failed_precondition, "second"));
    QCOMPARE(places.stopped()->message, std::string("first"));
    places.forget_all();
    QVERIFY(!places.stopped());
    QVERIFY(!places.note(Keys{key(1)}, {7}));
  }
};

QTEST_GUILESS_MAIN(KeyPlacesTest)
#include "key_places_test.moc"
