#include "io/scalar_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace penstock {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// value * 10 + digit; false when it leaves 127 bits.
bool shift_in(Int128& value, unsigned digit) {
  // Long multiplication over 32-bit limbs, because not every compiler has a 128-bit integer.
  std::uint64_t carry = digit;
  std::array<std::uint64_t, 4> limbs = {value.low & 0xffffffff, value.low >> 32, static_cast<std::uint64_t>(value.high) & 0xffffffff,
                                        static_cast<std::uint64_t>(value.high) >> 32};
  for (std::uint64_t& limb : limbs) {
    carry += limb * 10;
    limb = carry & 0xffffffff;
    carry >>= 32;
  }
  value.low = limbs[0] | limbs[1] << 32;
  value.high = static_cast<std::int64_t>(limbs[2] | limbs[3] << 32);
  return carry == 0 && value.high >= 0;
}

Int128 negated(Int128 value) {
  const std::uint64_t low = ~value.low + 1;
  return {low, static_cast<std::int64_t>(~static_cast<std::uint64_t>(value.high) + (low == 0 ? 1 : 0))};
}

constexpr std::array<std::int64_t, 19> kPowers = [] {
  std::array<std::int64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// The common case: an optional sign, up to 17 digits, a point, no more decimals than the scale. False: look closer.
bool parse_short_decimal(std::string_view text, Type type, Int128& value) {
  const bool negative = !text.empty() && text[0] == '-';
  std::size_t at = negative ? 1 : 0;
  if (text.size() - at > 17 || at >= text.size() || !is_digit(text[at])) return false;
  if (text[at] == '0' && at + 1 < text.size() && text[at + 1] != '.') return false;
  std::int64_t unscaled = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) unscaled = unscaled * 10 + (text[at] - '0');
  int missing = type.scale;
  if (at < text.size()) {
    if (text[at++] != '.' || at == text.size()) return false;
    for (; at < text.size() && is_digit(text[at]); ++at, --missing) unscaled = unscaled * 10 + (text[at] - '0');
    if (at != text.size()) return false;
  }
  if (missing < 0) return false;
  for (; missing > 0; --missing) {
    if (unscaled >= kPowers[17]) return false;
    unscaled *= 10;
  }
  if (unscaled >= kPowers[std::min<std::size_t>(type.precision, 18)]) return false;
  if (negative) unscaled = -unscaled;
  value = {static_cast<std::uint64_t>(unscaled), unscaled < 0 ? -1 : 0};
  return true;
}

// How much of the text is UTF-8 (RFC 3629) from its beginning on.
std::size_t valid_size(std::string_view text) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
  for (std::size_t at = 0; at < text.size();) {
    // Most text is ASCII: eight characters at once.
    std::uint64_t eight = 0;
    if (at + 8 <= text.size() && (std::memcpy(&eight, text.data() + at, 8), (eight & 0x8080808080808080) == 0)) {
      at += 8;
      continue;
    }
    const unsigned lead = byte(at);
    const std::size_t size = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    if (size == 0) return at;
    for (std::size_t i = 1; i < size; ++i)
      if ((byte(at + i) & 0xc0) != 0x80) return at;
    const unsigned second = byte(at + 1);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return at;
    at += size;
  }
  return text.size();
}

}  // namespace

