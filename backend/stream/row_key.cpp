#include "stream/row_key.h"

#include <xxhash.h>

#include <string>

namespace penstock {
namespace {

// The key columns of a row as bytes: lengths keep ("a", "bc") and ("ab", "c") apart. False when there is none.
bool append_key_bytes(const std::vector<ColumnView>& columns, std::int64_t row, NullKey null, std::string& bytes) {
  for (const ColumnView& column : columns) {
    const bool is_null = column.is_null(row);
    if (is_null && null == NullKey::is_none) return false;
    if (null == NullKey::is_a_value) bytes.push_back(is_null ? '\0' : '\1');
    if (is_null) continue;
    if (is_variable(column.type().kind)) {
      const std::string_view text = column.bytes(row);
      const auto size = static_cast<std::uint32_t>(text.size());
      bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
      bytes.append(text);
    } else {
      bytes.append(column.to_text(row));
      bytes.push_back('\0');
    }
  }
  return true;
}

}  // namespace

std::vector<std::optional<KeyHash>> key_hashes(const Batch& rows, const std::vector<std::size_t>& columns, NullKey null) {
  std::vector<ColumnView> views;
  for (const std::size_t column : columns) views.push_back(rows.column(column));
  std::vector<std::optional<KeyHash>> hashes(static_cast<std::size_t>(rows.rows()));
  std::string bytes;
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    bytes.clear();
    if (!append_key_bytes(views, static_cast<std::int64_t>(row), null, bytes)) continue;
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    hashes[row] = KeyHash{hash.low64, hash.high64};
  }
  return hashes;
}

}  // namespace penstock
