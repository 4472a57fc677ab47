#include "connectors/delta/file_uri.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

namespace penstock::delta {
namespace {

bool is_plain(unsigned char c) {
  return std::isalnum(c) || std::string_view("-_.~/=:+,@").find(static_cast<char>(c)) != std::string_view::npos;
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string encode_path(std::string_view path) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(path.size());
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(byte)) {
      encoded.push_back(c);
    } else {
      encoded.push_back('%');
      encoded.push_back(kDigits[byte >> 4]);
      encoded.push_back(kDigits[byte & 15]);
    }
  }
  return encoded;
}

std::string decode_path(std::string_view path) {
  std::string decoded;
  decoded.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && i + 2 < path.size()) {
      const auto high = hex_digit(path[i + 1]);
      const auto low = hex_digit(path[i + 2]);
      if (high && low) {
        decoded.push_back(static_cast<char>(*high * 16 + *low));
        i += 2;
        continue;
      }
    }
    decoded.push_back(path[i]);
  }
  return decoded;
}

std::string_view uri_scheme(std::string_view path) {
  const auto colon = path.find("://");
  const auto plain = path.find(":/");
  const auto end = colon != std::string_view::npos ? colon : plain;
  if (end == std::string_view::npos || end == 0) return {};
  for (const char c : path.substr(0, end))
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '-' && c != '.') return {};
  return path.substr(0, end);
}

bool leaves_folder(std::string_view path) {
  const std::filesystem::path parts{std::string(path)};
  return path.empty() || parts.has_root_path() || std::find(parts.begin(), parts.end(), "..") != parts.end();
}

}  // namespace penstock::delta
