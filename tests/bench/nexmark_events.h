#pragma once

// The events of Nexmark (https://github.com/nexmark/nexmark), seeded: of fifty, one is a person, three are auctions and the others
// bids; some auctions, bidders and sellers are hot. Event n happens n milliseconds after the first. An auction is open for at most
// kLongestAuctionMillis; some bids come for auctions that have ended. One file of JSON lines for each kind.

#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "base/clock.h"
#include "base/iso8601.h"

namespace penstock::bench {

inline constexpr std::int64_t kLongestAuctionMillis = 4000;
// Half a minute before midnight, so that there are two days.
inline constexpr std::int64_t kFirstEventMicros = 1'772'409'570'000'000;      // 2026-03-01T23:59:30Z

class NexmarkEvents {
 public:
  explicit NexmarkEvents(std::uint32_t seed) : random_(seed) {}

  // Writes `person/`, `auction/` and `bid/` below the folder, with one file each; files of before go.
  void write(const std::filesystem::path& folder, std::int64_t events) {
    std::array<std::ofstream, 3> files{open(folder / "person"), open(folder / "auction"), open(folder / "bid")};
    for (std::int64_t n = 0; n < events; ++n) {
      const std::int64_t of_fifty = n % 50;
      const std::string time = time_of(n);
      if (of_fifty == 0) person(files[0], time);
      else if (of_fifty < 4) auction(files[1], n, time);
      else bid(files[2], time);
    }
  }

 private:
  static constexpr std::int64_t kFirstId = 1000;

  static std::ofstream open(const std::filesystem::path& folder) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    return std::ofstream(folder / "events.json", std::ios::binary);
  }
  static std::string time_of(std::int64_t n) { return to_iso8601(from_micros(kFirstEventMicros + n * 1000)); }
  std::int64_t below(std::int64_t limit) { return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit)); }
  bool one_of(std::int64_t many) { return below(many) == 0; }
  // 100 to 100,000,000, each power of ten as often as the others.
  std::int64_t price() { return std::llround(std::pow(10.0, static_cast<double>(below(6'000'000)) / 1e6) * 100); }
  std::string letters(std::int64_t count) {
    std::string text;
    for (; count > 0; --count) text += static_cast<char>('a' + below(26));
    return text;
  }
  std::int64_t near_last(std::int64_t last, std::int64_t window) { return last - below(std::min(window, last - kFirstId + 1)); }
  // Three of four are the newest of a hundred.
  std::int64_t hot_or_near(std::int64_t last, std::int64_t hot_ratio, std::int64_t window) {
    return one_of(hot_ratio) ? near_last(last, window) : std::max(kFirstId, last / 100 * 100);
  }

  void person(std::ofstream& file, const std::string& time) {
    static constexpr std::array<const char*, 10> kCities{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"};
    static constexpr std::array<const char*, 6> kStates{"AZ", "CA", "ID", "OR", "WA", "WY"};
    ++last_person_;
    file << "{\"id\":" << last_person_ << ",\"name\":\"" << letters(6) << ' ' << letters(8) << "\",\"email\":\"" << letters(7) << "@example.com\",\"city\":\""
         << kCities[static_cast<std::size_t>(below(10))] << "\",\"state\":\"" << kStates[static_cast<std::size_t>(below(6))] << "\",\"date_time\":\"" << time << "\",\"extra\":\"" << letters(40) << "\"}\n";
  }

  void auction(std::ofstream& file, std::int64_t n, const std::string& time) {
    ++last_auction_;
    const std::int64_t initial = price();
    file << "{\"id\":" << last_auction_ << ",\"item_name\":\"" << letters(12) << "\",\"description\":\"" << letters(30) << "\",\"initial_bid\":" << initial << ",\"reserve\":" << initial + price()
         << ",\"date_time\":\"" << time << "\",\"expires\":\"" << time_of(n + 1 + below(kLongestAuctionMillis)) << "\",\"seller\":" << hot_or_near(last_person_, 4, 1000)
         << ",\"category\":" << 10 + below(5) << ",\"extra\":\"" << letters(40) << "\"}\n";
  }

  void bid(std::ofstream& file, const std::string& time) {
    static constexpr std::array<const char*, 4> kChannels{"Apple", "Google", "Facebook", "Baidu"};
    const char* channel = kChannels[static_cast<std::size_t>(below(4))];
    file << "{\"auction\":" << hot_or_near(last_auction_, 2, 100) << ",\"bidder\":" << hot_or_near(last_person_, 4, 1000) << ",\"price\":" << price() << ",\"channel\":\"" << channel
         << "\",\"url\":\"https://www.nexmark.com/" << letters(5) << "/item.htm\",\"date_time\":\"" << time << "\",\"extra\":\"" << letters(20) << "\"}\n";
  }

  std::mt19937_64 random_;
  std::int64_t last_person_ = kFirstId - 1;
  std::int64_t last_auction_ = kFirstId - 1;
};

}  // namespace penstock::bench
