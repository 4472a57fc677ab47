#include "store/text_search.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr std::array<unsigned char, 256> kSmall = [] {
  std::array<unsigned char, 256> small{};
  for (int letter = 0; letter < 256; ++letter) small[letter] = static_cast<unsigned char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
  return small;
}();

unsigned char small(char letter) { return kSmall[static_cast<unsigned char>(letter)]; }

}  // namespace

TextSearch::TextSearch(std::string_view part) : part_(part) {
  for (char& letter : part_) letter = static_cast<char>(small(letter));
  steps_.fill(static_cast<std::uint8_t>(std::min<std::size_t>(std::max<std::size_t>(part_.size(), 1), 255)));
  for (std::size_t at = 0; at + 1 < part_.size(); ++at) {
    const auto step = static_cast<std::uint8_t>(std::min<std::size_t>(part_.size() - 1 - at, 255));
    for (int letter = 0; letter < 256; ++letter)
      if (kSmall[static_cast<std::size_t>(letter)] == static_cast<unsigned char>(part_[at])) steps_[static_cast<std::size_t>(letter)] = step;
  }
}

bool TextSearch::found_in(std::string_view text) const {
  if (part_.empty()) return true;
  const std::size_t last = part_.size() - 1;
  for (std::size_t at = 0; at + last < text.size(); at += steps_[static_cast<unsigned char>(text[at + last])]) {
    std::size_t left = part_.size();
    while (left > 0 && small(text[at + left - 1]) == static_cast<unsigned char>(part_[left - 1])) --left;
    if (left == 0) return true;
  }
  return false;
}

}  // namespace penstock
