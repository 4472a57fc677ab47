#include "connectors/postgres/lsn.h"

#include <charconv>
#include <cstdio>

namespace penstock::postgres {

std::string lsn_text(Lsn lsn) {
  char text[32];
  std::snprintf(text, sizeof text, "%X/%X", static_cast<unsigned>(lsn >> 32), static_cast<unsigned>(lsn & 0xffffffffu));
  return text;
}

std::optional<Lsn> parse_lsn(std::string_view text) {
  std::uint32_t high = 0, low = 0;
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const char *middle = text.data() + slash, *end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), middle, high, 16), second = std::from_chars(middle + 1, end, low, 16);
  if (first.ec != std::errc() || first.ptr != middle || second.ec != std::errc() || second.ptr != end) return std::nullopt;
  return static_cast<Lsn>(high) << 32 | low;
}

}  // namespace penstock::postgres
