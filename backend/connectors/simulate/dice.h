#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::simulate {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): every position gets a
// generator of its own, so that rows may be made in any order. The same numbers on every platform.
class Dice {
 public:
  explicit Dice(std::uint64_t state) : state_(state) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    return mix(state_);
  }
  // 0 … bound − 1; the bias of the remainder does not matter for made-up data.
  std::int64_t below(std::int64_t bound) { return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound)); }
  bool hit(double share) { return static_cast<double>(next() >> 11) * 0x1p-53 < share; }

  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }
  // FNV-1a.
  static std::uint64_t hash(std::string_view text) {
    std::uint64_t value = 0xcbf29ce484222325;
    for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return value;
  }

 private:
  std::uint64_t state_;
};

}  // namespace penstock::simulate
