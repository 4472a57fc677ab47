#include "connectors/odbc/odbc_text.h"

#include <cstdint>

namespace penstock::odbc {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// RFC 3629: the shortest form only, no halves of pairs, nothing above U+10FFFF.
char32_t take_utf8(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const unsigned first = byte(0);
  const std::size_t size = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  char32_t code = size == 1 ? first : size == 0 ? 0 : first & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      at += i;
      return kReplacement;
    }
    code = code << 6 | (byte(i) & 0x3F);
  }
  at += size == 0 ? 1 : size;
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (size == 0 || code < kLeast[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return kReplacement;
  return code;
}

void append_utf8(char32_t code, std::string& out) {
  const auto add = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) return add(0xC0 | code >> 6), add(0x80 | (code & 0x3F));
  if (code < 0x10000) return add(0xE0 | code >> 12), add(0x80 | (code >> 6 & 0x3F)), add(0x80 | (code & 0x3F));
  add(0xF0 | code >> 18), add(0x80 | (code >> 12 & 0x3F)), add(0x80 | (code >> 6 & 0x3F)), add(0x80 | (code & 0x3F));
}

}  // namespace

std::u16string to_utf16(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = take_utf8(text, at);
    if (code < 0x10000) {
      out += static_cast<char16_t>(code);
      continue;
    }
    out += static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
    out += static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
  }
  return out;
}

std::string to_utf8(std::u16string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char32_t code = text[i];
    if (code >= 0xD800 && code < 0xE000) {
      const bool is_pair = code < 0xDC00 && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000;
      code = is_pair ? 0x10000 + ((code - 0xD800) << 10) + (text[i + 1] - 0xDC00) : kReplacement;
      i += is_pair ? 1 : 0;
    }
    append_utf8(code, out);
  }
  return out;
}

}  // namespace penstock::odbc
