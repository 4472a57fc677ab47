#include "store/text_search.h"

#include <algorithm>
#include <cstring>

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
  small_letters(part_);
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

// Eight places at once: those where the part's first and last letter stand are looked at. (Many short steps, as
// found_in() takes them for a short part, cost several times as much.)
std::size_t TextSearch::find_in_small(std::string_view text, std::size_t from) const {
  if (part_.empty()) return from <= text.size() ? from : std::string_view::npos;
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
  const std::size_t last = part_.size() - 1;
  const std::uint64_t firsts = kOnes * static_cast<unsigned char>(part_.front()), lasts = kOnes * static_cast<unsigned char>(part_.back());
  const auto stands_at = [&](std::size_t at) { return std::memcmp(text.data() + at, part_.data(), part_.size()) == 0; };
  std::size_t at = from;
  for (; at + last + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t begin = 0, end = 0;
    std::memcpy(&begin, text.data() + at, sizeof begin);
    std::memcpy(&end, text.data() + at + last, sizeof end);
    const std::uint64_t differs = (begin ^ firsts) | (end ^ lasts);      // a byte of zeros: both stand there
    if (((differs - kOnes) & ~differs & kTops) == 0) continue;
    for (std::size_t place = at; place < at + sizeof(std::uint64_t); ++place)
      if (stands_at(place)) return place;
  }
  for (; at + last < text.size(); ++at)
    if (stands_at(at)) return at;
  return std::string_view::npos;
}

void TextSearch::small_letters(std::string& text) {
  for (char& letter : text) letter = static_cast<char>(small(letter));
}

}  // namespace penstock
