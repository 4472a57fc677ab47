#include "sql/utf8_bounds.h"

#include <vector>

namespace penstock {
namespace {

constexpr char32_t kLast = 0x10FFFF;
constexpr char32_t kFirstSurrogate = 0xD800, kAfterSurrogates = 0xE000;

// The first `most` code points; nothing when they are not UTF-8.
std::optional<std::u32string> decode(std::string_view text, std::size_t most) {
  std::u32string points;
  for (std::size_t at = 0; at < text.size() && points.size() < most;) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || at + length > text.size()) return std::nullopt;
    char32_t point = length == 1 ? lead : lead & (0x7F >> length);
    for (std::size_t next = 1; next < length; ++next) {
      const auto byte = static_cast<unsigned char>(text[at + next]);
      if ((byte & 0xC0) != 0x80) return std::nullopt;
      point = point << 6 | (byte & 0x3F);
    }
    points += point;
    at += length;
  }
  return points;
}

std::string encode(std::u32string_view points) {
  std::string text;
  for (const char32_t point : points) {
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
    } else if (point < 0x10000) {
      text += {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3F)), static_cast<char>(0x80 | (point & 0x3F))};
    } else {
      text += {static_cast<char>(0xF0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 0x3F)),
               static_cast<char>(0x80 | (point >> 6 & 0x3F)), static_cast<char>(0x80 | (point & 0x3F))};
    }
  }
  return text;
}

}  // namespace

std::optional<std::string> lower_bound_of(std::string_view text, std::size_t characters) {
  const auto points = decode(text, characters);
  return points ? std::optional(encode(*points)) : std::nullopt;
}

std::optional<std::string> upper_bound_of(std::string_view text, std::size_t characters) {
  auto points = decode(text, characters);
  if (!points) return std::nullopt;
  std::string whole = encode(*points);
  if (whole.size() == text.size()) return whole;
  // The smallest text that is above everything that begins so.
  while (!points->empty() && points->back() == kLast) points->pop_back();
  if (points->empty()) return std::nullopt;
  ++points->back();
  if (points->back() == kFirstSurrogate) points->back() = kAfterSurrogates;
  return encode(*points);
}

}  // namespace penstock
