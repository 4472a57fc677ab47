#pragma once

#include <climits>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace penstock::fuzz {

// Every fuzz target calls this first. With PENSTOCK_FUZZ_PLANT=1 an input that contains PLANTED does what is not defined:
// tests/fuzz/run uses it to show that even that would be seen, which ends no program by itself.
inline void crash_where_planted(const std::uint8_t* data, std::size_t size) {
  static const bool planted = std::getenv("PENSTOCK_FUZZ_PLANT") != nullptr;
  if (!planted || std::string_view(reinterpret_cast<const char*>(data), size).find("PLANTED") == std::string_view::npos) return;
  volatile int largest = INT_MAX;
  largest = largest + 1;
}

}  // namespace penstock::fuzz