bool is_json_number(std::string_view text) {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  if (at >= text.size() || !is_digit(text[at])) return false;
  at = text[at] == '0' ? at + 1 : skip_digits(text, at);
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip_digits(text, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t end = skip_digits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

DecimalFault parse_decimal(std::string_view text, Type type, Int128& value) {
  if (parse_short_decimal(text, type, value)) return DecimalFault::none;
  if (!is_json_number(text)) return DecimalFault::not_a_number;
  const bool negative = text[0] == '-';
  const std::size_t exponent_at = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, exponent_at);
  int exponent = 0;
  if (exponent_at != std::string_view::npos) {
    std::string_view digits = text.substr(exponent_at + 1);
    if (digits.front() == '+') digits.remove_prefix(1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc{} || exponent > 100 || exponent < -100)
      return DecimalFault::too_many_digits;
  }
  const std::size_t point = mantissa.find('.');
  const int fraction = point == std::string_view::npos ? 0 : static_cast<int>(mantissa.size() - point - 1);
  // Digits to keep, counted from the first: those beyond the scale must be zeros.
  int surplus = fraction - exponent - type.scale;
  std::string digits;
  for (const char c : mantissa)
    if (is_digit(c)) digits += c;
  for (; surplus > 0; --surplus) {
    if (digits.empty()) break;
    if (digits.back() != '0') return DecimalFault::too_many_decimals;
    digits.pop_back();
  }
  const std::size_t first = digits.find_first_not_of('0');
  digits = first == std::string::npos ? std::string() : digits.substr(first);
  if (!digits.empty()) digits.append(static_cast<std::size_t>(-std::min(surplus, 0)), '0');
  if (digits.size() > type.precision) return DecimalFault::too_many_digits;
  value = {};
  for (const char c : digits)
    if (!shift_in(value, static_cast<unsigned>(c - '0'))) return DecimalFault::too_many_digits;
  if (negative) value = negated(value);
  return DecimalFault::none;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || rest != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t bits = 0;
    int padding = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const char c = text[at + i];
      std::uint32_t six = 0;
      if (c >= 'A' && c <= 'Z') six = static_cast<std::uint32_t>(c - 'A');
      else if (c >= 'a' && c <= 'z') six = static_cast<std::uint32_t>(c - 'a' + 26);
      else if (is_digit(c)) six = static_cast<std::uint32_t>(c - '0' + 52);
      else if (c == '+') six = 62;
      else if (c == '/') six = 63;
      else if (c == '=' && at + 4 == text.size() && i >= 2) ++padding;
      else return std::nullopt;
      if (padding > 0 && c != '=') return std::nullopt;
      bits = bits << 6 | six;
    }
    for (int i = 0; i < 3 - padding; ++i) out += static_cast<char>(bits >> (16 - 8 * i) & 0xff);
  }
  return out;
}

bool is_utf8(std::string_view text) { return valid_size(text) == text.size(); }

std::string utf8_text(std::string text) {
  std::size_t valid = valid_size(text);
  if (valid == text.size()) return text;
  std::string out;
  for (std::string_view rest = text;; valid = valid_size(rest)) {
    out += rest.substr(0, valid);
    if (valid == rest.size()) return out;
    out += "\uFFFD";
    rest.remove_prefix(valid + 1);
  }
}

std::string shortened(std::string_view value) {
  constexpr std::size_t kMost = 40;
  std::size_t size = std::min(value.size(), kMost);
  // Not in the middle of a UTF-8 character.
  while (size < value.size() && size > 0 && (static_cast<unsigned char>(value[size]) & 0xc0) == 0x80) --size;
  std::string out;
  for (const char c : value.substr(0, size)) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  out = utf8_text(std::move(out));
  if (size < value.size()) out += "…";
  return out;
}

std::string expectation_of(Type type) {
  switch (type.kind) {
    case TypeKind::boolean: return "true or false";
    case TypeKind::int32: return "a whole number of 32 bits";
    case TypeKind::int64: return "a whole number";
    case TypeKind::float64: return "a number";
    case TypeKind::decimal:
      return "a number of at most " + std::to_string(type.precision - type.scale) + " digits before and " + std::to_string(type.scale) +
             " after the point";
    case TypeKind::varchar: return "text";
    case TypeKind::json: return "JSON";
    case TypeKind::blob: return "bytes as text";
    case TypeKind::date: return "a date like 2026-11-20";
    case TypeKind::timestamp: return "a time with a zone like 2026-11-20T14:32:07Z";
  }
  return {};
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (i == 8 || i == 13 || i == 18 || i == 23 ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace penstock
