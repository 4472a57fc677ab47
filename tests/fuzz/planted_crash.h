#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace penstock::fuzz {

// Every fuzz target calls this first. With PENSTOCK_FUZZ_PLANT=1 an input that contains PLANTED crashes: tests/fuzz/run
// uses it to show that a crash of this program would be seen.
inline void crash_where_planted(const std::uint8_t* data, std::size_t size) {
  static const bool planted = std::getenv("PENSTOCK_FUZZ_PLANT") != nullptr;
  if (planted && std::string_view(reinterpret_cast<const char*>(data), size).find("PLANTED") != std::string_view::npos) __builtin_trap();
}

}  // namespace penstock::fuzz
