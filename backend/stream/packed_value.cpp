#include "stream/packed_value.h"

#include <lz4.h>

#include <cstdint>
#include <cstring>

namespace penstock {
namespace {

constexpr std::string_view kMagic = "\xB7LZ4";
constexpr std::size_t kHeader = kMagic.size() + sizeof(std::uint32_t);
constexpr std::size_t kMinBytes = 1024;      // less is not worth the time
// LZ4 makes 255 bytes of one at most. A length that is greater is damage, and would be asked of the memory.
constexpr std::size_t kMaxRatio = 255;

bool is_packed(std::string_view stored) { return stored.size() > kHeader && stored.starts_with(kMagic); }

}  // namespace

std::string_view pack_value(std::string_view value, std::string& buffer) {
  const bool mistakable = is_packed(value);
  if ((value.size() < kMinBytes && !mistakable) || value.size() > LZ4_MAX_INPUT_SIZE) return value;
  const auto size = static_cast<std::uint32_t>(value.size());
  buffer.resize(kHeader + static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(size))));
  const int packed = LZ4_compress_default(value.data(), buffer.data() + kHeader, static_cast<int>(size), static_cast<int>(buffer.size() - kHeader));
  const std::size_t stored = kHeader + static_cast<std::size_t>(packed);
  if (packed <= 0 || (stored > value.size() - value.size() / 8 && !mistakable)) return value;
  std::memcpy(buffer.data(), kMagic.data(), kMagic.size());
  for (std::size_t i = 0; i < sizeof size; ++i) buffer[kMagic.size() + i] = static_cast<char>(size >> (8 * i));
  return std::string_view(buffer).substr(0, stored);
}

std::optional<std::string_view> unpack_value(std::string_view stored, std::string& buffer) {
  if (!is_packed(stored)) return stored;
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < sizeof size; ++i) size |= std::uint32_t{static_cast<unsigned char>(stored[kMagic.size() + i])} << (8 * i);
  stored.remove_prefix(kHeader);
  if (size / kMaxRatio > stored.size()) return std::nullopt;
  buffer.resize(size);
  const int made = LZ4_decompress_safe(stored.data(), buffer.data(), static_cast<int>(stored.size()), static_cast<int>(size));
  if (made < 0 || static_cast<std::uint32_t>(made) != size) return std::nullopt;
  return std::string_view(buffer);
}

}  // namespace penstock
