#pragma once

// Sales of the retail demo's tills, made from a seed, with faults among them, and the account of what was made: what a
// pipeline that neither loses nor doubles must come to.

#include <cstdint>
#include <cstdio>
#include <deque>
#include <random>
#include <string>

namespace penstock::test {

// What was produced; each record is counted in exactly one of the first five.
struct PosAccount {
  std::int64_t good = 0;
  std::int64_t duplicates = 0;       // of a good one that came shortly before
  std::int64_t broken = 0;           // JSON that ends too early
  std::int64_t unknown_stores = 0;
  std::int64_t without_quantity = 0; // qty 0
  std::int64_t units = 0;            // of the good ones
  std::int64_t cents = 0;            // Σ qty × unit_price of the good ones

  std::int64_t records() const { return good + duplicates + broken + unknown_stores + without_quantity; }
  std::int64_t quarantined() const { return unknown_stores + without_quantity; }
};

struct PosRecord {
  int partition = 0;                 // by store
  std::string value;
};

class PosFeed {
 public:
  static constexpr int kPartitions = 4;

  // `began`: the first sale's time in micros since 1970; one sale a millisecond.
  PosFeed(std::uint32_t seed, std::int64_t began) : random_(seed), began_(began) {}

  PosRecord next() {
    const std::int64_t number = account_.records();
    const std::uint32_t fate = pick(1000);
    if (fate < 10 && !recent_.empty()) {
      ++account_.duplicates;
      return recent_[pick(static_cast<std::uint32_t>(recent_.size()))];
    }
    const int store = fate >= 10 && fate < 20 ? 90 + static_cast<int>(pick(3)) : 1 + static_cast<int>(pick(40));
    const int quantity = fate >= 20 && fate < 25 ? 0 : 1 + static_cast<int>(pick(5));
    const int cents = 50 + static_cast<int>(pick(20'000));
    PosRecord record{store % kPartitions, text(number, store, quantity, cents)};
    if (fate >= 25 && fate < 30) {
      ++account_.broken;
      record.value.resize(record.value.size() / 2);
    } else if (store >= 90) {
      ++account_.unknown_stores;
    } else if (quantity == 0) {
      ++account_.without_quantity;
    } else {
      ++account_.good;
      account_.units += quantity;
      account_.cents += std::int64_t{quantity} * cents;
      recent_.push_back(record);
      if (recent_.size() > 500) recent_.pop_front();
    }
    return record;
  }

  const PosAccount& account() const { return account_; }

 private:
  // The same on every library, unlike the standard distributions.
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  std::string text(std::int64_t number, int store, int quantity, int cents) {
    char line[512];
    const int size = std::snprintf(
        line, sizeof line,
        "{\"event_id\":\"pos-%010lld\",\"store_id\":%d,\"register\":%d,\"cashier_id\":\"c-%03d\",\"sku\":\"sku-%04d\",\"qty\":%d,\"unit_price\":%d.%02d,"
        "\"discount\":0.0,\"currency\":\"GBP\",\"payment_method\":\"card\",\"customer_email\":\"buyer%d@example.com\",\"sold_at\":%lld}",
        static_cast<long long>(number), store, static_cast<int>(pick(8)), static_cast<int>(pick(200)), static_cast<int>(pick(60)), quantity, cents / 100,
        cents % 100, static_cast<int>(pick(5000)), static_cast<long long>(began_ + number * 1000));
    return {line, static_cast<std::size_t>(size)};
  }

  std::mt19937_64 random_;
  const std::int64_t began_;
  PosAccount account_;
  std::deque<PosRecord> recent_;
};

}  // namespace penstock::test
