#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock {

// Looks for one part in many texts; ASCII letters of either case are the same. (Horspool: what stands under the part's
// last letter says how far the next place is.) Thread-safe to use.
class TextSearch {
 public:
  explicit TextSearch(std::string_view part);

  bool found_in(std::string_view text) const;
  // The first place at or behind `from` in a long text that small_letters() has made; npos: nowhere.
  std::size_t find_in_small(std::string_view text, std::size_t from) const;

  static void small_letters(std::string& text);      // of A to Z

 private:
  std::string part_;                        // in small letters
  std::array<std::uint8_t, 256> steps_{};   // by the text's letter, at most 255
};

}  // namespace penstock
